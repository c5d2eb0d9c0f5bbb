// Finds thousands of exact byte strings in a stream at once. Every occurrence of a string holds a group of four of its bytes at each
// multiple of the stride, so only one byte in `stride` costs a look at a table; what the table knows is compared.

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

interface Anchor {
  readonly needle: number;
  /** Where in the needle the group stands. */
  readonly at: number;
  readonly next: number;
}

export class ExactSearch {
  readonly #needles: readonly Buffer[];
  readonly #stride: number;
  readonly #shift: number;
  /** Number of the first anchor of a hash, 0 for none. */
  readonly #table: Uint32Array;
  readonly #anchors: Anchor[] = [{ needle: -1, at: 0, next: 0 }];
  /** Bytes of the longest needle. */
  readonly longest: number;

  constructor(needles: readonly Needle[]) {
    this.#needles = needles.map((needle) => Buffer.from(needle.buffer, needle.byteOffset, needle.byteLength));
    const shortest = this.#needles.reduce((least, { length }) => Math.min(least, length), Infinity);
    if (shortest < shortestExact) throw new RangeError(`a needle has ${shortest} bytes and should have ${shortestExact}`);
    this.longest = this.#needles.reduce((most, { length }) => Math.max(most, length), 0);
    this.#stride = Math.min(longestStride, shortest - group + 1);
    const bits = Math.min(22, Math.max(16, Math.ceil(Math.log2(Math.max(1, needles.length) * this.#stride * 16))));
    this.#shift = 32 - bits;
    this.#table = new Uint32Array(2 ** bits);
    for (const [index, needle] of this.#needles.entries()) {
      for (let at = 0; at < this.#stride; at++) {
        const hash = Math.imul(needle.readInt32LE(at), multiplier) >>> this.#shift;
        this.#table[hash] = this.#anchors.push({ needle: index, at, next: this.#table[hash] }) - 1;
      }
    }
  }

  get isEmpty(): boolean {
    return this.#needles.length === 0;
  }

  /** All needles that begin at or behind `from`, sorted by start. Cost: one look at a table for each `stride` bytes. */
  in(bytes: Buffer, from = 0): ExactHit[] {
    const hits: ExactHit[] = [];
    if (this.isEmpty) return hits;
    const table = this.#table;
    const stride = this.#stride;
    const shift = this.#shift;
    const last = bytes.length - group;
    for (let at = from; at <= last; at += stride) {
      const read = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
      const anchor = table[Math.imul(read, multiplier) >>> shift];
      if (anchor !== 0) this.#compare(anchor, bytes, at, from, hits);
    }
    return hits.sort((a, b) => a.start - b.start || a.needle - b.needle);
  }

  #compare(first: number, bytes: Buffer, at: number, from: number, hits: ExactHit[]): void {
    for (let index = first; index !== 0; index = this.#anchors[index].next) {
      const { needle, at: within } = this.#anchors[index];
      const start = at - within;
      const wanted = this.#needles[needle];
      if (start >= from && start + wanted.length <= bytes.length && wanted.equals(bytes.subarray(start, start + wanted.length)))
        hits.push({ needle, start });
    }
  }
}
