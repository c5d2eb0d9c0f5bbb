// The pieces that a long value is broken into: lines of any width with any indentation, string literals that are joined, line ends
// that are escapes themselves. A piece after a break belongs to the run only when its length and its look say so.
import { asciiGroupTable, closingTable, endOfPiece, jointTable } from './alphabet.ts';

export interface Pieces {
  /** Indices of the first byte of each piece and behind its last one. */
  readonly starts: number[];
  readonly ends: number[];
  /** Characters in all of them. */
  length: number;
  /** Behind the last piece and its padding. */
  end: number;
  /** Why there are no more: the run ends, the limit is reached, or the bytes ran out where it may go on. */
  stopped: 'end' | 'limit' | 'starved';
}

/** Line end, indentation, quotes and operators between two pieces. */
const longestJoint = 96;
/** Longer pieces behind a line end are rarely words. */
const mostWord = 32;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const backslash = 0x5c;
const slash = 0x2f;
const equals = 0x3d;
const plus = 0x2b;

/**
 * The pieces of a run from `from` on, up to `limit` (an index) or about `most` characters. `before` characters of the run stand before them.
 * `isText` tells that it is text in base64, which helps to tell the last piece from the word after it.
 */
export function piecesOf(
  bytes: Buffer,
  from: number,
  limit: number,
  isEnd: boolean,
  table: Uint8Array,
  { before = 0, isText = false, most = Infinity }: { readonly before?: number; readonly isText?: boolean; readonly most?: number },
): Pieces {
  const stop = Math.min(limit, bytes.length);
  const pieces: Pieces = { starts: [], ends: [], length: 0, end: from, stopped: 'end' };
  let start = from;
  let end = endOfPiece(bytes, from, stop, table);
  for (;;) {
    pieces.starts.push(start);
    pieces.ends.push(end);
    pieces.length += end - start;
    pieces.end = end;
    if (end >= stop) pieces.stopped = stop < bytes.length ? 'limit' : isEnd ? 'end' : 'starved';
    else if (pieces.length >= most) pieces.stopped = 'limit';
    if (end >= stop || pieces.length >= most) return pieces;
    if (bytes[end] === equals) {
      pieces.end = bytes[end + 1] === equals ? end + 2 : end + 1;
      return pieces;
    }
    const isEscaped = bytes[end] === backslash && bytes[end + 1] === slash;
    const next = isEscaped ? end + 1 : behindJoint(bytes, end);
    if (next < 0) return pieces;
    if (next >= stop) {
      pieces.stopped = next < bytes.length ? 'limit' : isEnd ? 'end' : 'starved';
      return pieces;
    }
    const nextEnd = endOfPiece(bytes, next, stop, table);
    if (nextEnd === next) return pieces;
    if (!isEscaped && nextEnd < stop) {
      const isWhole = nextEnd - next === end - start;
      const count = before + pieces.length;
      if (!isWhole && pieces.starts.length > 1 && count % 4 !== 0) return pieces;
      if (closingTable[bytes[nextEnd]] === 0) return pieces;
      const isPadded = bytes[nextEnd] === equals;
      if (!isWhole && isPadded && !isPadding(bytes, nextEnd, count + nextEnd - next)) return pieces;
      const isComplete = isPadded || nextEnd - next > mostWord;
      // Nothing tells the look of compressed bytes, so only what completes the last group is taken for their end.
      if (!isWhole && !isText && !isComplete && (count + nextEnd - next) % 4 !== 0) return pieces;
      if (!isWhole && isText && !isComplete && !startsAsciiGroups(bytes, next + ((4 - (count % 4)) % 4), nextEnd)) return pieces;
    }
    start = next;
    end = nextEnd;
  }
}

/** The index behind a break of the run at `from`; -1 when it is none, the length of the bytes when they end before that is known. */
function behindJoint(bytes: Buffer, from: number): number {
  let lineEnds = 0;
  let quotes = 0;
  let at = from;
  for (; at < bytes.length; at++) {
    if (at - from > longestJoint) return -1;
    const byte = bytes[at];
    const next = bytes[at + 1];
    if (byte === backslash && (next === 0x6e || next === 0x72 || next === 0x74)) {
      at++;
      lineEnds++;
    } else if (byte === lineFeed || byte === carriageReturn) lineEnds++;
    else if (byte === 0x22 || byte === 0x27 || byte === 0x60) quotes++;
    else if (jointTable[byte] === 0 && !(byte === plus && quotes > 0 && jointTable[next] !== 0)) break;
  }
  return at >= bytes.length || lineEnds > 0 || quotes > 1 ? Math.min(at, bytes.length) : -1;
}

/** Equals signs that complete the last group, and nothing of a value behind them. */
function isPadding(bytes: Buffer, at: number, count: number): boolean {
  const length = bytes[at + 1] === equals ? 2 : 1;
  return (count + length) % 4 === 0 && (at + length >= bytes.length || closingTable[bytes[at + length]] !== 0);
}

/** True when most groups of four characters from `from` on, sixteen at most, begin like ASCII does; all of them when there are few. */
export function startsAsciiGroups(bytes: Buffer, from: number, to: number): boolean {
  let misses = 0;
  const stop = Math.min(to, from + 64);
  for (let at = from; at < stop; at += 4) if (asciiGroupTable[bytes[at]] === 0 && ++misses > 2) return false;
  return misses * 32 <= stop - from;
}
