// Scans with and without a cache, and a look at all that a cache has written.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import type { Digest } from '../../../src/model/digest.ts';
import type { Image, Layer, OpenedStore } from '../../../src/model/image.ts';
import { defaultLimits } from '../../../src/model/limits.ts';
import { parseReference } from '../../../src/model/reference.ts';
import type { Report } from '../../../src/model/report.ts';
import { judge } from '../../../src/judge/judge.ts';
import { reporterFor } from '../../../src/report/format.ts';
import { CacheFolder } from '../../../src/scan/cache/cache-folder.ts';
import type { ScanTerms } from '../../../src/scan/cache/cache-key.ts';
import { layerCache } from '../../../src/scan/cache/layer-cache.ts';
import type { LayerScanCache } from '../../../src/scan/cache/layer-scan-cache.ts';
import { keyOf, unseal } from '../../../src/scan/cache/sealed.ts';
import { type ScannedStore, type ScanOptions, scanStore } from '../../../src/scan/scan.ts';
import { openStore } from '../../../src/store/open.ts';
import { packagedRuleset } from '../../clean/cleaning.ts';
import { created } from '../../support/image.ts';

export const terms: ScanTerms = { ruleset: 'the packaged ones', limits: defaultLimits, version: '0.0.0' };

/** A cache that tells which layers it knew. */
export function countingCache(
  folder: string,
  changes: Partial<ScanTerms> = {},
): LayerScanCache & { readonly known: Digest[]; readonly unknown: Digest[] } {
  const cache = layerCache(new CacheFolder(folder), { ...terms, ...changes });
  const known: Digest[] = [];
  const unknown: Digest[] = [];
  return {
    known,
    unknown,
    async get(layer: Layer) {
      const scan = await cache.get(layer);
      (scan === undefined ? unknown : known).push(layer.announced.digest!);
      return scan;
    },
    put: (layer, scan, holdsValue) => cache.put(layer, scan, holdsValue),
  };
}

export async function withStore<T>(reference: string, work: (store: OpenedStore) => Promise<T>): Promise<T> {
  const store = await openStore(parseReference(reference), { platform: 'all', limits: defaultLimits });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

export async function scanned(reference: string, changes: Partial<ScanOptions> = {}): Promise<ScannedStore> {
  const ruleset = await packagedRuleset();
  return withStore(reference, (store) =>
    scanStore(store, reference, { ruleset, limits: defaultLimits, platform: 'all', version: '0.0.0', ...changes }),
  );
}

/** Every report format, without the times. */
export async function inAllFormats({ report }: ScannedStore): Promise<Record<string, string>> {
  const timeless: Report = judge({ ...report, startedAt: created, finishedAt: created }, { failOn: 'low', now: new Date(0) });
  const all: Record<string, string> = {};
  for (const format of ['json', 'text', 'sarif'] as const) {
    const reporter = await reporterFor(format);
    all[format] = [...reporter(timeless, { showSecrets: false, showSuppressed: true, colorLevel: 0 })].join('');
  }
  return all;
}

/** All that lies in the folder, as it lies there and, where a layer of the images opens it, as it was before it was sealed. */
export async function written(
  folder: string,
  images: readonly Image[],
): Promise<{ readonly raw: readonly Buffer[]; readonly opened: readonly Buffer[] }> {
  const raw = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
  const keys = await Promise.all(images.flatMap(({ layers }) => layers.map(({ announced, blob }) => keyOf(announced.digest!, blob))));
  const opened = raw.flatMap((bytes) => {
    // A checksum stands before it.
    const content = bytes.subarray(32);
    return [content, ...keys.flatMap((key) => attempt(() => unseal(content, key)))].flatMap((each) => attempt(() => zstdDecompressSync(each)));
  });
  return { raw, opened };
}

function attempt<T>(work: () => T): T[] {
  try {
    return [work()];
  } catch {
    return [];
  }
}

/** Every spelling of the value that a plain search would look for. */
export function spellingsOf(value: string): Buffer[] {
  const bytes = Buffer.from(value);
  // In base64 a text may begin at each of three places; its first and last digits belong to its neighbours too.
  const base64 = [0, 1, 2].map((before) => {
    const digits = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    return digits.slice(before === 0 ? 0 : before + 1, -1);
  });
  const spellings = [
    value,
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  ];
  return [...spellings.map((text) => Buffer.from(text)), Buffer.from(value, 'utf16le')];
}
