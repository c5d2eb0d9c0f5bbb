// Writes over values in place. The length stays; so do line ends, spaces, the backslash of an escape and what it escapes, and the NULs of
// wide characters: what surrounds the value stays well formed.
import { redactionCharacter } from '../../model/redaction.ts';
import type { Encoding } from './encodings.ts';
import type { Hunt } from './hunt.ts';

const mark = redactionCharacter.charCodeAt(0);
const backslash = 0x5c;
const quote = 0x27;
const plus = 0x2b;
/** How a shell writes a single quote between single quotes. */
const quoteInQuotes = Buffer.from("'\\''");
const kept = new Set([0x00, 0x09, 0x0a, 0x0d, 0x20]);
const quotes = new Set(Buffer.from('"\''));
const escapable = new Set(Buffer.from('nrtbfu\\"/\''));

/** A range of bytes in which a value stands. */
export interface Marked {
  readonly start: number;
  readonly end: number;
  readonly encoding: Encoding;
}

/** Sorted, overlapping ranges joined; the encoding is that of the longest. */
export function mergedRanges(marked: readonly Marked[]): readonly Marked[] {
  const merged: Marked[] = [];
  for (const range of [...marked].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = merged.at(-1);
    if (last === undefined || range.start >= last.end) merged.push(range);
    else if (range.end > last.end) merged[merged.length - 1] = { ...last, end: range.end };
  }
  return merged;
}

/** Writes over `bytes` from `start` to `end`, in place. */
export function fill(bytes: Buffer, start: number, end: number, encoding: Encoding): void {
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (kept.has(byte) || (encoding === 'base64' && isJoint(bytes, at, start, end))) continue;
    if (byte === quote && at + quoteInQuotes.length <= end && bytes.compare(quoteInQuotes, 0, undefined, at, at + quoteInQuotes.length) === 0) {
      bytes.fill(mark, at, at + quoteInQuotes.length);
      at += quoteInQuotes.length - 1;
    } else if (byte === backslash) {
      // The last one may escape what follows the range, such as the quote that would end the string.
      if (at + 1 === end) continue;
      if (!escapable.has(bytes[at + 1])) bytes[at] = mark;
      else {
        // `\u0026` is one character: its digits go, so the escape goes with them.
        if (bytes[at + 1] === 0x75) bytes.fill(mark, at, Math.min(end, at + 6));
        at++;
      }
    } else bytes[at] = mark;
  }
}

/** What stands between the pieces of a string in a program, and so is no base64: quotes, and a plus with space or quotes around it. */
function isJoint(bytes: Buffer, at: number, start: number, end: number): boolean {
  const isAround = (place: number) => place < start || place >= end || kept.has(bytes[place]) || quotes.has(bytes[place]);
  return quotes.has(bytes[at]) || (bytes[at] === plus && isAround(at - 1) && isAround(at + 1));
}

/** The same text with every hit of the hunt written over. */
export function redactedBytes(bytes: Buffer, hunt: Hunt): Buffer {
  const copy = Buffer.from(bytes);
  for (const { start, end, encoding } of hunt.in(bytes)) fill(copy, start, end, encoding);
  return copy;
}

/** The same for a stream: as long, and held back by no more than the longest value. */
export async function* redactedStream(chunks: AsyncIterable<Uint8Array>, hunt: Hunt): AsyncGenerator<Uint8Array> {
  // Values may overlap: one that is whole already must not hide another that is not.
  let held: { readonly original: Buffer; readonly filled: Buffer } = { original: Buffer.alloc(0), filled: Buffer.alloc(0) };
  for await (const chunk of chunks) {
    const original = Buffer.concat([held.original, chunk]);
    const filled = Buffer.concat([held.filled, chunk]);
    for (const { start, end, encoding } of hunt.in(original)) fill(filled, start, end, encoding);
    const ready = Math.max(0, original.length - hunt.reach);
    if (ready > 0) yield filled.subarray(0, ready);
    held = { original: Buffer.from(original.subarray(ready)), filled: Buffer.from(filled.subarray(ready)) };
  }
  if (held.filled.length > 0) yield held.filled;
}

/** A stream with these ranges of it written over, as long as it was. A range is held until it is whole: what is an escape in it depends on all. */
export async function* filledStream(chunks: AsyncIterable<Uint8Array>, ranges: readonly Marked[]): AsyncGenerator<Uint8Array> {
  const marked = mergedRanges(ranges);
  let next = 0;
  let pending: Uint8Array[] = [];
  /** Offsets of the first byte that is pending, of the first behind, and up to where there must be bytes before any go on. */
  let start = 0;
  let end = 0;
  let until = 0;
  const filled = (isEnd: boolean): Buffer => {
    const bytes = Buffer.concat(pending);
    const from = start;
    start = end;
    for (; next < marked.length && marked[next].start < end; next++) {
      const range = marked[next];
      if (range.end > end && !isEnd) {
        start = range.start;
        until = range.end;
        break;
      }
      fill(bytes, range.start - from, Math.min(bytes.length, range.end - from), range.encoding);
    }
    pending = start === end ? [] : [Buffer.from(bytes.subarray(start - from))];
    return bytes.subarray(0, start - from);
  };
  for await (const chunk of chunks) {
    pending.push(chunk);
    end += chunk.length;
    if (end < until) continue;
    if (next === marked.length || marked[next].start >= end) {
      yield* pending;
      pending = [];
      start = end;
    } else yield filled(false);
  }
  if (pending.length > 0) yield filled(true);
}
