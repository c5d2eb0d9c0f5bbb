// One 512-byte tar header block to its fields, for every dialect: v7, ustar, GNU, star and PAX (POSIX.1-2017 pax, "ustar Interchange
// Format"; GNU tar manual, "Basic Tar Format"). Numbers that cannot be read are told, never guessed.
import { type Chunk, chunkOf } from './chunk.ts';

export const blockSize = 512;

export interface HeaderFields {
  readonly name: string;
  readonly linkName: string;
  readonly type: string;
  /** undefined: the field cannot be read; negative: it says so. */
  readonly size: number | undefined;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly isGnu: boolean;
}

/** The sum of all bytes, the checksum field counted as spaces; old writers summed signed bytes. False for less than a block. */
export function hasValidChecksum(block: Buffer): boolean {
  return block.length >= blockSize && hasChecksumAt(chunkOf(block), 0);
}

/** The same of the block at `at`, all of which is there. */
export function hasChecksumAt({ bytes, words }: Chunk, at: number): boolean {
  const stored = octal(bytes, at + 148, 8);
  if (stored === undefined) return false;
  const unsigned = 8 * 0x20 + sumOf(words, at, at + 148) + sumOf(words, at + 156, at + blockSize);
  return stored === unsigned || stored === unsigned - 256 * highBytes(bytes, at);
}

/** Of bytes, four at a time in two lanes of 16 bits, which less than 512 of them cannot fill. */
function sumOf(words: DataView, start: number, end: number): number {
  let lanes = 0;
  for (let at = start; at < end; at += 4) {
    const word = words.getInt32(at, true);
    lanes = (lanes + (word & 0x00ff00ff) + ((word >>> 8) & 0x00ff00ff)) | 0;
  }
  return (lanes & 0xffff) + (lanes >>> 16);
}

/** How many bytes are negative when they are read as signed. */
function highBytes(bytes: Buffer, start: number): number {
  let count = 0;
  for (let at = start; at < start + blockSize; at++) if (bytes[at] >= 0x80 && (at < start + 148 || at >= start + 156)) count++;
  return count;
}

const zeros = Buffer.alloc(64 * 1024);

export function isZero(bytes: Uint8Array): boolean {
  if (bytes.length > 0 && bytes[0] !== 0) return false;
  for (let at = 0; at < bytes.length; at += zeros.length) {
    const piece = bytes.subarray(at, at + zeros.length);
    if (!zeros.subarray(0, piece.length).equals(piece)) return false;
  }
  return true;
}

export function blockAt({ bytes }: Chunk, at: number): Buffer {
  return bytes.subarray(at, at + blockSize);
}

export function isZeroBlock(chunk: Chunk, at: number): boolean {
  return chunk.bytes[at] === 0 && isZero(blockAt(chunk, at));
}

/** Bytes from `offset` to the next block border. */
export function paddingAfter(offset: number): number {
  return (blockSize - (offset % blockSize)) % blockSize;
}

/** Of the 512 bytes at `at`. */
export function parseHeader(block: Buffer, at = 0): HeaderFields {
  const format = formatAt(block, at + 257);
  const name = text(block, at, 100);
  // GNU puts times where ustar has the prefix; star ends its prefix early and says so at the end of the block.
  const prefix = format !== 'ustar' || block[at + 345] === 0 ? '' : text(block, at + 345, isStar(block, at) ? 131 : 155);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    linkName: text(block, at + 157, 100),
    type: String.fromCharCode(block[at + 156]),
    size: number(block, at + 124, 12),
    mode: number(block, at + 100, 8) ?? 0,
    uid: number(block, at + 108, 8) ?? 0,
    gid: number(block, at + 116, 8) ?? 0,
    mtime: number(block, at + 136, 12) ?? 0,
    isGnu: format === 'gnu',
  };
}

/** By its magic, `ustar` and a NUL or a space; everything else has no fields behind the link name. */
function formatAt(block: Buffer, at: number): 'ustar' | 'gnu' | 'old' {
  const isKnown = block[at] === 0x75 && block[at + 1] === 0x73 && block[at + 2] === 0x74 && block[at + 3] === 0x61 && block[at + 4] === 0x72;
  if (!isKnown) return 'old';
  return block[at + 5] === 0 ? 'ustar' : block[at + 5] === 0x20 ? 'gnu' : 'old';
}

function isStar(block: Buffer, at: number): boolean {
  return block.toString('latin1', at + 508, at + blockSize) === 'tar\0';
}

/** Up to the first NUL. */
function text(block: Buffer, start: number, length: number): string {
  let end = start;
  while (end < start + length && block[end] !== 0) end++;
  return end === start ? '' : block.toString('latin1', start, end);
}

/** Octal digits or, with the highest bit set, a big-endian two's complement number (GNU base-256). */
export function number(block: Buffer, start: number, length: number): number | undefined {
  if ((block[start] & 0x80) === 0) return octal(block, start, length);
  const isNegative = (block[start] & 0x40) !== 0;
  let value = isNegative ? (block[start] | 0) - 0x100 : block[start] & 0x7f;
  for (let i = start + 1; i < start + length; i++) value = value * 256 + block[i];
  return value;
}

/** Leading spaces and NULs are allowed, an empty field is 0, anything but digits before the first space or NUL is unreadable. */
function octal(block: Buffer, start: number, length: number): number | undefined {
  const end = start + length;
  let i = start;
  while (i < end && (block[i] === 0x20 || block[i] === 0)) i++;
  let value = 0;
  for (; i < end; i++) {
    const byte = block[i];
    if (byte === 0x20 || byte === 0) break;
    if (byte < 0x30 || byte > 0x37) return undefined;
    value = value * 8 + (byte - 0x30);
  }
  return value;
}
