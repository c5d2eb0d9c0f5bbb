// Bytes of a window to the string that rules read, and the way back from an index in the string to a byte.
import { isAscii, isUtf8 } from 'node:buffer';

export interface DecodedText {
  readonly text: string;
  /** The byte, counted from the first of the window, at which the character at `index` begins. */
  byteOf(index: number): number;
}

/** A text whose bytes were decoded as they stand. */
export interface DecodedBytes extends DecodedText {
  /** The way back from a byte: the index of the character that it is of, or the length of the text for a byte behind all. */
  indexOf(byte: number): number;
}

/**
 * UTF-8 where the bytes are valid; otherwise latin1. In binaries the bytes above 0x7f become NUL: as latin1 they would be letters,
 * and a token behind a letter is no token to rules that ask for a boundary.
 */
export function decodeText(bytes: Buffer): DecodedBytes {
  if (isAscii(bytes)) return byteByByte(bytes.toString('latin1'));
  if (isUtf8(bytes)) {
    const text = bytes.toString('utf8');
    return { text, byteOf: (index) => Buffer.byteLength(text.slice(0, index)), indexOf: indexIn(bytes) };
  }
  const latin1 = bytes.toString('latin1');
  const text = isBinary(bytes) ? latin1.replace(/[\x80-\xff]/g, '\0') : latin1;
  return byteByByte(text);
}

function byteByByte(text: string): DecodedBytes {
  return { text, byteOf: (index) => index, indexOf: (byte) => Math.min(byte, text.length) };
}

/** Of valid UTF-8. Bytes are mostly asked for in rising order, and each is passed once then. */
function indexIn(bytes: Buffer): DecodedBytes['indexOf'] {
  let passed = { byte: 0, index: 0 };
  return (byte) => {
    let first = Math.min(byte, bytes.length);
    while (first > 0 && first < bytes.length && (bytes[first] & 0xc0) === 0x80) first--;
    if (first < passed.byte) passed = { byte: 0, index: 0 };
    passed = { byte: first, index: passed.index + bytes.toString('utf8', passed.byte, first).length };
    return passed.index;
  };
}

/** Cuts off the pieces of characters at both ends, so that a window of valid UTF-8 stays valid. Returns how many bytes to drop. */
export function brokenCharacters(bytes: Buffer): { readonly atStart: number; readonly atEnd: number } {
  let atStart = 0;
  while (atStart < 3 && atStart < bytes.length && (bytes[atStart] & 0xc0) === 0x80) atStart++;
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back];
    if ((byte & 0xc0) === 0x80) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return { atStart, atEnd: needed > back ? back : 0 };
  }
  return { atStart, atEnd: 0 };
}

/** Control characters that no text file has. */
export function isBinary(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && byte !== 0x0c && byte !== 0x1b) return true;
  }
  return false;
}
