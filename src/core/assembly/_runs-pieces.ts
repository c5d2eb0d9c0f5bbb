// Pieces of base64 and hexadecimal: whether something readable may begin in one. The same as `recognise` in src/view/encoded/recognise.ts.
import { byteAt, input, length } from './_runs-memory';

export const shortestPiece: i32 = 24;
const shortestRun: u32 = 40;
const shortestHex: u32 = 32;
const longestJoint: u32 = 96;

// One bit for each byte below 0x40, and for each below 0x80.
const base64Low: u64 = 0x03ff_a800_0000_0000;
const jointLow: u64 = 0x400057cd00002600;
const base64High: u64 = 0x07ff_fffe_87ff_fffe;

/** Of sixteen bytes that hold four groups: those that are decoded, and those at even places among them. */
const threeOfFour: i32 = 0x7777;
const evenBytes: i32 = 0x2525;

export function isBase64(byte: u32): bool {
  return byte < 0x80 && (((byte < 0x40 ? base64Low : base64High) >> (byte & 63)) & 1) != 0;
}

/** The value of a hexadecimal digit; below zero when it is none. */
export function hexValue(byte: u32): i32 {
  if (byte - 0x30 < 10) return byte - 0x30;
  const letter = (byte | 0x20) - 0x61;
  return letter < 6 ? letter + 10 : -1;
}

/** A piece of at least `shortestPiece` characters in which a run may begin. */
export function isOfInterest(start: u32, end: u32): bool {
  let from = start;
  if (from > 0 && byteAt(from - 1) == 0x5c && (byteAt(from) == 0x6e || byteAt(from) == 0x72 || byteAt(from) == 0x74)) from++;
  if (end - from >= shortestHex) {
    const digits = behindHexPrefix(from);
    if (end - digits >= shortestHex && isHex(digits, end)) return isReadableHex(digits, end);
  }
  if (isCompressed(from)) return true;
  const others = notAsciiGroups(from);
  const shifts: u32 = end - from < shortestRun ? 1 : 4;
  for (let shift: u32 = 0; shift < shifts; shift++) {
    const count = min(end - from - shift, 64);
    // The beginnings of its groups of four.
    const groups = (others >> <u64>shift) & 0x1111_1111_1111_1111 & (~0 >> <u64>(64 - count));
    if (<u32>popcnt(groups) * 32 <= count && mayBeRead(from + shift, end, isAlone(end))) return true;
  }
  return false;
}

function behindHexPrefix(at: u32): u32 {
  const first = byteAt(at) == 0x30 ? at + 1 : at;
  return (byteAt(first) | 0x20) == 0x78 ? first + 1 : at;
}

function isHex(from: u32, to: u32): bool {
  for (let at = from; at < to; at++) if (hexValue(byteAt(at)) < 0) return false;
  return true;
}

function isReadableHex(from: u32, to: u32): bool {
  if (byteAt(from) == 0x31 && (byteAt(from + 1) | 0x20) == 0x66 && byteAt(from + 2) == 0x38 && (byteAt(from + 3) | 0x20) == 0x62) return true;
  let misses: u32 = 0;
  const stop = min(to, from + 64);
  for (let at = from; at < stop; at += 2) if ((byteAt(at) < 0x32 || byteAt(at) > 0x37) && byteAt(at) != 0x30) misses++;
  return misses * 20 <= stop - from;
}

/** True when no other piece can follow the one that ends at an index: the first half of `piecesOf` in src/view/encoded/pieces.ts. */
function isAlone(end: u32): bool {
  if (byteAt(end) == 0x3d) return true;
  let lineEnds = 0;
  let quotes = 0;
  let at = end;
  for (; at < length; at++) {
    if (at - end > longestJoint) return true;
    const byte = byteAt(at);
    const next = byteAt(at + 1);
    if (byte == 0x5c && next == 0x2f) return false;
    if (byte == 0x5c && (next == 0x6e || next == 0x72 || next == 0x74)) {
      at++;
      lineEnds++;
    } else if (byte == 0x0a || byte == 0x0d) lineEnds++;
    else if (byte == 0x22 || byte == 0x27 || byte == 0x60) quotes++;
    else if (!isJoint(byte) && !(byte == 0x2b && quotes > 0 && isJoint(next))) break;
  }
  return at < length && ((lineEnds == 0 && quotes < 2) || !isBase64(byteAt(at)));
}

/** Between the parts that a run is broken into: white space and some signs of ASCII, all below 0x40 but for three. */
function isJoint(byte: u32): bool {
  return byte < 0x40 ? ((jointLow >> byte) & 1) != 0 : byte == 0x60 || byte == 0x5c || byte == 0x7c;
}

/** What does not begin a group whose first byte is below 0x80: a bit for each of 64 characters. */
function notAsciiGroups(from: u32): u64 {
  let others: u64 = 0;
  for (let i: u32 = 0; i < 64; i += 16) {
    const bytes = v128.load(from + i, input);
    const upper = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(0x41)), i8x16.splat(26));
    const lower = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(0x61)), i8x16.splat(6));
    others |= (<u64>(<u32>i8x16.bitmask(v128.not(v128.or(upper, lower))))) << (<u64>i);
  }
  return others;
}

/**
 * False when what follows cannot be content in the sense of src/view/encoded/readable.ts, which looks at 96 bytes: too many of them are no
 * text already, neither in one byte nor in two, and they are no header of gzip or zlib.
 */
function mayBeRead(from: u32, to: u32, isSingle: bool): bool {
  const stop = from + (min(to - from, 128) & ~3);
  const total: u32 = isSingle ? min((3 * (to - from)) >> 2, 96) : 96;
  // Short values are text without anything else.
  const mostBad: u32 = isSingle && to - from < shortestRun ? 0 : total >> 2;
  const mostControls = total / 20;
  // One unit may be a mark.
  const mostBadUnits = (total >> 3) + 1;
  let bad: u32 = 0;
  let controls: u32 = 0;
  // Of UTF-16: what is no character at even and at odd places, and what is not zero there.
  let badEven: u32 = 0;
  let badOdd: u32 = 0;
  let fullEven: u32 = 0;
  let fullOdd: u32 = 0;
  for (let at = from; at < stop; at += 16) {
    const bytes = decoded(v128.load(at, input));
    const first = <u32>i32x4.extract_lane(bytes, 0);
    if (at == from && (first == 0x1f8b08 || first >> 16 == 0x78)) return true;
    const here = stop - at >= 16 ? threeOfFour : ((1 << (stop - at)) - 1) & threeOfFour;
    const spaces = v128.or(i8x16.eq(bytes, i8x16.splat(9)), v128.or(i8x16.eq(bytes, i8x16.splat(10)), i8x16.eq(bytes, i8x16.splat(13))));
    const printable = v128.or(spaces, i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(0x20)), i8x16.splat(0x5f)));
    const isBad = here & ~i8x16.bitmask(printable);
    const isFull = here & ~i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(0)));
    bad += <u32>popcnt(isBad);
    controls += <u32>popcnt(here & i8x16.bitmask(v128.andnot(i8x16.lt_u(bytes, i8x16.splat(0x20)), spaces)));
    badEven += <u32>popcnt(isBad & evenBytes);
    badOdd += <u32>popcnt(isBad & ~evenBytes);
    fullEven += <u32>popcnt(isFull & evenBytes);
    fullOdd += <u32>popcnt(isFull & ~evenBytes);
    const isText = bad <= mostBad && controls <= mostControls;
    const isLittleEndian = badEven <= mostBadUnits && fullOdd <= mostBadUnits;
    const isBigEndian = badOdd <= mostBadUnits && fullEven <= mostBadUnits;
    if (!isText && !isLittleEndian && !isBigEndian) return false;
  }
  return true;
}

/** Four groups of base64 or base64url: three bytes of each, the first of them highest in a lane of four whose highest is zero. */
function decoded(characters: v128): v128 {
  const offsets = i8x16(0, 0, 0, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);
  const plain = i8x16.add(characters, i8x16.swizzle(offsets, i8x16.shr_u(characters, 4)));
  const is62 = v128.or(i8x16.eq(characters, i8x16.splat(0x2b)), i8x16.eq(characters, i8x16.splat(0x2d)));
  const is63 = v128.or(i8x16.eq(characters, i8x16.splat(0x2f)), i8x16.eq(characters, i8x16.splat(0x5f)));
  const six = v128.bitselect(i8x16.splat(62), v128.bitselect(i8x16.splat(63), plain, is63), is62);
  const high = v128.or(i32x4.shl(v128.and(six, i32x4.splat(0x3f)), 18), i32x4.shl(v128.and(six, i32x4.splat(0x3f00)), 4));
  return v128.or(high, v128.or(v128.and(i32x4.shr_u(six, 10), i32x4.splat(0xfc0)), i32x4.shr_u(six, 24)));
}

function isCompressed(at: u32): bool {
  const first = byteAt(at);
  const second = byteAt(at + 1);
  if (first == 0x48) return second == 0x34 && byteAt(at + 2) == 0x73 && byteAt(at + 3) == 0x49;
  return first == 0x65 && (second == 0x41 || second == 0x46 || second == 0x4a || second == 0x4e);
}
