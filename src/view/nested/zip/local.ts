// The header in front of the data of a zip's member (APPNOTE.TXT, 4.3.7), and the descriptor that may stand behind the data (4.3.9).
import { longestName } from '../member-names.ts';
import type { Window } from '../window.ts';
import { uint64, type Zip64Fields, zip64Fields } from './extra.ts';

export const localHeaderSize = 30;

/** Sizes and checksum stand behind the data. */
export const hasDescriptor = 0x0008;

export interface LocalHeader {
  readonly version: number;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly compressedSize: number;
  readonly size: number;
  /** Bytes, held as latin1; a long one is cut. */
  readonly name: string;
  readonly dataStart: number;
  /** Where the wide values stand, counted from the start of the header. */
  readonly zip64: Zip64Fields;
}

/** undefined: there is no header at `start`. */
export async function localHeaderAt(window: Window, start: number): Promise<LocalHeader | undefined> {
  const fixed = await window.read(start, localHeaderSize);
  if (fixed.length < localHeaderSize || fixed.readUInt32LE(0) !== 0x04034b50) return undefined;
  const nameLength = fixed.readUInt16LE(26);
  const extraLength = fixed.readUInt16LE(28);
  const rest = await window.read(start + localHeaderSize, nameLength + extraLength);
  if (rest.length < nameLength + extraLength) return undefined;
  const extra = rest.subarray(nameLength);
  const narrow = { size: fixed.readUInt32LE(22), compressedSize: fixed.readUInt32LE(18) };
  // Both must be there when one is (4.5.3), and some writers put both for one.
  const wide = zip64Fields(extra, narrow.size === 0xffffffff || narrow.compressedSize === 0xffffffff ? ['size', 'compressedSize'] : []);
  const extraStart = localHeaderSize + nameLength;
  const isWide = (name: keyof typeof narrow) => narrow[name] === 0xffffffff && wide[name] !== undefined;
  return {
    version: fixed[4],
    flags: fixed.readUInt16LE(6),
    method: fixed.readUInt16LE(8),
    crc: fixed.readUInt32LE(14),
    size: isWide('size') ? uint64(extra, wide.size!) : narrow.size,
    compressedSize: isWide('compressedSize') ? uint64(extra, wide.compressedSize!) : narrow.compressedSize,
    name: rest.toString('latin1', 0, Math.min(nameLength, longestName)),
    dataStart: start + localHeaderSize + nameLength + extraLength,
    zip64: {
      ...(isWide('size') ? { size: extraStart + wide.size! } : {}),
      ...(isWide('compressedSize') ? { compressedSize: extraStart + wide.compressedSize! } : {}),
    },
  };
}

/** Where the values stand in a descriptor: its signature may be missing, and its sizes have four or eight bytes. */
export interface Descriptor {
  readonly crcAt: number;
  readonly isWide: boolean;
  readonly length: number;
}

/** The form in which the descriptor at `start` gives these values; undefined when it gives them in none. */
export async function descriptorAt(
  window: Window,
  start: number,
  { crc, compressedSize, size }: { readonly crc: number; readonly compressedSize: number; readonly size: number },
): Promise<Descriptor | undefined> {
  const bytes = await window.read(start, 24);
  for (const crcAt of bytes.length >= 16 && bytes.readUInt32LE(0) === 0x08074b50 ? [4, 0] : [0]) {
    for (const isWide of [false, true]) {
      const length = crcAt + 4 + (isWide ? 16 : 8);
      if (bytes.length < length || bytes.readUInt32LE(crcAt) !== crc) continue;
      const first = isWide ? uint64(bytes, crcAt + 4) : bytes.readUInt32LE(crcAt + 4);
      const second = isWide ? uint64(bytes, crcAt + 12) : bytes.readUInt32LE(crcAt + 8);
      if (first === compressedSize && second === size) return { crcAt, isWide, length };
    }
  }
  return undefined;
}
