// Decoding tables of prefix codes (RFC 1951, section 3.2). A first level is looked up by the next bits of the stream; codes that are longer
// stand in second levels behind it. Which sets of code lengths are accepted is what zlib accepts.
//
// An entry of 32 bits:  literal     1 · 15 bits: the byte      · 10 bits · 6 bits: how many bits it takes
//                       length,     0 · 15 bits: the base      · 0 · 7 bits: bits of the code alone · 2 bits · 6 bits: with its extra bits
//                       distance
//                       second      0 · 15 bits: its beginning · 1 1 · 6 bits: looked up by so many bits · 8 bits of zero
//                       end, wrong  0 · 15 bits                · 1 0 · end of block or not · ... 6 bits: how many bits it takes
import { counts, sorted, starts } from './_inflate-memory';

export const isLiteral: u32 = 1 << 31;
export const isExceptional: u32 = 1 << 15;
export const isSecondLevel: u32 = 1 << 14;
export const isEndOfBlock: u32 = 1 << 13;

export const enum Code {
  pre,
  litLen,
  distance,
}

function entryOf(code: Code, symbol: u32, length: u32): u32 {
  if (code == Code.pre) return (symbol << 16) | length;
  let extra: u32 = 0;
  let base: u32;
  if (code == Code.litLen) {
    if (symbol < 256) return isLiteral | (symbol << 16) | length;
    if (symbol == 256) return isExceptional | isEndOfBlock | length;
    if (symbol > 285) return isExceptional | length;
    const rank = symbol - 257;
    if (rank < 8) base = 3 + rank;
    else if (rank == 28) base = 258;
    else {
      extra = (rank >> 2) - 1;
      base = 3 + ((4 + (rank & 3)) << extra);
    }
  } else {
    if (symbol > 29) return isExceptional | length;
    if (symbol < 4) base = 1 + symbol;
    else {
      extra = (symbol >> 1) - 1;
      base = 1 + ((2 + (symbol & 1)) << extra);
    }
  }
  return (base << 16) | (length << 8) | (length + extra);
}

/** What zlib makes of bits that are no code: wrong, and in the code of code lengths, when it is empty, a length of zero. */
function entryOfNone(code: Code): u32 {
  return code == Code.pre ? 1 : isExceptional | 1;
}

/**
 * Makes the table of `room` entries for `symbolCount` lengths of 0 to 15. False for a set of lengths that is over-subscribed, or incomplete and not
 * a single code of one bit, nor none at all. Time: the size of the first level.
 */
export function makeTable(code: Code, lengths: usize, symbolCount: u32, table: usize, firstBits: u32, room: u32): bool {
  memory.fill(counts, 0, 32);
  for (let symbol: u32 = 0; symbol < symbolCount; symbol++) {
    const count = counts + ((<usize>load<u8>(lengths + symbol)) << 1);
    store<u16>(count, load<u16>(count) + 1);
  }
  let longest: u32 = 15;
  while (longest > 0 && load<u16>(counts + (longest << 1)) == 0) longest--;

  let left: i32 = 1;
  let start: u32 = 0;
  for (let length: u32 = 1; length <= 15; length++) {
    store<u16>(starts + (length << 1), <u16>start);
    const count: u32 = load<u16>(counts + (length << 1));
    start += count;
    left = (left << 1) - <i32>count;
    if (left < 0) return false;
  }
  if (left > 0 && longest > 0 && (code == Code.pre || longest != 1)) return false;
  for (let symbol: u32 = 0; symbol < symbolCount; symbol++) {
    const length: usize = load<u8>(lengths + symbol);
    if (length == 0) continue;
    const next = starts + (length << 1);
    const at: usize = load<u16>(next);
    store<u16>(sorted + (at << 1), <u16>symbol);
    store<u16>(next, <u16>(at + 1));
  }

  // The table doubles as codes get longer. Codes are kept with their bits reversed, as they stand in the stream.
  let bits: u32 = 0;
  let reversed: u32 = 0;
  let at: u32 = 0;
  store<u32>(table, entryOfNone(code));
  for (let length: u32 = 1; length <= min(longest, firstBits); length++) {
    memory.copy(table + ((<usize>4) << bits), table, (<usize>4) << bits);
    bits = length;
    for (let count: u32 = load<u16>(counts + (length << 1)); count > 0; count--) {
      store<u32>(table + ((<usize>reversed) << 2), entryOf(code, load<u16>(sorted + ((<usize>at) << 1)), length));
      reversed = afterReversed(reversed, length);
      at++;
    }
  }
  for (; bits < firstBits; bits++) memory.copy(table + ((<usize>4) << bits), table, (<usize>4) << bits);

  const firstSize: u32 = 1 << firstBits;
  let prefix: u32 = u32.MAX_VALUE;
  let secondStart: u32 = 0;
  let secondBits: u32 = 0;
  let end = firstSize;
  for (let length: u32 = firstBits + 1; length <= longest; length++) {
    const count = counts + (length << 1);
    for (; load<u16>(count) > 0; store<u16>(count, load<u16>(count) - 1)) {
      if ((reversed & (firstSize - 1)) != prefix) {
        prefix = reversed & (firstSize - 1);
        secondStart = end;
        secondBits = bitsOfSecondLevel(length, firstBits, longest);
        end += 1 << secondBits;
        if (end > room) return false;
        store<u32>(table + ((<usize>prefix) << 2), isExceptional | isSecondLevel | (secondStart << 16) | (secondBits << 8));
      }
      const entry = entryOf(code, load<u16>(sorted + ((<usize>at) << 1)), length);
      for (let index = reversed >> firstBits; index < (<u32>1) << secondBits; index += 1 << (length - firstBits)) {
        store<u32>(table + ((<usize>(secondStart + index)) << 2), entry);
      }
      reversed = afterReversed(reversed, length);
      at++;
    }
  }
  return true;
}

/** The code that follows, of the same length; its first bit is the lowest. */
function afterReversed(reversed: u32, length: u32): u32 {
  let bit: u32 = 1 << (length - 1);
  while (bit != 0 && (reversed & bit) != 0) bit >>= 1;
  return bit == 0 ? 0 : (reversed & (bit - 1)) | bit;
}

/** As many as the codes with one prefix take, of which the first has this length; `counts` tells which lengths are still to come. */
function bitsOfSecondLevel(length: u32, firstBits: u32, longest: u32): u32 {
  let room: i32 = 1 << (length - firstBits);
  for (; length < longest; length++) {
    room -= <i32>load<u16>(counts + (length << 1));
    if (room <= 0) break;
    room <<= 1;
  }
  return length - firstBits;
}
