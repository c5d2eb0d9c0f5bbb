// Writes zips byte for byte, right and wrong ones: every form that APPNOTE.TXT allows and what a stranger may make of it.
import { crc32, deflateRawSync } from 'node:zlib';

export interface RawMember {
  readonly name: string | Buffer;
  readonly data: Buffer | string;
  /** 0 stored, 8 deflated; for any other `stored` are the bytes that stand in the file. */
  readonly method?: number;
  readonly stored?: Buffer;
  readonly flags?: number;
  /** Sizes and checksum behind the data: with signature, without, or with sizes of eight bytes. */
  readonly descriptor?: 'signed' | 'plain' | 'wide';
  /** Sizes, and in the directory the offset, in the zip64 extra field. */
  readonly isZip64?: boolean;
  readonly extra?: Buffer;
  readonly comment?: string;
  /** The directory does not name it. */
  readonly isHidden?: boolean;
  readonly crc?: number;
  /** What the directory says instead of the right values. */
  readonly claims?: { readonly compressedSize?: number; readonly size?: number; readonly localStart?: number; readonly method?: number };
  readonly attributes?: number;
}

export interface RawZip {
  readonly members: readonly RawMember[];
  readonly prefix?: Buffer;
  /** Whether offsets count from the start of the file although something stands in front. */
  readonly areOffsetsAbsolute?: boolean;
  readonly comment?: string;
  readonly isZip64?: boolean;
  /** In front of the directory. */
  readonly gap?: Buffer;
  readonly tail?: Buffer;
}

const time = Buffer.from([0x21, 0x6c, 0x72, 0x57]);

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function withSize(bytes: Buffer): Buffer[] {
  return [u16(bytes.length), bytes];
}

interface Encoded {
  readonly member: RawMember;
  readonly name: Buffer;
  readonly method: number;
  readonly flags: number;
  readonly crc: number;
  readonly size: number;
  readonly stored: Buffer;
}

function encoded(member: RawMember): Encoded {
  const data = Buffer.from(member.data as Buffer);
  const method = member.method ?? 8;
  const stored = member.stored ?? (method === 0 ? data : deflateRawSync(data));
  const flags = (member.flags ?? 0) | (member.descriptor === undefined ? 0 : 8);
  return { member, name: Buffer.from(member.name as Buffer), method, flags, crc: member.crc ?? crc32(data), size: data.length, stored };
}

/** The local header, the data and the descriptor. */
export function localPart(rawMember: RawMember): Buffer {
  const { member, name, method, flags, crc, size, stored } = encoded(rawMember);
  const isBehind = member.descriptor !== undefined;
  const wide = member.isZip64 ? Buffer.concat([u16(1), u16(16), u64(isBehind ? 0 : size), u64(isBehind ? 0 : stored.length)]) : Buffer.alloc(0);
  const extra = Buffer.concat([member.extra ?? Buffer.alloc(0), wide]);
  const sizes = member.isZip64 ? [u32(0xffffffff), u32(0xffffffff)] : isBehind ? [u32(0), u32(0)] : [u32(stored.length), u32(size)];
  const header = Buffer.concat([
    Buffer.from('PK\x03\x04'),
    u16(member.isZip64 ? 45 : 20),
    u16(flags),
    u16(method),
    time,
    u32(isBehind ? 0 : crc),
    ...sizes,
    u16(name.length),
    u16(extra.length),
    name,
    extra,
  ]);
  const wideSizes = [u64(stored.length), u64(size)];
  const behind = {
    signed: [Buffer.from('PK\x07\x08'), u32(crc), u32(stored.length), u32(size)],
    plain: [u32(crc), u32(stored.length), u32(size)],
    wide: [Buffer.from('PK\x07\x08'), u32(crc), ...wideSizes],
  };
  return Buffer.concat([header, stored, ...(member.descriptor === undefined ? [] : behind[member.descriptor])]);
}

function directoryRecord(rawMember: RawMember, offset: number): Buffer {
  const { member, name, method, flags, crc, size, stored } = encoded(rawMember);
  const compressedSize = member.claims?.compressedSize ?? stored.length;
  const realSize = member.claims?.size ?? size;
  const localStart = member.claims?.localStart ?? offset;
  const wide = member.isZip64 ? Buffer.concat([u16(1), u16(24), u64(realSize), u64(compressedSize), u64(localStart)]) : Buffer.alloc(0);
  const extra = Buffer.concat([member.extra ?? Buffer.alloc(0), wide]);
  const narrow = (value: number) => u32(member.isZip64 ? 0xffffffff : value);
  const comment = Buffer.from(member.comment ?? '');
  return Buffer.concat([
    Buffer.from('PK\x01\x02'),
    u16(0x031e),
    u16(member.isZip64 ? 45 : 20),
    u16(flags),
    u16(member.claims?.method ?? method),
    time,
    u32(crc),
    narrow(compressedSize),
    narrow(realSize),
    u16(name.length),
    u16(extra.length),
    u16(comment.length),
    u16(0),
    u16(0),
    u32(member.attributes ?? 0o100644 * 0x10000),
    narrow(localStart),
    name,
    extra,
    comment,
  ]);
}

export function rawZip({ members, prefix = Buffer.alloc(0), areOffsetsAbsolute, comment = '', isZip64, gap, tail }: RawZip): Buffer {
  const parts: Buffer[] = [];
  const records: Buffer[] = [];
  let at = areOffsetsAbsolute ? prefix.length : 0;
  for (const member of members) {
    const part = localPart(member);
    if (!member.isHidden) records.push(directoryRecord(member, at));
    parts.push(part);
    at += part.length;
  }
  at += gap?.length ?? 0;
  const directory = Buffer.concat(records);
  const end = at + directory.length;
  const wide = isZip64
    ? [
        Buffer.concat([Buffer.from('PK\x06\x06'), u64(44), u16(45), u16(45), u32(0), u32(0), u64(records.length), u64(records.length)]),
        u64(directory.length),
        u64(at),
        Buffer.concat([Buffer.from('PK\x06\x07'), u32(0), u64(end), u32(1)]),
      ]
    : [];
  const counts = isZip64 ? [u16(0xffff), u16(0xffff)] : [u16(records.length), u16(records.length)];
  const places = isZip64 ? [u32(0xffffffff), u32(0xffffffff)] : [u32(directory.length), u32(at)];
  const endRecord = Buffer.concat([Buffer.from('PK\x05\x06'), u16(0), u16(0), ...counts, ...places, ...withSize(Buffer.from(comment))]);
  return Buffer.concat([prefix, ...parts, gap ?? Buffer.alloc(0), directory, ...wide, endRecord, tail ?? Buffer.alloc(0)]);
}
