// Edits of what stands before the body of an entry, on its very bytes. "Metadata" is everything from `span.start` to the first byte of
// the body: extended headers with their bodies and padding, the entry's own header block, and the map of a sparse file.
import type { Entry } from '../model/entry.ts';
import { UnbakeError } from '../model/error.ts';
import { blockSize, hasValidChecksum, number, paddingAfter, parseHeader } from './header.ts';
import { malformedMetadata, type MetadataPart, metadataParts } from './metadata-parts.ts';
import { writeBase256, writeChecksum, writeOctal } from './number-field.ts';
import { paxRecord, type RawPaxBody, rawPaxBody, type RawPaxRecord } from './pax-records.ts';

type Extended = MetadataPart & { readonly kind: 'extended' };

/** Digits that the size field holds with a terminator: sizes below 8 GiB. */
const sizeDigits = 11;

/** The offset of the first byte of an entry's body in the uncompressed archive. Throws `damaged` for a size beyond all archives. */
export function bodyStartOf(entry: Entry): number {
  if (!Number.isSafeInteger(entry.span.end))
    throw new UnbakeError('damaged', `entry ${entry.index} of the tar announces ${entry.size} bytes, more than any archive can hold`, {
      hint: 'nothing can be changed in this tar: fetch or export the image again',
    });
  return entry.span.end - entry.size - paddingAfter(entry.size);
}

/**
 * What stays of an entry's metadata when the entry is dropped, byte for byte: PAX global headers ('g', with body and padding), which speak
 * of the entries that follow, and blocks of zeros, of which two are the end of the archive. Usually empty. Throws `damaged` as `withSize` does.
 */
export function globalHeaders(metadata: Buffer): Buffer {
  const staying = metadataParts(metadata).filter((part) => part.kind === 'zeros' || (part.kind === 'extended' && part.type === 'g'));
  return Buffer.concat(staying.map(({ bytes }) => bytes));
}

/**
 * The metadata after bytes in it were overwritten (same length): the checksum of each header block that is wrong now is made right, in the
 * format that it had; all else is exact. Also takes extended headers that no entry follows. Throws `damaged` when it is no metadata.
 */
export function withChecksums(metadata: Buffer): Buffer {
  const result = Buffer.from(metadata);
  for (const part of metadataParts(result)) if (part.kind === 'extended' || part.kind === 'header') writeChecksum(part.block);
  return result;
}

/**
 * The metadata of the same entry with a plain body of `size` bytes. The size goes into the header block, octal in the style of the field;
 * from 8 GiB on into a PAX record where the entry has a PAX header, else into the field in base 256. What spoke of the old body goes: PAX
 * records of its size and its holes (a `GNU.sparse.name` becomes the `path`), a PAX header in which no record is left, the map of a sparse
 * file; old GNU sparse files become plain ones. Everything else stays as it is, byte for byte. Throws `damaged` when a checksum, a PAX
 * record or the structure is broken, RangeError when the size is no safe integer.
 */
export function withSize(metadata: Buffer, size: number): Buffer {
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError(`a body cannot have ${size} bytes`);
  const parts = metadataParts(metadata);
  assertIntact(parts);
  const lastPax = parts.findLast(isPaxHeader);
  const own = plainHeader(parts.find((part) => part.kind === 'header')!.block);
  const field = own.subarray(124, 136);
  const isInField = number(field, 0, field.length) === size || writeOctal(field, size, sizeDigits);
  const isInPax = !isInField && lastPax !== undefined;
  if (isInPax) writeOctal(field, 0, sizeDigits);
  else if (!isInField) writeBase256(field, size);
  writeChecksum(own);

  const result: Buffer[] = [];
  let isAnyPaxKept = false;
  for (const part of parts) {
    if (part.kind === 'map') continue;
    if (part.kind === 'header') result.push(own);
    else if (isPaxHeader(part)) {
      // Readers take the last PAX header. Were it dropped, one before it would begin to count.
      const isNeeded = part === lastPax && (isInPax || (isAnyPaxKept && hasOnlyBodyRecords(part)));
      const sizeRecord = isNeeded ? paxRecord('size', String(size)) : undefined;
      const kept = withoutBodyRecords(part, sizeRecord);
      isAnyPaxKept ||= kept.length > 0;
      result.push(kept);
    } else result.push(part.bytes);
  }
  return Buffer.concat(result);
}

function isPaxHeader(part: MetadataPart): part is Extended {
  return part.kind === 'extended' && (part.type === 'x' || part.type === 'X');
}

function assertIntact(parts: readonly MetadataPart[]): void {
  for (const part of parts)
    if ((part.kind === 'extended' || part.kind === 'header') && !hasValidChecksum(part.block))
      throw malformedMetadata('a checksum is wrong', part.start);
  const last = parts.at(-1);
  if (!parts.some(({ kind }) => kind === 'header')) throw malformedMetadata('they end without a header of its own', last?.start ?? 0);
}

/** A copy of the header block; an old GNU sparse file is a plain one in it (GNU tar manual, "Basic Tar Format", struct sparse). */
function plainHeader(block: Buffer): Buffer {
  const plain = Buffer.from(block);
  const { type, isGnu } = parseHeader(block);
  if (type === 'S' && isGnu) {
    plain.write('0', 156, 'latin1');
    // Four pieces, whether more follow, and the real size.
    plain.fill(0, 386, 495);
  }
  return plain;
}

/** Records that say how long the body is or where its holes are: of POSIX, GNU tar, star and Solaris. */
function speaksOfBody({ key }: RawPaxRecord): boolean {
  return key === 'size' || key.startsWith('GNU.sparse.') || key === 'SCHILY.realsize' || key === 'SUN.holesdata';
}

function bodyOf({ start, body }: Extended): RawPaxBody {
  const raw = rawPaxBody(body);
  if ('malformedAt' in raw) throw malformedMetadata('a PAX record is malformed', start + blockSize + raw.malformedAt);
  return raw;
}

function hasOnlyBodyRecords(part: Extended): boolean {
  const { records } = bodyOf(part);
  return records.length > 0 && records.every(speaksOfBody) && sparseNameIn(records) === undefined;
}

/** The last one counts, as everywhere in PAX, and an empty one is none. */
function sparseNameIn(records: readonly RawPaxRecord[]): RawPaxRecord | undefined {
  const last = records.findLast(({ key }) => key === 'GNU.sparse.name');
  return last?.value === '' ? undefined : last;
}

/** A PAX header without what it said of the old body, and with this record of the new size, if any; the very bytes when that changes nothing. */
function withoutBodyRecords(part: Extended, sizeRecord: Buffer | undefined): Buffer {
  const { records, tail } = bodyOf(part);
  const sparseName = sparseNameIn(records);
  const lastSize = records.findLast(({ key }) => key === 'size');
  const kept = records.flatMap((record) => {
    if (record === sparseName) return [paxRecord('path', record.value)];
    if (record === lastSize && sizeRecord !== undefined) return [sizeRecord];
    // The sparse name has won over the path, which is a placeholder then.
    if (speaksOfBody(record) || (record.key === 'path' && sparseName !== undefined)) return [];
    return [record.bytes];
  });
  if (sizeRecord !== undefined && lastSize === undefined) kept.push(sizeRecord);
  if (records.length > 0 && kept.length === 0) return Buffer.alloc(0);
  const body = Buffer.concat([...kept, tail]);
  if (body.equals(part.body)) return part.bytes;
  const block = Buffer.from(part.block);
  writeOctal(block.subarray(124, 136), body.length, sizeDigits);
  writeChecksum(block);
  return Buffer.concat([block, body, Buffer.alloc(paddingAfter(body.length))]);
}
