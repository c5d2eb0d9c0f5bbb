// The code tables of a bzip2 block: codes of one length are consecutive numbers, the shorter lengths first.
import type { Bits } from './bits.ts';

export const longestCode = 20;

export interface CodeTable {
  readonly shortest: number;
  /** By length: the highest code of it, or -1 when there is none. */
  readonly highest: Int32Array;
  /** By length: what to add to a code to get its place in `symbols`. */
  readonly shift: Int32Array;
  readonly symbols: Uint16Array;
}

/** `lengths`: of the code of each symbol, 1 to 20. */
export function codeTable(lengths: Uint8Array): CodeTable {
  const highest = new Int32Array(longestCode + 1).fill(-1);
  const shift = new Int32Array(longestCode + 1);
  const symbols = new Uint16Array(lengths.length);
  let place = 0;
  let code = 0;
  for (let length = 1; length <= longestCode; length++) {
    const first = place;
    for (let symbol = 0; symbol < lengths.length; symbol++) if (lengths[symbol] === length) symbols[place++] = symbol;
    shift[length] = first - code;
    code += place - first;
    if (place > first) highest[length] = code - 1;
    code *= 2;
  }
  return { shortest: lengths.reduce((least, length) => Math.min(least, length), longestCode), highest, shift, symbols };
}

/** The next symbol; undefined when the bits are no code. */
export function nextSymbol(bits: Bits, { shortest, highest, shift, symbols }: CodeTable): number | undefined {
  let length = shortest;
  let code = bits.take(length);
  while (code > highest[length]) {
    if (++length > longestCode) return undefined;
    code = code * 2 + bits.take(1);
  }
  return symbols[code + shift[length]];
}
