// Tells at the beginning of a long piece which encoding it is written in and where the first group begins. Nearly every piece is a name,
// a path, a hash or an image: these must go within a few looks.
import { asciiGroupTable, base64Table, endOfPiece, hexTable } from './alphabet.ts';
import { startsAsciiGroups } from './pieces.ts';

export interface Code {
  readonly name: 'base64' | 'hex';
  readonly table: Uint8Array;
  /** Characters of a group, and the bytes it decodes to. */
  readonly group: number;
  readonly size: number;
  /** Slices hold a multiple of so many characters: whole groups, and whole units of UTF-16. */
  readonly align: number;
}

const base64: Code = { name: 'base64', table: base64Table, group: 4, size: 3, align: 8 };
const hex: Code = { name: 'hex', table: hexTable, group: 2, size: 1, align: 4 };

/** Characters of a run that is worth decoding wherever it stands. */
export const shortestRun = 40;
export const shortestHex = 32;
/** Shorter ones are decoded where they stand like a value. */
export const shortestPiece = 24;

/**
 * The encoding of the piece from `start` to `end`, and the index of its first group; undefined when nothing readable is in it. For another
 * try groups begin at least `leastShift` characters behind what looks like the beginning.
 */
export function recognise(
  bytes: Buffer,
  start: number,
  end: number,
  leastShift = 0,
): { readonly code: Code; readonly start: number; readonly shift: number } | undefined {
  let from = start;
  // What a backslash belongs to is an escape, such as the line end before the first line.
  if (from > 0 && bytes[from - 1] === 0x5c && (bytes[from] === 0x6e || bytes[from] === 0x72 || bytes[from] === 0x74)) from++;
  const digits = behindHexPrefix(bytes, from);
  if (
    end - digits >= shortestHex &&
    endOfPiece(bytes, digits, digits + 24, hexTable) === digits + 24 &&
    endOfPiece(bytes, digits, end, hexTable) === end
  )
    return isReadableHex(bytes, digits, end) ? { code: hex, start: digits, shift: 4 } : undefined;
  if (leastShift === 0 && (startsAsciiGroups(bytes, from, end) || isCompressed(bytes, from))) return { code: base64, start: from, shift: 0 };
  if (end - from < shortestRun) return undefined;
  // Something of the same alphabet, as a slash or a name, may stand before the first group.
  for (let shift = Math.max(1, leastShift); shift < 4; shift++)
    if (startsAsciiGroups(bytes, from + shift, end)) return { code: base64, start: from + shift, shift };
  return undefined;
}

function behindHexPrefix(bytes: Buffer, at: number): number {
  const first = bytes[at] === 0x30 ? at + 1 : at;
  return (bytes[first] | 0x20) === 0x78 ? first + 1 : at;
}

/** Printable characters begin with 2 to 7, line ends with 0; a hash does not have them all. */
function isReadableHex(bytes: Buffer, from: number, to: number): boolean {
  if (bytes[from] === 0x31 && (bytes[from + 1] | 0x20) === 0x66 && bytes[from + 2] === 0x38 && (bytes[from + 3] | 0x20) === 0x62) return true;
  let misses = 0;
  const stop = Math.min(to, from + 64);
  for (let at = from; at < stop; at += 2) if ((bytes[at] < 0x32 || bytes[at] > 0x37) && bytes[at] !== 0x30) misses++;
  return misses * 20 <= stop - from;
}

/** The headers of gzip and of zlib in base64. */
function isCompressed(bytes: Buffer, at: number): boolean {
  if (asciiGroupTable[bytes[at]] === 0) return false;
  if (bytes[at] === 0x48) return bytes[at + 1] === 0x34 && bytes[at + 2] === 0x73 && bytes[at + 3] === 0x49;
  const second = bytes[at + 1];
  return bytes[at] === 0x65 && (second === 0x41 || second === 0x46 || second === 0x4a || second === 0x4e);
}
