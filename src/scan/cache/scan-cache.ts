// All that `unbake scan` keeps from one run to the next, and a scan that makes use of it. Rules are loaded only when something has to be
// searched with them.
import type { OpenedStore } from '../../model/image.ts';
import type { Ruleset } from '../../model/rule.ts';
import { parseReference } from '../../model/reference.ts';
import { openStore } from '../../store/open.ts';
import type { Scanned } from '../scan.ts';
import type { ScanOptions } from '../scan-options.ts';
import type { CacheFolder } from './cache-folder.ts';
import { cacheKey, type ScanTerms } from './cache-key.ts';
import { layerCache } from './layer-cache.ts';
import type { LayerScanCache } from './layer-scan-cache.ts';
import { ReportCache } from './report-cache.ts';

/** To be counted up with every change of what is written. */
const form = 1;

export interface ScanCacheUse {
  /** What is kept holds no values: where they are needed it is not read, and what is found is kept all the same. */
  readonly needsValues: boolean;
  /** Layers that are known are hashed. Otherwise the digest that is announced of one, its size and 8 KiB of it are taken for proof. */
  readonly verifies: boolean;
}

export type CachedScanOptions = Omit<ScanOptions, 'ruleset' | 'cache' | 'isVerified' | 'known'>;

export class ScanCache {
  readonly #folder: CacheFolder;
  readonly #terms: ScanTerms;
  readonly #use: ScanCacheUse;

  /** `terms` are those of every scan that is made with it. */
  constructor(folder: CacheFolder, terms: ScanTerms, use: ScanCacheUse) {
    this.#folder = folder;
    this.#terms = terms;
    this.#use = use;
  }

  /** Whether `load` gives these rules, or complains: as `terms` name them, they were loaded before. Otherwise loads them. */
  async assertRules(load: () => Promise<Ruleset>): Promise<void> {
    const key = cacheKey(form, ['rules'], this.#terms);
    if ((await this.#folder.read('rules', key)) !== undefined) return;
    await load();
    await this.#folder.write('rules', key, Buffer.alloc(0));
  }

  /** `scan` of the reference: the same report, but for its times. `load` is called once, or not at all. */
  async scan(reference: string, options: CachedScanOptions, load: () => Promise<Ruleset>): Promise<Scanned> {
    const startedAt = new Date().toISOString();
    const store = await openStore(parseReference(reference), options);
    try {
      const { needsValues, verifies } = this.#use;
      const reports = new ReportCache(this.#folder, this.#terms);
      // The base is one more image to read.
      const isWhole = options.base === undefined;
      const kept = isWhole && !needsValues && !verifies ? await reports.get({ store, reference }) : undefined;
      if (kept !== undefined) return { report: { ...kept, startedAt, finishedAt: new Date().toISOString() } };
      const scanned = await this.#search(store, reference, options, await load());
      if (isWhole) await reports.put({ store, reference }, scanned);
      const { report, problem } = scanned;
      return { report, ...(problem === undefined ? {} : { problem }) };
    } finally {
      await store.close();
    }
  }

  async #search(store: OpenedStore, reference: string, options: CachedScanOptions, ruleset: Ruleset) {
    const { scanStore } = await import('../scan.ts');
    return scanStore(store, reference, { ...options, ruleset, cache: this.#layers(), ...(this.#use.verifies ? {} : { isVerified: true }) });
  }

  #layers(): LayerScanCache {
    const cache = layerCache(this.#folder, this.#terms);
    return this.#use.needsValues ? { get: async () => undefined, put: (...kept) => cache.put(...kept) } : cache;
  }
}
