// The central directory of a zip (APPNOTE.TXT, 4.3.12 to 4.3.16): what all readers go by. A zip is found from its end, because anything
// may stand in front of it.
import type { SkipReason } from '../../../model/report.ts';
import { longestName } from '../member-names.ts';
import type { Window } from '../window.ts';
import { uint64, zip64Fields } from './extra.ts';

/** One member as the directory names it. Offsets are those of the file. */
export interface DirectoryRecord {
  /** Bytes, held as latin1; a long one is cut. */
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly compressedSize: number;
  readonly size: number;
  readonly localStart: number;
  /** The record itself. */
  readonly start: number;
  readonly end: number;
}

export interface ZipDirectory {
  readonly records: readonly DirectoryRecord[];
  /** Bytes in front of what the archive calls its byte 0. */
  readonly base: number;
  readonly start: number;
  readonly end: number;
  /** The end record of 22 bytes, and the two of zip64 in front of it, if any. */
  readonly endRecord: number;
  readonly zip64: { readonly record: number; readonly locator: number } | undefined;
  /** Why not all of it could be read. */
  readonly problem: { readonly reason: SkipReason; readonly detail: string; readonly limit?: string } | undefined;
}

const endRecordSize = 22;
const longestComment = 0xffff;
const recordSize = 46;
/** All records are held in memory: more than half a million members of usual names. */
const mostBytes = 64 * 2 ** 20;

/** Reads the directory; undefined when the file has no end record. */
export async function zipDirectory(window: Window): Promise<ZipDirectory | undefined> {
  const endRecord = await endRecordOf(window);
  if (endRecord === undefined) return undefined;
  const fields = await window.read(endRecord, endRecordSize);
  let size = fields.readUInt32LE(12);
  let offset = fields.readUInt32LE(16);
  let end = endRecord;
  const zip64 = await zip64RecordOf(window, endRecord);
  if (zip64 !== undefined) {
    const wide = await window.read(zip64.record, 56);
    size = uint64(wide, 40);
    offset = uint64(wide, 48);
    end = zip64.record;
  }
  let start = end - size;
  let base = start - offset;
  // Writers that put something between the directory and its end record: then the offset is taken at its word.
  if (start < 0 || base < 0 || (size > 0 && !(await isRecordAt(window, start)))) {
    start = offset;
    base = 0;
    end = Math.min(end, offset + size);
  }
  return { ...(await recordsOf(window, start, end, base)), base, start, end, endRecord, zip64 };
}

/** The last one whose comment ends where the file ends; without any such the last one. */
async function endRecordOf(window: Window): Promise<number | undefined> {
  const tailStart = Math.max(0, window.size - endRecordSize - longestComment);
  const tail = await window.read(tailStart, window.size - tailStart);
  let last: number | undefined;
  for (let at = tail.lastIndexOf('PK\x05\x06', undefined, 'latin1'); at >= 0; at = at === 0 ? -1 : tail.lastIndexOf('PK\x05\x06', at - 1, 'latin1')) {
    if (at + endRecordSize > tail.length) continue;
    if (at + endRecordSize + tail.readUInt16LE(at + 20) === tail.length) return tailStart + at;
    last ??= tailStart + at;
  }
  return last;
}

async function zip64RecordOf(window: Window, endRecord: number): Promise<ZipDirectory['zip64']> {
  const locator = endRecord - 20;
  const bytes = await window.read(locator, 20);
  if (bytes.length < 20 || bytes.readUInt32LE(0) !== 0x07064b50) return undefined;
  // The second is where it stands in nearly all files, whatever is in front of the archive.
  for (const record of [uint64(bytes, 8), locator - 56]) {
    const wide = await window.read(record, 56);
    if (record + 56 <= locator && wide.length === 56 && wide.readUInt32LE(0) === 0x06064b50) return { record, locator };
  }
  return undefined;
}

async function isRecordAt(window: Window, at: number): Promise<boolean> {
  const bytes = await window.read(at, 4);
  return bytes.length === 4 && bytes.readUInt32LE(0) === 0x02014b50;
}

async function recordsOf(window: Window, start: number, end: number, base: number): Promise<Pick<ZipDirectory, 'records' | 'problem'>> {
  const records: DirectoryRecord[] = [];
  const damaged = (detail: string) => ({ records, problem: { reason: 'damaged' as const, detail } });
  let at = start;
  while (at < end) {
    const fixed = await window.read(at, recordSize);
    if (fixed.length < recordSize || fixed.readUInt32LE(0) !== 0x02014b50)
      return damaged(`the central directory of the zip cannot be read at byte ${at}, after ${records.length} members`);
    const nameLength = fixed.readUInt16LE(28);
    const extraLength = fixed.readUInt16LE(30);
    const next = at + recordSize + nameLength + extraLength + fixed.readUInt16LE(32);
    if (next > end) return damaged(`the central directory of the zip is truncated, after ${records.length} members`);
    if (next - start > mostBytes) {
      const detail = `the central directory of the zip is longer than ${mostBytes} bytes: what it names behind its ${records.length} first members is looked for`;
      return { records, problem: { reason: 'limit', detail, limit: 'members' } };
    }
    const rest = await window.read(at + recordSize, nameLength + extraLength);
    records.push(recordOf(fixed, rest, at, next, base));
    at = next;
  }
  return { records, problem: undefined };
}

function recordOf(fixed: Buffer, rest: Buffer, start: number, end: number, base: number): DirectoryRecord {
  const nameLength = fixed.readUInt16LE(28);
  const extra = rest.subarray(nameLength);
  const narrow = { size: fixed.readUInt32LE(24), compressedSize: fixed.readUInt32LE(20), localStart: fixed.readUInt32LE(42) };
  const wide = zip64Fields(
    extra,
    (['size', 'compressedSize', 'localStart'] as const).filter((name) => narrow[name] === 0xffffffff),
  );
  const valueOf = (name: keyof typeof narrow): number => {
    const at = wide[name];
    return at === undefined ? narrow[name] : uint64(extra, at);
  };
  return {
    name: rest.toString('latin1', 0, Math.min(nameLength, longestName)),
    flags: fixed.readUInt16LE(8),
    method: fixed.readUInt16LE(10),
    crc: fixed.readUInt32LE(16),
    size: valueOf('size'),
    compressedSize: valueOf('compressedSize'),
    localStart: base + valueOf('localStart'),
    start,
    end,
  };
}
