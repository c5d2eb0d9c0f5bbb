// Deflate streams that no compressor writes: any set of codes, any symbols, in any kind of block.

export class DeflateWriter {
  readonly #bits: number[] = [];

  /** Numbers begin with their lowest bit. */
  put(value: number, count: number): this {
    for (let index = 0; index < count; index++) this.#bits.push((value >>> index) & 1);
    return this;
  }

  /** Codes begin with their highest bit. */
  code(code: string): this {
    for (const bit of code) this.#bits.push(Number(bit));
    return this;
  }

  stored(bytes: Uint8Array, isLast = false): this {
    this.put(isLast ? 1 : 0, 3);
    while (this.#bits.length % 8 !== 0) this.#bits.push(0);
    this.put(bytes.length, 16).put(bytes.length ^ 0xffff, 16);
    for (const byte of bytes) this.put(byte, 8);
    return this;
  }

  /** The header of a dynamic block with these lengths, each written as it is, with four bits. */
  dynamic(litLens: readonly number[], distances: readonly number[], isLast = false): this {
    this.put((isLast ? 1 : 0) | (2 << 1), 3);
    this.put(litLens.length - 257, 5)
      .put(distances.length - 1, 5)
      .put(19 - 4, 4);
    for (const place of [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]) this.put(place < 16 ? 4 : 0, 3);
    for (const length of [...litLens, ...distances]) this.code(length.toString(2).padStart(4, '0'));
    return this;
  }

  bytes(): Buffer {
    const bytes = Buffer.alloc(Math.ceil(this.#bits.length / 8));
    for (const [index, bit] of this.#bits.entries()) bytes[index >> 3] |= bit << (index & 7);
    return bytes;
  }
}

/** Codes of RFC 1951, section 3.2.2, by symbol. */
export function canonicalCodes(lengths: readonly number[]): ReadonlyMap<number, string> {
  const codes = new Map<number, string>();
  let code = 0;
  for (let length = 1; length <= 15; length++, code *= 2) {
    for (const [symbol, own] of lengths.entries()) if (own === length) codes.set(symbol, (code++).toString(2).padStart(length, '0'));
  }
  return codes;
}

/** A complete set of lengths for so many of `total` symbols, `always` among them; deep ones have codes of up to 15 bits. */
export function completeLengths(random: () => number, total: number, used: number, isDeep: boolean, always?: number): number[] {
  const leaves = [1, 1];
  while (leaves.length < used) {
    const splittable = [...leaves.keys()].filter((index) => leaves[index] < 15);
    const deepest = splittable.reduce((best, index) => (leaves[index] > leaves[best] ? index : best), splittable[0]);
    const index = isDeep && random() < 0.5 ? deepest : splittable[Math.floor(random() * splittable.length)];
    leaves[index]++;
    leaves.push(leaves[index]);
  }
  const symbols = [...Array(total).keys()].filter((symbol) => symbol !== always);
  for (let index = symbols.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [symbols[index], symbols[other]] = [symbols[other], symbols[index]];
  }
  if (always !== undefined) symbols.unshift(always);
  const lengths = Array<number>(total).fill(0);
  for (let index = leaves.length - 1; index >= 0; index--) lengths[symbols[index]] = leaves.splice(Math.floor(random() * leaves.length), 1)[0];
  return lengths;
}
