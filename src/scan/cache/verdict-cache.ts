// What a scan of one image found, masked and not judged: at the next start of the image it is judged anew, and nothing of it is read.
import type { Digest } from '../../model/digest.ts';
import type { ScannedStore } from '../scan.ts';
import type { CacheFolder } from './cache-folder.ts';
import { cacheKey, type ScanTerms } from './cache-key.ts';
import { bytesOfReport, reportIn, type UnjudgedReport } from './kept-report.ts';

/** The image that a verdict is about. */
export interface VerdictSubject {
  readonly manifestDigest: Digest;
  readonly configDigest: Digest;
}

/** To be counted up with every change of what is written. */
const form = 1;

export class VerdictCache {
  readonly #folder: CacheFolder;
  readonly #terms: ScanTerms;

  constructor(folder: CacheFolder, terms: ScanTerms) {
    this.#folder = folder;
    this.#terms = terms;
  }

  /** The report as the scan gave it, its secrets without values. */
  async get(subject: VerdictSubject): Promise<UnjudgedReport | undefined> {
    const bytes = await this.#folder.read('verdict', this.#keyOf(subject));
    if (bytes === undefined) return undefined;
    try {
      const report = await reportIn(bytes);
      return report.images[0]?.manifestDigest === subject.manifestDigest ? report : undefined;
    } catch {
      return undefined;
    }
  }

  /** Keeps the report of a scan of this image alone, if it may be kept. */
  async put(subject: VerdictSubject, scanned: Pick<ScannedStore, 'report' | 'holdsValue'>): Promise<void> {
    const bytes = await bytesOfReport(scanned);
    if (bytes !== undefined) await this.#folder.write('verdict', this.#keyOf(subject), bytes);
  }

  #keyOf({ manifestDigest, configDigest }: VerdictSubject): string {
    return cacheKey(form, [manifestDigest, configDigest], this.#terms);
  }
}
