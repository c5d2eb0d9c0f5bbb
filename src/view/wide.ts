// Text in UTF-16 and UTF-32, wherever it stands: a whole file with or without a byte-order mark, or a string inside a binary.
// It is found by its shape, so that neither a missing mark nor a wrong one hides anything.
import { lookForWide } from '../core/runs.ts';
import type { DecodedText } from './text.ts';

/** The byte-order mark of UTF-16 at the beginning of a file. */
export function utf16Mark(head: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  return undefined;
}

/** Bytes before the first character: the marks of UTF-8, UTF-16 and UTF-32. */
export function markLength(head: Uint8Array): number {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 3;
  if (head[0] === 0 && head[1] === 0 && head[2] === 0xfe && head[3] === 0xff) return 4;
  if (utf16Mark(head) === undefined) return 0;
  return head[0] === 0xff && head.length >= 4 && head[2] === 0 && head[3] === 0 ? 4 : 2;
}

/** A whole UTF-16 text, characters beyond latin1 included. `bytes` must begin at a unit. */
export function decodeUtf16(bytes: Uint8Array, encoding: 'utf-16le' | 'utf-16be'): DecodedText {
  return { text: new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes), byteOf: (index) => index * 2 };
}

/** A run of wide characters inside other bytes: `text` holds one latin1 character for each unit. */
export interface WideRun {
  readonly text: Buffer;
  /** Offset of the low byte of the first unit in the bytes that were searched; the unit of a big-endian run begins before it. */
  readonly start: number;
  readonly isBigEndian: boolean;
  readonly stride: 2 | 4;
  /** The run goes on to the end of the bytes. */
  readonly isOpen: boolean;
}

/** Shorter runs hold no secret with its context. */
const shortestRun = 8;

/**
 * Finds runs of at least eight printable characters that stand two or four bytes apart with NULs between them, at any alignment.
 * Looks behind `from` only. A run that begins at `bigEndianStart` is big-endian where nothing else tells. Such a run covers a whole group of
 * eight aligned bytes, so only one group in one place is looked at until it fits, and only where the core finds seven characters of a run.
 */
export function wideRuns(bytes: Buffer, from: number, bigEndianStart: number): WideRun[] {
  const runs: WideRun[] = [];
  const [starts, ends] = lookForWide(bytes.subarray(from));
  let at = from;
  for (const [chain, chainStart] of starts.entries()) {
    at += Math.max(0, ((from + chainStart - at) >> 3) << 3);
    for (const chainEnd = from + ends[chain]; at <= chainEnd && at + 8 <= bytes.length; at += 8) {
      const first = bytes[at] !== 0 ? 0 : bytes[at + 1] !== 0 ? 1 : bytes[at + 2] !== 0 ? 2 : bytes[at + 3] !== 0 ? 3 : -1;
      if (first < 0) continue;
      const stride = bytes[at + first + 2] === 0 ? 4 : 2;
      if (bytes[at + first + 1] !== 0 || bytes[at + first + stride] === 0) continue;
      const run = runAround(bytes, from, at + first, stride, bigEndianStart);
      if (run === undefined) continue;
      runs.push(run);
      at = Math.max(at, run.start + run.text.length * run.stride - 8);
    }
  }
  return runs;
}

function runAround(bytes: Buffer, from: number, inside: number, stride: 2 | 4, bigEndianStart: number): WideRun | undefined {
  let start = inside;
  while (start - stride >= from && isUnit(bytes, start - stride, stride)) start -= stride;
  let end = start;
  while (isUnit(bytes, end, stride)) end += stride;
  // A unit is a character and the NULs behind it here; in big-endian text those are the next unit's, and the last has none.
  const followsNuls = start >= stride - 1 && bytes.subarray(start - stride + 1, start).every((byte) => byte === 0);
  const hasBareEnd = end < bytes.length && isPrintable(bytes[end]);
  // Between NULs both readings fit, and little-endian strings are the common ones.
  const isBigEndian = followsNuls && (hasBareEnd || start - stride + 1 === bigEndianStart);
  if (isBigEndian && hasBareEnd) end += stride;
  const length = (end - start) / stride;
  if (length < shortestRun) return undefined;
  const text = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) text[i] = bytes[start + i * stride];
  return { text, start, isBigEndian, stride, isOpen: end + stride > bytes.length };
}

/** A printable character followed by the NULs of its unit. */
function isUnit(bytes: Buffer, at: number, stride: number): boolean {
  if (at + stride > bytes.length || !isPrintable(bytes[at])) return false;
  for (let i = 1; i < stride; i++) if (bytes[at + i] !== 0) return false;
  return true;
}

function isPrintable(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte >= 0xa0 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}
