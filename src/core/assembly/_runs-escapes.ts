// Clusters of escapes and lists of bytes: how far one goes, and how much is in it. The same as in src/view/encoded: escapes.ts and
// escape-runs.ts, byte-lists.ts.
import { byteAt, length, percent } from './_runs-memory';
import { hexValue } from './_runs-pieces';

const longestSlice: u32 = 65536;
export const sliceOverlap: u32 = 4096;
export const fewestEscapes: u32 = 4;
const longestGap: u32 = 64;
export const longestEscape: u32 = 6;
export const longestEnd: u32 = 256;

export const shortestList: u32 = 16;
const mostBytes: u32 = longestSlice / 4;
export const longestListGap: u32 = 96;

/** Of the cluster or list that was read last: behind its end, its escapes of printable ASCII or its bytes, and whether it goes on. */
export let end: u32 = 0;
export let count: u32 = 0;
export let isCut: bool = false;

/** What tells that an escape may stand there. */
export function isBackslashMark(at: u32): bool {
  const kind = byteAt(at + 1);
  return kind == 0x78 || kind == 0x31 || (kind == 0x75 && byteAt(at + 2) == 0x30 && byteAt(at + 3) == 0x30);
}

/** The character at an index times sixteen, plus the length of the escape; 0 when none stands there. */
export function escapeAt(kind: u32, at: u32): u32 {
  if (kind == percent) return byteAt(at) == 0x25 ? packed(hexNumber(at + 1, 2), 3) : 0;
  if (byteAt(at) != 0x5c) return 0;
  const letter = byteAt(at + 1);
  if (letter == 0x78) return packed(hexNumber(at + 2, 2), 4);
  if (letter == 0x75) return packed(hexNumber(at + 2, 4), 6);
  const second = byteAt(at + 2) - 0x30;
  const third = byteAt(at + 3) - 0x30;
  if (letter - 0x30 < 4 && second < 8 && third < 8) return packed(((letter & 7) << 6) | (second << 3) | third, 4);
  if (letter == 0x6e) return packed(0x0a, 2);
  if (letter == 0x72) return packed(0x0d, 2);
  if (letter == 0x74) return packed(0x09, 2);
  return letter == 0x2f || letter == 0x5c ? packed(letter, 2) : 0;
}

/** Reads the cluster that begins at an index. */
export function readCluster(kind: u32, hit: u32): void {
  const limit = min(length, hit + longestSlice);
  let at = hit;
  end = hit;
  count = 0;
  isCut = false;
  while (at < limit && at - end <= longestGap) {
    const escape = escapeAt(kind, at);
    if (escape != 0) {
      if ((escape >> 4) - 0x20 < 0x5f && (escape & 15) > 2) count++;
      at += escape & 15;
      end = at;
    } else if (isWordEnd(byteAt(at))) break;
    else at++;
  }
  if (at >= length) end = length;
  else if (at >= limit) isCut = true;
  else end = max(end, hit + 1);
}

/** Reads the list of bytes that begins at an index. */
export function readList(hit: u32): void {
  let at = hit;
  end = hit + 2;
  count = 0;
  isCut = false;
  while (count < mostBytes && at - hit < longestSlice - longestListGap && byteAt(at) == 0x30 && byteAt(at + 1) == 0x78) {
    const high = hexValue(byteAt(at + 2));
    const low = hexValue(byteAt(at + 3));
    if (high < 0 || byteAt(at + 3) == 0x78 || (low >= 0 && hexValue(byteAt(at + 4)) >= 0)) break;
    at += low < 0 ? 3 : 4;
    end = at;
    count++;
    const stop = at + longestListGap;
    while (at < stop && (byteAt(at) == 0x2c || byteAt(at) == 0x20 || byteAt(at) - 0x09 < 5)) at++;
  }
}

function packed(value: i32, size: u32): u32 {
  return value < 0 ? 0 : ((<u32>value) << 4) | size;
}

function hexNumber(at: u32, digits: u32): i32 {
  if (at + digits > length) return -1;
  let value = 0;
  for (let i = at; i < at + digits; i++) {
    const digit = hexValue(byteAt(i));
    if (digit < 0) return -1;
    value = (value << 4) | digit;
  }
  return value;
}

function isWordEnd(byte: u32): bool {
  return byte - 0x21 >= 0x5e || byte == 0x22 || byte == 0x27 || byte == 0x60 || byte == 0x3c || byte == 0x3e;
}
