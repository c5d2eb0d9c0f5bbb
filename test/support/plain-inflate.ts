// Raw deflate by the letter of RFC 1951, bit by bit: slow, short, and with nothing in common with the core but the words for what is wrong.

export interface PlainInflate {
  readonly output: Buffer;
  /** Nothing: there are no more bits. */
  readonly end: 'ended' | 'starved' | { readonly problem: string };
  /** Bytes of which at least one bit was read. */
  readonly used: number;
  /** The bit at which each block begins and the output before it. */
  readonly blocks: readonly { readonly bit: number; readonly output: number }[];
}

class Starved extends Error {}
class Wrong extends Error {}

/** Codes by their text of bits. A code that is incomplete has what zlib makes of the rest: wrong, after one bit. */
type Codes = ReadonlyMap<string, number>;

const wrong = -1;
const order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const lengthBases = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const lengthExtras = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const distanceBases = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577,
];
const distanceExtras = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];

export function plainInflate(bytes: Uint8Array): PlainInflate {
  const output: number[] = [];
  const blocks: { bit: number; output: number }[] = [];
  let bit = 0;
  const take = (count: number): number => {
    let value = 0;
    for (let index = 0; index < count; index++, bit++) {
      if (bit >= bytes.length * 8) throw new Starved();
      value += ((bytes[bit >> 3] >> (bit & 7)) & 1) * 2 ** index;
    }
    return value;
  };
  const symbol = (codes: Codes): number => {
    let code = '';
    for (;;) {
      code += take(1);
      const found = codes.get(code);
      if (found !== undefined) return found;
    }
  };
  const end = (): PlainInflate['end'] => {
    try {
      for (let isLast = false; !isLast;) {
        const start = bit;
        const header = take(3);
        isLast = (header & 1) === 1;
        blocks.push({ bit: start, output: output.length });
        if (header >> 1 === 3) throw new Wrong('invalid block type');
        if (header >> 1 === 0) {
          bit = Math.ceil(bit / 8) * 8;
          const length = take(16);
          if (take(16) !== (length ^ 0xffff)) throw new Wrong('invalid stored block lengths');
          for (let left = length; left > 0; left--) output.push(take(8));
          continue;
        }
        const [litLens, distances] = header >> 1 === 1 ? fixed() : dynamic(take, symbol);
        for (;;) {
          const value = symbol(litLens);
          if (value < 256 && value !== wrong) output.push(value);
          if (value === 256) break;
          if (value === wrong || value > 285) throw new Wrong('invalid literal/length code');
          if (value < 256) continue;
          const length = lengthBases[value - 257] + take(lengthExtras[value - 257]);
          const far = symbol(distances);
          if (far === wrong || far > 29) throw new Wrong('invalid distance code');
          const distance = distanceBases[far] + take(distanceExtras[far]);
          if (distance > output.length) throw new Wrong('invalid distance too far back');
          for (let left = length; left > 0; left--) output.push(output[output.length - distance]);
        }
      }
      return 'ended';
    } catch (cause) {
      if (cause instanceof Starved) return 'starved';
      if (cause instanceof Wrong) return { problem: cause.message };
      throw cause;
    }
  };
  const outcome = end();
  return { output: Buffer.from(output), end: outcome, used: Math.ceil(bit / 8), blocks };
}

function fixed(): [Codes, Codes] {
  const lengths = Array.from({ length: 288 }, (_, value) => (value < 144 ? 8 : value < 256 ? 9 : value < 280 ? 7 : 8));
  return [codesOf(lengths, false)!, codesOf(Array<number>(32).fill(5), false)!];
}

function dynamic(take: (count: number) => number, symbol: (codes: Codes) => number): [Codes, Codes] {
  const litLenCount = take(5) + 257;
  const distanceCount = take(5) + 1;
  const preCount = take(4) + 4;
  if (litLenCount > 286 || distanceCount > 30) throw new Wrong('too many length or distance symbols');
  const preLengths = Array<number>(19).fill(0);
  for (const place of order.slice(0, preCount)) preLengths[place] = take(3);
  const pre = preLengths.every((length) => length === 0) ? new Map([...'01'].map((code) => [code, 0])) : codesOf(preLengths, true);
  if (pre === undefined) throw new Wrong('invalid code lengths set');
  const lengths: number[] = [];
  while (lengths.length < litLenCount + distanceCount) {
    const value = symbol(pre);
    const times = value < 16 ? 1 : value === 16 ? 3 + take(2) : value === 17 ? 3 + take(3) : 11 + take(7);
    if ((value === 16 && lengths.length === 0) || lengths.length + times > litLenCount + distanceCount) throw new Wrong('invalid bit length repeat');
    lengths.push(...Array<number>(times).fill(value < 16 ? value : value === 16 ? lengths.at(-1)! : 0));
  }
  if (lengths[256] === 0) throw new Wrong('invalid code -- missing end-of-block');
  const litLens = codesOf(lengths.slice(0, litLenCount), false);
  if (litLens === undefined) throw new Wrong('invalid literal/lengths set');
  const distances = codesOf(lengths.slice(litLenCount), false);
  if (distances === undefined) throw new Wrong('invalid distances set');
  return [litLens, distances];
}

/** Section 3.2.2. Nothing for what zlib refuses: too many codes, or too few and not a single one of one bit or none at all. */
function codesOf(lengths: readonly number[], isPre: boolean): Codes | undefined {
  const sum = lengths.reduce((sum, length) => sum + (length === 0 ? 0 : 2 ** -length), 0);
  const longest = Math.max(...lengths);
  if (sum > 1 || (sum < 1 && (isPre || longest > 1))) return undefined;
  const codes = new Map<string, number>();
  let code = 0;
  for (let length = 1; length <= longest; length++, code *= 2) {
    for (const [symbol, own] of lengths.entries()) if (own === length) codes.set((code++).toString(2).padStart(length, '0'), symbol);
  }
  for (const rest of ['0', '1']) if (sum < 1 && !codes.has(rest)) codes.set(rest, wrong);
  return codes;
}
