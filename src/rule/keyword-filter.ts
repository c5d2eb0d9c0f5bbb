// Finds every keyword of every rule in raw bytes, before any rule runs: a table of hashed three-byte sequences says where one may
// stand, a comparison says whether it does. What holds no keyword costs one table look a byte.
import type { Detector } from '../model/rule.ts';

export interface KeywordHit {
  /** Offset of the keyword in the bytes that were searched. */
  readonly start: number;
  readonly end: number;
  /** Indices of the detectors that have this keyword. */
  readonly detectors: readonly number[];
}

interface Keyword {
  /** In lower case, unless it is exact. */
  readonly bytes: Buffer;
  readonly isExact: boolean;
  readonly detectors: number[];
}

const shortest = 3;
const tableBits = 16;
/** 2^32 divided by the golden ratio: spreads neighbouring sequences over the table. */
const multiplier = 0x9e3779b1 | 0;

const built = new WeakMap<readonly Detector[], KeywordFilter>();

/** The filter of these detectors, built once. */
export function keywordFilterFor(detectors: readonly Detector[]): KeywordFilter {
  let filter = built.get(detectors);
  if (filter === undefined) built.set(detectors, (filter = new KeywordFilter(detectors)));
  return filter;
}

export class KeywordFilter {
  /** Bucket number of a hash, 0 for none. */
  readonly #table = new Uint16Array(2 ** tableBits);
  readonly #buckets: Keyword[][] = [[]];
  /** What may stand fourth and fifth, by bucket: one bit for each value of a byte's lowest five. */
  readonly #fourth: Uint32Array;
  readonly #fifth: Uint32Array;
  readonly #longest: number = shortest;
  /** Detectors without keywords: they see every text. */
  readonly unconditional: readonly number[];

  constructor(detectors: readonly Detector[]) {
    const keywords = new Map<string, Keyword>();
    const unconditional: number[] = [];
    for (const [index, detector] of detectors.entries()) {
      if (detector.keywords.length === 0) unconditional.push(index);
      for (const keyword of detector.keywords) {
        const known = keywords.get(keyword) ?? { bytes: Buffer.from(keyword), isExact: /[A-Z]/.test(keyword), detectors: [] };
        if (!known.detectors.includes(index)) known.detectors.push(index);
        keywords.set(keyword, known);
      }
    }
    for (const keyword of keywords.values()) {
      if (keyword.bytes.length < shortest) throw new RangeError(`keyword shorter than ${shortest} bytes: ${keyword.bytes.toString()}`);
      this.#longest = Math.max(this.#longest, keyword.bytes.length);
      const hash = hashOf(fold(keyword.bytes[0]), fold(keyword.bytes[1]), fold(keyword.bytes[2]));
      if (this.#table[hash] === 0) this.#table[hash] = this.#buckets.push([]) - 1;
      this.#buckets[this.#table[hash]].push(keyword);
    }
    this.#fourth = Uint32Array.from(this.#buckets, (bucket) => bitsAt(bucket, 3));
    this.#fifth = Uint32Array.from(this.#buckets, (bucket) => bitsAt(bucket, 4));
    this.unconditional = unconditional;
  }

  /** Bytes of the longest keyword: a search that goes on must begin this many less one before the new bytes. */
  get longest(): number {
    return this.#longest;
  }

  /** All keywords that begin at or behind `from` and end at or before `to`, in the order of their starts. */
  search(bytes: Buffer, from: number, to: number): KeywordHit[] {
    const hits: KeywordHit[] = [];
    const table = this.#table;
    const fourth = this.#fourth;
    const fifth = this.#fifth;
    let window = (fold(bytes[from]) << 8) | fold(bytes[from + 1]);
    // Nothing but looks at tables stands in this loop: what it calls, it calls rarely. Behind the end there is no byte, which reads as 0.
    for (let at = from + 2; at < to; at++) {
      window = ((window << 8) | bytes[at] | 0x20) & 0xffffff;
      const bucket = table[Math.imul(window, multiplier) >>> (32 - tableBits)];
      if (bucket !== 0 && ((fourth[bucket] >>> (bytes[at + 1] & 31)) & 1) === 1 && ((fifth[bucket] >>> (bytes[at + 2] & 31)) & 1) === 1)
        this.#compare(bucket, bytes, at - 2, to, hits);
    }
    return hits;
  }

  /** The detectors that have a keyword in these bytes, and those that have none anywhere. */
  detectorsIn(bytes: Buffer): readonly number[] {
    const detectors = new Set(this.unconditional);
    for (const hit of this.search(bytes, 0, bytes.length)) for (const detector of hit.detectors) detectors.add(detector);
    return [...detectors];
  }

  #compare(bucket: number, bytes: Buffer, start: number, to: number, hits: KeywordHit[]): void {
    for (const keyword of this.#buckets[bucket]) {
      const end = start + keyword.bytes.length;
      if (end <= to && matches(keyword, bytes, start)) hits.push({ start, end, detectors: keyword.detectors });
    }
  }
}

/** Letters to lower case; what other bytes become does not matter, for every hit is compared. */
function fold(byte: number): number {
  return byte | 0x20;
}

/** All bits when a keyword ends before `index`. A letter has the same lowest five bits in both cases. */
function bitsAt(bucket: readonly Keyword[], index: number): number {
  return bucket.reduce((bits, { bytes }) => bits | (index < bytes.length ? 1 << (bytes[index] & 31) : -1), 0) >>> 0;
}

function hashOf(a: number, b: number, c: number): number {
  return Math.imul((a << 16) | (b << 8) | c, multiplier) >>> (32 - tableBits);
}

function matches({ bytes: keyword, isExact }: Keyword, bytes: Buffer, start: number): boolean {
  for (let i = 0; i < keyword.length; i++) {
    const byte = bytes[start + i];
    if (byte === keyword[i]) continue;
    if (isExact || byte < 0x41 || byte > 0x5a || (byte | 0x20) !== keyword[i]) return false;
  }
  return true;
}
