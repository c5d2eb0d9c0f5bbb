// Reads bits of a buffer, the highest of each byte first. Past the end come zeros, and `isOver` tells so.

export class Bits {
  readonly #bytes: Uint8Array;
  #at: number;
  #held = 0;
  #count = 0;

  /** `bit` is the offset of the first bit. */
  constructor(bytes: Uint8Array, bit: number) {
    this.#bytes = bytes;
    this.#at = bit >> 3;
    const within = bit & 7;
    if (within > 0) {
      this.#held = (bytes[this.#at++] ?? 0) & (0xff >> within);
      this.#count = 8 - within;
    }
  }

  /** The next bits as a number; at most 24 at once. */
  take(count: number): number {
    while (this.#count < count) {
      this.#held = ((this.#held << 8) | (this.#bytes[this.#at++] ?? 0)) >>> 0;
      this.#count += 8;
    }
    this.#count -= count;
    const value = this.#held >>> this.#count;
    this.#held &= (1 << this.#count) - 1;
    return value;
  }

  take32(): number {
    return this.take(16) * 0x10000 + this.take(16);
  }

  /** Offset of the next bit. */
  get offset(): number {
    return this.#at * 8 - this.#count;
  }

  get isOver(): boolean {
    return this.offset > this.#bytes.length * 8;
  }
}
