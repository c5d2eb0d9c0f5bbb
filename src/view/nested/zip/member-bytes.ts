// The data of a zip's member, decoded and compared with the size and checksum that were announced.
import { crc32, inflateRawSync } from 'node:zlib';
import { type Blob, blobOf } from '../../../model/blob.ts';
import { type Decoding, decompressing } from '../compressed.ts';
import { joined, rangeOf } from '../../../model/blob-parts.ts';
import type { Window } from '../window.ts';
import { methods, type ZipMember } from './members.ts';

/** Members of archives of programs are small and many: these are decoded in one call. */
const small = { stored: 64 * 1024, decoded: 1024 * 1024 };

/** A gzip header without any field (RFC 1952): with it deflated data is a gzip stream, whose decoder gives all that stands before a break. */
const gzipHeader = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);

/**
 * As much as can be had of the data; `damaged` is called, behind it, when that is not what was announced. With `isBorrowing` each chunk is valid
 * only until the next one is asked for.
 */
export async function* memberBytes(
  blob: Blob,
  window: Window,
  member: ZipMember,
  damaged: (detail: string) => void,
  isBorrowing?: true,
): AsyncGenerator<Uint8Array> {
  const { dataStart, dataEnd, size, crc } = member;
  const method = methods.get(member.method);
  if (method === 'deflate' && dataEnd - dataStart <= small.stored && size <= small.decoded) {
    const whole = inflated(await window.read(dataStart, dataEnd - dataStart), size);
    if (whole !== undefined && (crc === undefined || crc32(whole) === crc)) return void (yield whole);
  }
  const stored = rangeOf(blob, dataStart, dataEnd);
  let problem: string | undefined;
  const broken = (detail: string) => (problem ??= detail.replaceAll('gzip', 'deflate'));
  const bytes = method === undefined || method === 'stored' ? stored.open() : (await decoded(stored, method, member, broken, { isBorrowing })).bytes;
  let length = 0;
  let sum = 0;
  for await (const chunk of bytes) {
    length += chunk.length;
    sum = crc32(chunk, sum);
    yield chunk;
  }
  // Of a hidden member it may stand behind the data: then there is nothing to compare with.
  if (crc === undefined) return;
  if (length !== size) problem ??= `it has ${length} bytes and announced ${size}`;
  if (sum !== crc) problem ??= 'its checksum (CRC-32) does not match its data';
  if (problem !== undefined) damaged(problem);
}

function decoded(stored: Blob, method: 'deflate' | 'bzip2' | 'zstd' | 'xz', member: ZipMember, broken: (detail: string) => void, decoding: Decoding) {
  return method === 'deflate' ? decompressing(asGzip(stored, member), 'gzip', broken, decoding) : decompressing(stored, method, broken, decoding);
}

function inflated(stored: Buffer, size: number): Buffer | undefined {
  try {
    const whole = inflateRawSync(stored, { maxOutputLength: Math.max(1, size) });
    return whole.length === size ? whole : undefined;
  } catch {
    // Decoded once more by the caller, piece by piece.
    return undefined;
  }
}

function asGzip(stored: Blob, { size, crc, problem }: ZipMember): Blob {
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc ?? 0, 0);
  trailer.writeUInt32LE(size % 2 ** 32, 4);
  // Behind data that is cut off it would be read as data.
  return joined(blobOf(gzipHeader), stored, ...(problem === undefined ? [blobOf(trailer)] : []));
}
