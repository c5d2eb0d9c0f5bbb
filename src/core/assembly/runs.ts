// Finds the few places of some bytes at which text may stand encoded or in wide characters, 64 bytes a step. The finders in src/view go on
// from there and decide; nothing that they would find is passed over. Nothing is kept between two calls.
import {
  backslash,
  base64Classes,
  began,
  byteAt,
  byteLists,
  constant,
  dense,
  highClasses,
  input,
  lowClasses,
  lowHalf,
  markClasses,
  zeroX,
  found,
  isEnd,
  length,
  open,
  percent,
  placesFound,
  resume,
} from './_runs-memory';
import * as escapes from './_runs-escapes';
import { isBase64, isOfInterest, shortestPiece } from './_runs-pieces';

/** Where each kind goes on within the pass. */
let percentAt: u32 = 0;
let backslashAt: u32 = 0;
let listAt: u32 = 0;

/**
 * Looks at the first `bytes` of the input, each kind from its own index on; when `isPassing`, base64 begins behind the piece that goes on
 * there. Returns how many places were found.
 */
export function look(
  bytes: u32,
  capacity: u32,
  isLast: bool,
  isPassing: bool,
  denseFrom: u32,
  percentFrom: u32,
  backslashFrom: u32,
  listFrom: u32,
): u32 {
  open(bytes, capacity, isLast);
  if (isPassing) denseFrom = behindPiece(denseFrom);
  percentAt = percentFrom;
  backslashAt = backslashFrom;
  listAt = listFrom;
  let runStart = denseFrom;
  // From memory: a constant of 16 bytes would be made anew in each step.
  const low = constant(lowClasses);
  const high = constant(highClasses);
  const half = constant(lowHalf);
  const base64 = constant(base64Classes);
  const escapeClasses = constant(markClasses);
  const hexMark = constant(zeroX);
  for (let base = min(min(denseFrom, percentFrom), min(backslashFrom, listFrom)); base < length; base += 64) {
    const bytes0 = v128.load(base, input);
    const bytes1 = v128.load(base, input + 16);
    const bytes2 = v128.load(base, input + 32);
    const bytes3 = v128.load(base, input + 48);
    const a = classesOf(bytes0, low, high, half);
    const b = classesOf(bytes1, low, high, half);
    const c = classesOf(bytes2, low, high, half);
    const d = classesOf(bytes3, low, high, half);
    const marks = v128.and(v128.or(v128.or(a, b), v128.or(c, d)), escapeClasses);
    const hexes = v128.or(
      v128.or(hexMarks(bytes0, v128.load(base, input + 1), hexMark), hexMarks(bytes1, v128.load(base, input + 17), hexMark)),
      v128.or(hexMarks(bytes2, v128.load(base, input + 33), hexMark), hexMarks(bytes3, v128.load(base, input + 49), hexMark)),
    );
    if (v128.any_true(marks)) lookAtEscapes(base, escapesIn(a) | (escapesIn(b) << 16) | (escapesIn(c) << 32) | (escapesIn(d) << 48));
    if (v128.any_true(hexes)) lookAtLists(base);

    // What is not of the alphabet, a bit for each byte. Behind the last byte nothing ends: what is open there is looked at below.
    let others = othersIn(a, base64) | (othersIn(b, base64) << 16) | (othersIn(c, base64) << 32) | (othersIn(d, base64) << 48);
    if (base < denseFrom) others |= denseFrom - base >= 64 ? ~0 : (1 << (<u64>(denseFrom - base))) - 1;
    if (length - base < 64) others &= (1 << (<u64>(length - base))) - 1;
    if (others == 0) continue;
    const head = <u32>ctz(others);
    if (<i32>(base + head - runStart) >= shortestPiece) lookAtPiece(runStart, base + head);
    let inside = ~others;
    inside &= inside >> 1;
    inside &= inside >> 2;
    inside &= inside >> 4;
    inside &= (inside >> 8) & (inside >> 16);
    inside &= ~0 << (<u64>head);
    while (inside != 0) {
      const first = ctz(inside);
      const rest = others >> first;
      if (rest == 0) break;
      const last = first + ctz(rest);
      lookAtPiece(base + <u32>first, base + <u32>last);
      inside &= ~0 << last;
    }
    runStart = base + 64 - <u32>clz(others);
  }
  runStart = min(runStart, length);
  if (<i32>(length - runStart) >= shortestPiece) lookAtPiece(runStart, length);
  began(denseFrom);
  resume(dense, runStart);
  resume(percent, min(length, max(percentAt, length - min(length, escapes.longestEscape))));
  resume(backslash, min(length, max(backslashAt, length - min(length, escapes.longestEscape))));
  resume(byteLists, max(min(listAt, length), length - min(length, 1)));
  return placesFound();
}

/** The end of the piece that goes on at an index. */
function behindPiece(from: u32): u32 {
  let at = from;
  const low = constant(lowClasses);
  const high = constant(highClasses);
  const half = constant(lowHalf);
  const base64 = constant(base64Classes);
  while (at + 16 <= length && othersIn(classesOf(v128.load(at, input), low, high, half), base64) == 0) at += 16;
  while (at < length && isBase64(byteAt(at))) at++;
  return at;
}

/** What is open is always of interest, as more of it will be seen. */
function lookAtPiece(start: u32, end: u32): void {
  if ((end == length && !isEnd) || isOfInterest(start, end)) found(dense, start);
}

function lookAtEscapes(base: u32, marks: u64): void {
  for (; marks != 0; marks &= marks - 1) {
    const at = base + <u32>ctz(marks);
    if (byteAt(at) == 0x25) {
      if (at >= percentAt) percentAt = behindCluster(percent, at);
    } else if (at >= backslashAt && escapes.isBackslashMark(at)) backslashAt = behindCluster(backslash, at);
  }
}

function lookAtLists(base: u32): void {
  for (let at = base; at < base + 64; at++) if (at >= listAt && byteAt(at) == 0x30 && byteAt(at + 1) == 0x78) listAt = behindList(at);
}

function behindCluster(kind: u32, hit: u32): u32 {
  if (hit + escapes.longestEscape <= length && escapes.escapeAt(kind, hit) == 0) return hit + 1;
  escapes.readCluster(kind, hit);
  const end = escapes.end;
  const isRun = escapes.count >= escapes.fewestEscapes;
  const isOpen = !isEnd && (end == length || (isRun && length - end < escapes.longestEnd));
  if (isRun || isOpen) found(kind, hit);
  return isRun && (escapes.isCut || isOpen) ? max(end - min(end, escapes.sliceOverlap), hit + 1) : end;
}

function behindList(hit: u32): u32 {
  escapes.readList(hit);
  const end = escapes.end;
  if (escapes.count >= escapes.shortestList || (!isEnd && length - min(length, end) <= escapes.longestListGap)) found(byteLists, hit);
  return end;
}

/**
 * Lists pairs of places: where a chain of seven or more printable characters begins that have a NUL, or three, behind each, and where it
 * ends. Returns how many.
 */
export function lookForWide(bytes: u32, capacity: u32): u32 {
  open(bytes, capacity, true);
  let zeros = zerosIn(0);
  let after: u32 = 0;
  for (let base: u32 = 0; base < length; base += 32) {
    const nextZeros = zerosIn(base + 32);
    const both = zeros | (nextZeros << 32);
    zeros = nextZeros;
    if (both == 0 || both == ~0 || chainsIn(~both, both) == 0) continue;
    for (let starts = chainsIn(printableIn(base) | (printableIn(base + 32) << 32), both); starts != 0; starts &= starts - 1) {
      const start = base + <u32>ctz(starts);
      if (start < after) continue;
      after = behindChain(start);
      found(dense, start);
      found(percent, after);
    }
  }
  return placesFound();
}

/** Where among the first 32 of 64 bytes seven characters begin that have one NUL or three behind each. */
function chainsIn(characters: u64, zeros: u64): u64 {
  const pairs = characters & (zeros >> 1);
  const fours = pairs & (zeros >> 2) & (zeros >> 3);
  const twoPairs = pairs & (pairs >> 2);
  const fourPairs = twoPairs & (twoPairs >> 4);
  const twoFours = fours & (fours >> 4);
  const fourFours = twoFours & (twoFours >> 8);
  return ((fourPairs & (fourPairs >> 6)) | (fourFours & (fourFours >> 12))) & 0xffff_ffff;
}

function behindChain(start: u32): u32 {
  const stride: u32 = byteAt(start + 2) == 0 ? 4 : 2;
  let at = start;
  while (at + stride <= length && isPrintable(byteAt(at)) && byteAt(at + 1) == 0 && (stride == 2 || (byteAt(at + 2) | byteAt(at + 3)) == 0))
    at += stride;
  return at;
}

function isPrintable(byte: u32): bool {
  return byte - 0x20 < 0x5f || byte >= 0xa0 || byte == 0x09 || byte == 0x0a || byte == 0x0d;
}

/** A bit for each of 32 bytes. */
function zerosIn(base: u32): u64 {
  const zero = i8x16.splat(0);
  return bitsOf(i8x16.eq(v128.load(base, input), zero)) | (bitsOf(i8x16.eq(v128.load(base, input + 16), zero)) << 16);
}

function printableIn(base: u32): u64 {
  return bitsOf(printableOf(v128.load(base, input))) | (bitsOf(printableOf(v128.load(base, input + 16))) << 16);
}

function printableOf(bytes: v128): v128 {
  const ascii = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(0x20)), i8x16.splat(0x5f));
  const latin = i8x16.ge_u(bytes, i8x16.splat(-96));
  const spaces = v128.or(i8x16.eq(bytes, i8x16.splat(9)), v128.or(i8x16.eq(bytes, i8x16.splat(10)), i8x16.eq(bytes, i8x16.splat(13))));
  return v128.or(v128.or(ascii, latin), spaces);
}

function bitsOf(lanes: v128): u64 {
  return <u64>(<u32>i8x16.bitmask(lanes));
}

/** A bit for each class that a byte is of, by `lowClasses` and `highClasses`: it is of those that both of its halves are of. */
function classesOf(bytes: v128, low: v128, high: v128, half: v128): v128 {
  return v128.and(i8x16.swizzle(low, v128.and(bytes, half)), i8x16.swizzle(high, v128.and(i16x8.shr_u(bytes, 4), half)));
}

/** What is of no class of base64: a bit for each of sixteen bytes. */
function othersIn(classes: v128, base64: v128): u64 {
  return bitsOf(i8x16.eq(v128.and(classes, base64), i8x16.splat(0)));
}

/** Not zero where `0x` stands. */
function hexMarks(bytes: v128, next: v128, mark: v128): v128 {
  return v128.or(i16x8.eq(bytes, mark), i16x8.eq(next, mark));
}

/** Percent signs and backslashes, whose classes are the highest two: a bit for each of sixteen bytes. */
function escapesIn(classes: v128): u64 {
  return bitsOf(v128.or(classes, i8x16.add(classes, classes)));
}
