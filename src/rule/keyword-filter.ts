// Finds every keyword of every rule in raw bytes, before any rule runs. The search itself is that of core/sieve.ts; here it is told
// what the keywords are, and whose.
import { Sieve } from '../core/sieve.ts';
import type { Detector } from '../model/rule.ts';

export interface Keyword {
  /** In lower case, unless it is exact. */
  readonly bytes: Buffer;
  readonly isExact: boolean;
  /** Indices of the detectors that have it. */
  readonly detectors: readonly number[];
}

const shortest = 3;

const built = new WeakMap<readonly Detector[], KeywordFilter>();

/** The filter of these detectors, built once. */
export function keywordFilterFor(detectors: readonly Detector[]): KeywordFilter {
  let filter = built.get(detectors);
  if (filter === undefined) built.set(detectors, (filter = new KeywordFilter(detectors)));
  return filter;
}

export class KeywordFilter {
  /** By id, which is what a Sieve calls them. */
  readonly keywords: readonly Keyword[];
  /** Bytes of the longest keyword: a search that goes on must begin this many less one before the new bytes. */
  readonly longest: number;
  /** Detectors without keywords: they see every text. */
  readonly unconditional: readonly number[];

  /** Throws RangeError for a keyword of less than three bytes. */
  constructor(detectors: readonly Detector[]) {
    const keywords = new Map<string, Keyword & { readonly detectors: number[] }>();
    for (const [index, detector] of detectors.entries()) {
      for (const keyword of detector.keywords) {
        const known = keywords.get(keyword) ?? { bytes: Buffer.from(keyword), isExact: /[A-Z]/.test(keyword), detectors: [] };
        if (!known.detectors.includes(index)) known.detectors.push(index);
        keywords.set(keyword, known);
      }
    }
    this.keywords = [...keywords.values()];
    this.longest = this.keywords.reduce((longest, { bytes }) => Math.max(longest, bytes.length), shortest);
    this.unconditional = [...detectors.keys()].filter((index) => detectors[index].keywords.length === 0);
    const tooShort = this.keywords.find(({ bytes }) => bytes.length < shortest);
    if (tooShort !== undefined) throw new RangeError(`keyword shorter than ${shortest} bytes: ${tooShort.bytes.toString()}`);
  }

  /** A new Sieve for these keywords: for a caller that holds its text in it. Its tables are built once and take half a megabyte. */
  sieve(): Sieve {
    return new Sieve(this.keywords);
  }
}
