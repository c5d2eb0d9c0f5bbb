// The records of a zip that speak of a member's data or of where something stands, made to fit exchanged members (APPNOTE.TXT, 4.3 and
// 4.5.3). Fields keep their width, so no record changes its length.
import type { Blob } from '../../../model/blob.ts';
import type { Edit } from '../../../tar/splice.ts';
import type { DirectoryRecord, ZipDirectory } from '../zip/directory.ts';
import { zip64Fields } from '../zip/extra.ts';
import { type Descriptor, hasDescriptor, type LocalHeader } from '../zip/local.ts';
import type { ZipMember } from '../zip/members.ts';

/** A member, and what comes in place of its data. */
export interface Exchanged {
  readonly member: ZipMember;
  readonly header: LocalHeader;
  readonly data: Blob;
  readonly crc: number;
  readonly size: number;
  readonly descriptor: Descriptor | undefined;
  /** Where the member ends, its descriptor included. */
  readonly end: number;
}

/** Stands in a field of four bytes whose value is in a wide one. */
const tooLarge = 0xffffffff;
const noRoom = 'the zip would grow beyond 4 GiB, for which it has no fields';

/** The header of the member, its data, and its descriptor. */
export function localEdits(exchanged: Exchanged): readonly Edit[] {
  const { member, data, descriptor } = exchanged;
  const edits: Edit[] = [
    { start: member.localStart, end: member.dataStart, with: (original) => withLocalFields(original, exchanged) },
    { start: member.dataStart, end: member.dataEnd, with: data },
  ];
  if (descriptor !== undefined) {
    const { crcAt, isWide } = descriptor;
    const withFields = (original: Buffer): Buffer => {
      const bytes = Buffer.from(original);
      bytes.writeUInt32LE(exchanged.crc, crcAt);
      writeSize(bytes, crcAt + 4, isWide, data.size);
      writeSize(bytes, crcAt + (isWide ? 12 : 8), isWide, exchanged.size);
      return bytes;
    };
    edits.push({ start: member.dataEnd, end: member.dataEnd + descriptor.length, with: withFields });
  }
  return edits;
}

/** Fields whose values stand behind the data are zero, or have the values all the same. */
function withLocalFields(original: Buffer, { member, header, data, crc, size }: Exchanged): Buffer {
  const bytes = Buffer.from(original);
  const isBehind = (header.flags & hasDescriptor) !== 0;
  if (!isBehind || header.crc !== 0) bytes.writeUInt32LE(crc, 14);
  const sizes = [
    { name: 'compressedSize', at: 18, value: data.size, old: member.dataEnd - member.dataStart },
    { name: 'size', at: 22, value: size, old: member.size },
  ] as const;
  for (const { name, at, value, old } of sizes) {
    const wideAt = header.zip64[name];
    if (isBehind && header[name] !== old) continue;
    if (wideAt === undefined) writeSize(bytes, at, false, value);
    else writeSize(bytes, wideAt, true, value);
  }
  return bytes;
}

/** All records of the directory that change, and the records of its end; or why they cannot be written. */
export function directoryEdits(directory: ZipDirectory, exchanged: readonly Exchanged[]): readonly Edit[] | string {
  const byRecord = new Map(exchanged.map((one) => [one.member.record, one]));
  const shiftAt = shifts(exchanged);
  // Offsets count from what the archive calls its byte 0, which has moved itself when something in front of it has another length.
  const shiftOf = (offset: number) => shiftAt(offset) - shiftAt(directory.base);
  const edits: Edit[] = [];
  for (const record of directory.records) {
    const own = byRecord.get(record);
    const shift = shiftOf(record.localStart);
    if (own === undefined && shift === 0) continue;
    const old = { ...record, localStart: record.localStart - directory.base };
    const { crc, size, compressedSize } = own === undefined ? old : { crc: own.crc, size: own.size, compressedSize: own.data.size };
    const values = { crc, size, compressedSize, localStart: old.localStart + shift };
    if ((['size', 'compressedSize', 'localStart'] as const).some((name) => old[name] < tooLarge && values[name] >= tooLarge)) return noRoom;
    edits.push({ start: record.start, end: record.end, with: (original) => withRecordFields(original, values) });
  }
  const shift = shiftOf(directory.start);
  if (directory.zip64 !== undefined) {
    const { record, locator } = directory.zip64;
    edits.push({ start: record + 48, end: record + 56, with: movedWide(shift) });
    edits.push({ start: locator + 8, end: locator + 16, with: movedWide(shiftOf(record)) });
  } else if (directory.start - directory.base + shift >= tooLarge) return noRoom;
  const moved = (original: Buffer) => (original.readUInt32LE(0) === tooLarge ? original : narrow(original.readUInt32LE(0) + shift));
  edits.push({ start: directory.endRecord + 16, end: directory.endRecord + 20, with: moved });
  return edits;
}

/** How far what stood at an offset has moved. */
function shifts(exchanged: readonly Exchanged[]): (offset: number) => number {
  const borders: { readonly end: number; readonly shift: number }[] = [];
  let shift = 0;
  for (const { member, data, end } of exchanged) {
    shift += data.size - (member.dataEnd - member.dataStart);
    borders.push({ end, shift });
  }
  return (offset) => {
    let low = 0;
    let high = borders.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (borders[middle].end <= offset) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 0 : borders[low - 1].shift;
  };
}

function withRecordFields(original: Buffer, values: Pick<DirectoryRecord, 'crc' | 'size' | 'compressedSize' | 'localStart'>): Buffer {
  const bytes = Buffer.from(original);
  const fields = [
    { name: 'size', at: 24 },
    { name: 'compressedSize', at: 20 },
    { name: 'localStart', at: 42 },
  ] as const;
  const extraStart = 46 + bytes.readUInt16LE(28);
  const extra = bytes.subarray(extraStart, extraStart + bytes.readUInt16LE(30));
  const wideFields = zip64Fields(
    extra,
    fields.filter(({ at }) => bytes.readUInt32LE(at) === tooLarge).map(({ name }) => name),
  );
  bytes.writeUInt32LE(values.crc, 16);
  for (const { name, at } of fields) {
    const wideAt = wideFields[name];
    if (wideAt === undefined) writeSize(bytes, at, false, values[name]);
    else writeSize(extra, wideAt, true, values[name]);
  }
  return bytes;
}

/** A value without room is only met where it had none before. */
function writeSize(bytes: Buffer, at: number, isWide: boolean, value: number): void {
  if (isWide) bytes.writeBigUInt64LE(BigInt(value), at);
  else bytes.writeUInt32LE(Math.min(value, tooLarge), at);
}

function movedWide(shift: number): (original: Buffer) => Buffer {
  return (original) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt.asUintN(64, original.readBigUInt64LE(0) + BigInt(shift)));
    return bytes;
  };
}

function narrow(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}
