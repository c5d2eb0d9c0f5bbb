// Finds every keyword of every rule in raw bytes, before any rule runs. The search itself is that of core/sieve.ts; here it is told
// what the keywords are, and whose. Who holds a long text holds it in a Sieve of its own; others have their bytes copied into one.
import { Sieve } from '../core/sieve.ts';
import type { Detector } from '../model/rule.ts';

export interface KeywordHit {
  /** Offset of the keyword in the bytes that were searched. */
  readonly start: number;
  readonly end: number;
  /** Indices of the detectors that have this keyword. */
  readonly detectors: readonly number[];
}

export interface Keyword {
  /** In lower case, unless it is exact. */
  readonly bytes: Buffer;
  readonly isExact: boolean;
  /** Indices of the detectors that have it. */
  readonly detectors: readonly number[];
}

const shortest = 3;
/** Bytes that are copied and searched at a time. */
const pieceSize = 64 * 1024;

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
  #shared: Sieve | undefined;

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

  /** All keywords that begin at or behind `from` and end at or before `to`, in the order of their starts, then of their ids. */
  search(bytes: Uint8Array, from: number, to: number): KeywordHit[] {
    const hits: KeywordHit[] = [];
    this.#visit(bytes, from, to, (start, id) => {
      const { bytes: keyword, detectors } = this.keywords[id];
      hits.push({ start, end: start + keyword.length, detectors });
    });
    return hits;
  }

  /** The detectors that have a keyword in these bytes, and those that have none anywhere. */
  detectorsIn(bytes: Uint8Array): readonly number[] {
    const detectors = new Set(this.unconditional);
    const seen = new Set<number>();
    this.#visit(bytes, 0, bytes.length, (_, id) => {
      if (seen.has(id)) return;
      seen.add(id);
      for (const detector of this.keywords[id].detectors) detectors.add(detector);
    });
    return [...detectors];
  }

  #visit(bytes: Uint8Array, from: number, to: number, visit: (start: number, id: number) => void): void {
    const sieve = (this.#shared ??= this.sieve());
    // A piece ends with what a keyword may need that begins in it; what begins there belongs to the next one.
    sieve.reserve(pieceSize + this.longest);
    for (let at = from; at < to; at += pieceSize) {
      const end = Math.min(to, at + pieceSize + this.longest - 1);
      sieve.text.set(bytes.subarray(at, end));
      const found = sieve.search(0, end - at);
      for (let index = 0; index < found.length && found[index] < pieceSize; index += 2) visit(at + found[index], found[index + 1]);
    }
  }
}
