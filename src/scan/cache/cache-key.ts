// What a kept scan depends on beside the image: with any of it another, it is another scan.
import { createHash } from 'node:crypto';
import type { Limits } from '../../model/limits.ts';

export interface ScanTerms {
  /** See `rulesetDigestOf`. */
  readonly ruleset: string;
  readonly limits: Limits;
  readonly fingerprintKey?: string;
  /** Of unbake: its checks are code. */
  readonly version: string;
}

/** A text that is the same for the same scan: `subject` is what was scanned, `form` the version of what is written. */
export function cacheKey(form: number, subject: readonly string[], { ruleset, limits, fingerprintKey, version }: ScanTerms): string {
  const hashedKey = fingerprintKey === undefined ? '' : createHash('sha256').update(`unbake cache\n${fingerprintKey}`).digest('hex');
  return JSON.stringify([form, subject, ruleset, Object.entries(limits).sort(), hashedKey, version]);
}
