// Compresses layers and archives the way the tools of this world do it, and a few ways that only the formats allow.
import { execFileSync } from 'node:child_process';
import { crc32, deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib';

export type Compression = 'none' | 'gzip' | 'zstd' | 'xz' | 'bzip2' | ((bytes: Buffer) => Buffer);

export function compressed(bytes: Buffer, how: Compression): Buffer {
  if (typeof how === 'function') return how(bytes);
  switch (how) {
    case 'none':
      return bytes;
    case 'gzip':
      return gzipSync(bytes);
    case 'zstd':
      return zstdCompressSync(bytes);
    case 'xz':
    case 'bzip2':
      return execFileSync(how, ['-c', '-q'], { input: bytes, maxBuffer: 1 << 30 });
  }
}

/** What a gzip member may carry beside its data (RFC 1952, section 2.3), and how to get its trailer wrong. */
export interface GzipMember {
  readonly name?: string;
  readonly comment?: string;
  readonly extra?: Buffer;
  readonly headerChecksum?: boolean;
  readonly crc?: number;
  readonly length?: number;
}

export function gzipMember(bytes: Buffer, member: GzipMember = {}): Buffer {
  const flags =
    (member.headerChecksum ? 2 : 0) | (member.extra ? 4 : 0) | (member.name === undefined ? 0 : 8) | (member.comment === undefined ? 0 : 16);
  const parts: Buffer[] = [Buffer.from([0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 255])];
  if (member.extra) parts.push(littleEndian(member.extra.length, 2), member.extra);
  if (member.name !== undefined) parts.push(Buffer.from(`${member.name}\0`, 'latin1'));
  if (member.comment !== undefined) parts.push(Buffer.from(`${member.comment}\0`, 'latin1'));
  if (member.headerChecksum) parts.push(littleEndian(crc32(Buffer.concat(parts)) & 0xffff, 2));
  const trailer = [littleEndian(member.crc ?? crc32(bytes), 4), littleEndian(member.length ?? bytes.length, 4)];
  return Buffer.concat([...parts, deflateRawSync(bytes), ...trailer]);
}

function littleEndian(value: number, width: number): Buffer {
  const field = Buffer.alloc(8);
  field.writeBigUInt64LE(BigInt(value));
  return field.subarray(0, width);
}

/** The bytes cut at these offsets, each piece to be compressed on its own. */
export function cut(bytes: Buffer, ...offsets: readonly number[]): Buffer[] {
  const edges = [0, ...offsets, bytes.length];
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
}

/** Several gzip members, one after the other, as pigz -i and eStargz write them. */
export function gzipInMembers(...offsets: readonly number[]): (bytes: Buffer) => Buffer {
  return (bytes) => Buffer.concat(cut(bytes, ...offsets).map((piece) => gzipMember(piece)));
}

/** A zstd skippable frame (RFC 8878, section 3.1.2): no decoder gives its bytes back. */
export function skippableFrame(bytes: Buffer, variant = 0): Buffer {
  return Buffer.concat([littleEndian(0x184d2a50 + variant, 4), littleEndian(bytes.length, 4), bytes]);
}

/** Several zstd frames with skippable ones at these positions: 0 is in front of the first frame, and so on. */
export function zstdInFrames(offsets: readonly number[], skippable: Readonly<Record<number, Buffer>> = {}): (bytes: Buffer) => Buffer {
  return (bytes) => {
    const frames = cut(bytes, ...offsets).map((piece) => zstdCompressSync(piece));
    const parts = [...frames.entries()].flatMap(([index, frame]) => (skippable[index] ? [skippableFrame(skippable[index]), frame] : [frame]));
    const last = skippable[frames.length];
    return Buffer.concat(last ? [...parts, skippableFrame(last)] : parts);
  };
}
