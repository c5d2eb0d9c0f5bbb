// All members of a zip in the order of their data: those that the directory names, and between them those that it hides.
import type { Blob } from '../../../model/blob.ts';
import type { SkipReason } from '../../../model/report.ts';
import { MemberNames } from '../member-names.ts';
import type { Window } from '../window.ts';
import type { DirectoryRecord, ZipDirectory } from './directory.ts';
import { type HiddenMember, hiddenMembers } from './hidden.ts';
import { hasDescriptor, type LocalHeader, localHeaderAt, localHeaderSize } from './local.ts';

export interface ZipMember {
  /** A step of a way: no other member of the archive has the same. */
  readonly step: string;
  /** Bytes, held as latin1. */
  readonly name: string;
  readonly localStart: number;
  readonly dataStart: number;
  /** Brought inside the file. */
  readonly dataEnd: number;
  readonly method: number;
  readonly size: number;
  /** undefined: it stands behind the data, of a member that the directory does not name. */
  readonly crc: number | undefined;
  readonly header: LocalHeader | undefined;
  readonly record: DirectoryRecord | undefined;
  /** Why its data cannot be read. */
  readonly problem: { readonly reason: SkipReason; readonly detail: string } | undefined;
}

/** The methods that are read, by what their data is. */
export const methods: ReadonlyMap<number, 'stored' | 'deflate' | 'bzip2' | 'zstd' | 'xz'> = new Map([
  [0, 'stored'],
  [8, 'deflate'],
  [12, 'bzip2'],
  [93, 'zstd'],
  [95, 'xz'],
]);

const namesOfOthers: ReadonlyMap<number, string> = new Map([
  [1, 'shrink'],
  [6, 'implode'],
  [9, 'deflate64'],
  [14, 'LZMA'],
  [98, 'PPMd'],
]);

/** Encrypted data, or data encrypted in a way that hides the header's fields as well (APPNOTE.TXT, 4.4.4); method 99 is AES of WinZip. */
const encryptedFlags = 0x0001 | 0x0040 | 0x2000;
const aes = 99;

/** The same members with the same steps each time. `mayDecode` as in `hiddenMembers`. */
export async function* zipMembers(
  blob: Blob,
  window: Window,
  directory: ZipDirectory | undefined,
  mayDecode: (bytes: number) => boolean,
): AsyncGenerator<ZipMember> {
  const names = new MemberNames();
  const records = [...(directory?.records ?? [])].sort((a, b) => a.localStart - b.localStart || a.start - b.start);
  let at = 0;
  const hidden = async function* (to: number): AsyncGenerator<ZipMember> {
    if (to - at < localHeaderSize) return;
    for await (const member of hiddenMembers(blob, window, at, to, mayDecode)) yield hiddenMember(member, names);
  };
  for (const record of records) {
    yield* hidden(Math.min(record.localStart, blob.size));
    const header = await localHeaderAt(window, record.localStart);
    const member = namedMember(record, header, blob.size, names);
    yield member;
    if (header !== undefined) at = Math.max(at, member.dataEnd);
  }
  // A directory that cannot be read to its end may be no directory.
  yield* hidden(directory === undefined || directory.problem !== undefined ? blob.size : directory.start);
  if (directory === undefined || directory.problem !== undefined) return;
  at = directory.endRecord;
  yield* hidden(blob.size);
}

function namedMember(record: DirectoryRecord, header: LocalHeader | undefined, fileSize: number, names: MemberNames): ZipMember {
  const dataStart = header?.dataStart ?? record.localStart;
  const end = dataStart + record.compressedSize;
  const dataEnd = header === undefined ? dataStart : Math.min(end, fileSize);
  let problem = problemOf(record);
  if (header === undefined) problem = { reason: 'damaged', detail: 'there is no header where the directory of the zip places it' };
  else if (end > fileSize) problem ??= { reason: 'damaged', detail: `its data would end ${end - fileSize} bytes behind the end of the zip` };
  const { method, size, crc, localStart } = record;
  const { name } = record;
  return { step: names.unique(name), name, localStart, dataStart, dataEnd, method, size, crc, header, record, problem };
}

function hiddenMember({ localStart, header, dataEnd }: HiddenMember, names: MemberNames): ZipMember {
  return {
    step: names.unique(header.name),
    name: header.name,
    localStart,
    dataStart: header.dataStart,
    dataEnd,
    method: header.method,
    size: header.size,
    crc: (header.flags & hasDescriptor) !== 0 && header.crc === 0 ? undefined : header.crc,
    header,
    record: undefined,
    problem: problemOf(header),
  };
}

function problemOf({ flags, method }: { readonly flags: number; readonly method: number }): ZipMember['problem'] {
  if ((flags & encryptedFlags) !== 0 || method === aes) return { reason: 'encrypted', detail: 'it is encrypted' };
  if (methods.has(method)) return undefined;
  const name = namesOfOthers.get(method);
  return { reason: 'unsupported', detail: `its compression is not known here: zip method ${method}${name === undefined ? '' : ` (${name})`}` };
}
