// One block of bzip2: symbols to the bytes that they stand for. The format has no specification; this follows the description in
// "BZIP2: Format Specification" by Joe Tsai and what bzip2 1.0 accepts.
import type { Bits } from './bits.ts';
import { type CodeTable, codeTable, longestCode, nextSymbol } from './huffman.ts';

export interface Block {
  /** In the low byte of each: a byte before the last step, the run-length code; above it: which comes next. `count` of them are used. */
  readonly links: Uint32Array;
  readonly count: number;
  readonly first: number;
  readonly crc: number;
}

const symbolsInGroup = 50;

/**
 * `room` is used for the links while they fit into it; there are at most `longest`. Behind the end of `bits` come zeros, which end every
 * loop: who calls asks whether they are over. Returns what is wrong with a block that cannot be read. Cost grows with the block.
 */
export function blockAt(bits: Bits, room: Uint32Array, longest: number): Block | string {
  const crc = bits.take32();
  if (bits.take(1) === 1) return 'it is randomised, a form that is no longer in use';
  const origin = bits.take(24);
  const used = usedBytes(bits);
  const tables = bits.take(3);
  const groups = bits.take(15);
  if (used.length === 0 || tables < 2 || tables > 6 || groups === 0) return 'its tables cannot be read';
  const selectors = selectorsOf(bits, tables, groups);
  const codes = selectors && codesOf(bits, tables, used.length + 2);
  if (selectors === undefined || codes === undefined) return 'its tables cannot be read';
  const symbols = symbolsOf(bits, selectors, codes, used, room, longest);
  if (typeof symbols === 'string') return symbols;
  const { links, count } = symbols;
  if (origin >= count) return 'its start lies outside of it';
  linkUp(links, count);
  return { links, count, first: links[origin] >>> 8, crc };
}

/** The byte values that occur, in two levels of bit maps. */
function usedBytes(bits: Bits): Uint8Array {
  const ranges = bits.take(16);
  const used: number[] = [];
  for (let range = 0; range < 16; range++) {
    if ((ranges & (0x8000 >> range)) === 0) continue;
    const values = bits.take(16);
    for (let value = 0; value < 16; value++) if ((values & (0x8000 >> value)) !== 0) used.push(range * 16 + value);
  }
  return Uint8Array.from(used);
}

/** Which table codes each group of symbols: places in a list whose used element moves to the front. */
function selectorsOf(bits: Bits, tables: number, groups: number): Uint8Array | undefined {
  const order = Array.from({ length: tables }, (_, table) => table);
  const selectors = new Uint8Array(groups);
  for (let group = 0; group < groups; group++) {
    let place = 0;
    while (bits.take(1) === 1) if (++place >= tables) return undefined;
    const [table] = order.splice(place, 1);
    order.unshift(table);
    selectors[group] = table;
  }
  return selectors;
}

function codesOf(bits: Bits, tables: number, alphabet: number): CodeTable[] | undefined {
  const codes: CodeTable[] = [];
  for (let table = 0; table < tables; table++) {
    const lengths = new Uint8Array(alphabet);
    let length = bits.take(5);
    for (let symbol = 0; symbol < alphabet; symbol++) {
      for (;;) {
        if (length < 1 || length > longestCode) return undefined;
        if (bits.take(1) === 0) break;
        length += bits.take(1) === 0 ? 1 : -1;
      }
      lengths[symbol] = length;
    }
    codes.push(codeTable(lengths));
  }
  return codes;
}

/** Undoes the Huffman, run-length and move-to-front codes. Returns the bytes that came out, or what is wrong. */
function symbolsOf(
  bits: Bits,
  selectors: Uint8Array,
  codes: readonly CodeTable[],
  used: Uint8Array,
  room: Uint32Array,
  longest: number,
): Pick<Block, 'links' | 'count'> | string {
  const order = Uint8Array.from(used);
  const end = used.length + 1;
  let links = room;
  let count = 0;
  let run = 0;
  let runBit = 1;
  for (let group = 0; group < selectors.length; group++) {
    const table = codes[selectors[group]];
    if (bits.isOver) return 'it is truncated';
    for (let left = symbolsInGroup; left > 0; left--) {
      const symbol = nextSymbol(bits, table);
      if (symbol === undefined) return 'it holds bits that are no code';
      if (symbol <= 1) {
        // The length of a run in base 2 with the digits 1 and 2, the lowest first.
        run += runBit << symbol;
        runBit *= 2;
        if (run > longest) return 'it is longer than it may be';
        continue;
      }
      const needed = count + run + (symbol === end ? 0 : 1);
      if (needed > longest) return 'it is longer than it may be';
      if (needed > links.length) links = grown(links, needed, longest);
      if (run > 0) {
        links.fill(order[0], count, count + run);
        count += run;
        run = 0;
        runBit = 1;
      }
      if (symbol === end) return bits.isOver ? 'it is truncated' : { links, count };
      const place = symbol - 1;
      const value = order[place];
      order.copyWithin(1, 0, place);
      order[0] = value;
      links[count++] = value;
    }
  }
  return 'it does not end where it says';
}

/** Blocks may be small and many: room for the largest in each would take more time than all else. */
function grown(links: Uint32Array, least: number, longest: number): Uint32Array {
  const larger = new Uint32Array(Math.min(longest, Math.max(least, 2 * links.length, 4096)));
  larger.set(links);
  return larger;
}

/** Undoes the Burrows-Wheeler transform, except for the walk along the links. */
function linkUp(links: Uint32Array, count: number): void {
  const starts = new Uint32Array(257);
  for (let index = 0; index < count; index++) starts[(links[index] & 0xff) + 1]++;
  for (let value = 1; value < 257; value++) starts[value] += starts[value - 1];
  for (let index = 0; index < count; index++) links[starts[links[index] & 0xff]++] |= index << 8;
}
