// Finds thousands of exact byte strings in a stream at once. Every occurrence of a string holds a group of four of its bytes at each
// multiple of the stride, so only one byte in `stride` costs a look at a table; what the table knows is looked up among the sorted strings.

/** Bytes that are looked for, wherever they stand. At least `shortestExact` of them. */
export type Needle = Uint8Array;

export interface ExactHit {
  /** Index of the needle. */
  readonly needle: number;
  /** Offset of its first byte. */
  readonly start: number;
}

export const shortestExact = 8;

const group = 4;
const longestStride = 13;
/** 2^32 divided by the golden ratio: spreads neighbouring groups over the table. */
const multiplier = 0x9e3779b1 | 0;
const otherMultiplier = 0x85ebca6b | 0;

export class ExactSearch {
  readonly #needles: readonly Buffer[];
  readonly #stride: number;
  readonly #shift: number;
  /** By the hash of a group: a bit for each place in a needle where such a group stands. */
  readonly #places: Uint16Array;
  readonly #beginShift: number;
  /** By the hash of the first eight bytes: whether a needle begins so. */
  readonly #begins: Uint8Array;
  /** Indices of the needles in the order of their bytes. */
  readonly #sorted: Uint32Array;
  /** By the position in `#sorted`: that of the longest needle before it that it begins with, or -1. */
  readonly #within: Int32Array;
  /** Bytes of the longest needle. */
  readonly longest: number;

  constructor(needles: readonly Needle[]) {
    this.#needles = needles.map((needle) => Buffer.from(needle.buffer, needle.byteOffset, needle.byteLength));
    const shortest = this.#needles.reduce((least, { length }) => Math.min(least, length), Infinity);
    if (shortest < shortestExact) throw new RangeError(`a needle has ${shortest} bytes and should have ${shortestExact}`);
    this.longest = this.#needles.reduce((most, { length }) => Math.max(most, length), 0);
    this.#stride = Math.min(longestStride, shortest - group + 1);
    const count = Math.max(1, needles.length);
    const bits = between(16, Math.log2(count * this.#stride * 16), 22);
    this.#shift = 32 - bits;
    this.#places = new Uint16Array(2 ** bits);
    const beginBits = between(12, Math.log2(count * 16), 24);
    this.#beginShift = 32 - beginBits;
    this.#begins = new Uint8Array(2 ** beginBits);
    for (const needle of this.#needles) {
      this.#begins[this.#beginHash(needle, 0)] = 1;
      for (let at = 0; at < this.#stride; at++) this.#places[Math.imul(needle.readInt32LE(at), multiplier) >>> this.#shift] |= 1 << at;
    }
    this.#sorted = Uint32Array.from(needles.keys()).sort((a, b) => this.#needles[a].compare(this.#needles[b]) || a - b);
    this.#within = prefixesAmong(Array.from(this.#sorted, (index) => this.#needles[index]));
  }

  get isEmpty(): boolean {
    return this.#needles.length === 0;
  }

  /**
   * All needles that begin at or behind `from`, sorted by start. Cost: one look at a table for each `stride` bytes, and the logarithm of the
   * number of needles where one of them may begin.
   */
  in(bytes: Buffer, from = 0): ExactHit[] {
    const hits: ExactHit[] = [];
    if (this.isEmpty) return hits;
    const places = this.#places;
    const stride = this.#stride;
    const shift = this.#shift;
    const last = bytes.length - group;
    for (let at = from; at <= last; at += stride) {
      const read = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
      let mask = places[Math.imul(read, multiplier) >>> shift];
      for (let start = at; mask !== 0; mask >>>= 1, start--)
        if ((mask & 1) !== 0 && start >= from && start + shortestExact <= bytes.length && this.#begins[this.#beginHash(bytes, start)] === 1)
          this.#lookUp(bytes, start, hits);
    }
    return hits.sort((a, b) => a.start - b.start || a.needle - b.needle);
  }

  #beginHash(bytes: Buffer, at: number): number {
    return (Math.imul(bytes.readInt32LE(at), multiplier) ^ Math.imul(bytes.readInt32LE(at + group), otherMultiplier)) >>> this.#beginShift;
  }

  /** The last needle that is not greater than the text begins with every needle that the text begins with. */
  #lookUp(bytes: Buffer, start: number, hits: ExactHit[]): void {
    const end = Math.min(bytes.length, start + this.longest);
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (bytes.compare(this.#needles[this.#sorted[middle]], undefined, undefined, start, end) >= 0) low = middle + 1;
      else high = middle;
    }
    for (let position = low - 1; position >= 0; position = this.#within[position]) {
      const needle = this.#needles[this.#sorted[position]];
      if (start + needle.length <= end && bytes.compare(needle, undefined, undefined, start, start + needle.length) === 0)
        hits.push({ needle: this.#sorted[position], start });
    }
  }
}

function between(least: number, wanted: number, most: number): number {
  return Math.min(most, Math.max(least, Math.ceil(wanted)));
}

/** For each of the sorted strings the position of the longest one before it that it begins with, or -1; of equal ones the one before. */
function prefixesAmong(sorted: readonly Buffer[]): Int32Array {
  const result = new Int32Array(sorted.length);
  for (const [position, text] of sorted.entries()) {
    let before = position - 1;
    while (before >= 0 && !startsWith(text, sorted[before])) before = result[before];
    result[position] = before;
  }
  return result;
}

function startsWith(text: Buffer, beginning: Buffer): boolean {
  return text.length >= beginning.length && text.compare(beginning, 0, beginning.length, 0, beginning.length) === 0;
}
