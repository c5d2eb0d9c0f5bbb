// Whether a scan may use the cache of the user, and what is said when it cannot.
import { rulesetDigestOf } from '../rule/ruleset-digest.ts';
import { CacheFolder, cacheFolderPath } from '../scan/cache/cache-folder.ts';
import { ScanCache } from '../scan/cache/scan-cache.ts';
import type { Terms } from './settings.ts';

export interface CacheFlags {
  /** False for `--no-cache`. */
  readonly cache: boolean;
  readonly verify?: true;
  /** What is kept holds no values. */
  readonly showSecrets?: true;
}

/** Undefined without a cache: with `--no-cache`, and with rules that are code. `onTrouble` is told once why nothing can be kept. */
export async function scanCacheFor(
  { cache, verify, showSecrets }: CacheFlags,
  { scanning }: Terms,
  version: string,
  onTrouble: (sentence: string) => void,
): Promise<ScanCache | undefined> {
  const ruleset = cache ? await rulesetDigestOf(scanning.rulesetOptions) : undefined;
  if (ruleset === undefined) return undefined;
  const { limits, fingerprintKey } = scanning;
  const terms = { ruleset, limits, version, ...(fingerprintKey === undefined ? {} : { fingerprintKey }) };
  return new ScanCache(new CacheFolder(cacheFolderPath(), { onTrouble }), terms, { needsValues: showSecrets === true, verifies: verify === true });
}
