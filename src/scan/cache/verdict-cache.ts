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

export interface VerdictCache {
  /** The report as the scan gave it, its secrets without values. */
  get(subject: VerdictSubject): Promise<UnjudgedReport | undefined>;
  /** Keeps the report of a scan of this image alone, if it may be kept. */
  put(subject: VerdictSubject, scanned: Pick<ScannedStore, 'report' | 'holdsValue'>): Promise<void>;
}

/** To be counted up with every change of what is written. */
const form = 1;

export function verdictCache(folder: CacheFolder, terms: ScanTerms): VerdictCache {
  const keyOf = ({ manifestDigest, configDigest }: VerdictSubject) => cacheKey(form, [manifestDigest, configDigest], terms);
  return {
    async get(subject) {
      const bytes = await folder.read('verdict', keyOf(subject));
      if (bytes === undefined) return undefined;
      try {
        const report = await reportIn(bytes);
        return report.images[0]?.manifestDigest === subject.manifestDigest ? report : undefined;
      } catch {
        // Not written by us: the image is scanned.
        return undefined;
      }
    },
    async put(subject, scanned) {
      const bytes = await bytesOfReport(scanned);
      if (bytes !== undefined) await folder.write('verdict', keyOf(subject), bytes);
    },
  };
}
