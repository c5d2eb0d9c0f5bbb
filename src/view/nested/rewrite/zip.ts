// A zip with the data of some members exchanged; everything else is copied: data, names, attributes, comments, extra fields, order, and
// what stands between the members.
import { crc32 } from 'node:zlib';
import type { Blob } from '../../../model/blob.ts';
import { recompressed } from '../../../tar/compress.ts';
import { type Edit, spliced } from '../../../tar/splice.ts';
import type { Way } from '../descent.ts';
import { Window } from '../window.ts';
import { type ZipDirectory, zipDirectory } from '../zip/directory.ts';
import { descriptorAt, hasDescriptor } from '../zip/local.ts';
import { memberBytes } from '../zip/member-bytes.ts';
import { methods, type ZipMember, zipMembers } from '../zip/members.ts';
import { deflated } from './compressed.ts';
import type { Rework } from './rework.ts';
import { directoryEdits, type Exchanged, localEdits } from './zip-headers.ts';

export async function rewriteZip(blob: Blob, way: Way, rework: Rework): Promise<Blob> {
  const window = new Window(blob);
  const directory = await zipDirectory(window);
  if (directory === undefined || directory.problem !== undefined) {
    rework.cannot(way, directory?.problem?.detail ?? 'the zip has no end record: it is truncated');
    return blob;
  }
  const signature = await signatureIn(window, directory);
  if (signature !== undefined) {
    rework.cannot(way, `the archive is signed (${signature}): a change would make the signature invalid`);
    return blob;
  }
  const places = placesOf(directory);
  const exchanged: Exchanged[] = [];
  let end = 0;
  for await (const member of zipMembers(blob, window, directory, (bytes) => rework.mayDecode(way, bytes))) {
    const inner = [...way, member.step];
    const isConcerned = rework.isConcerned(inner);
    // What two members share cannot be changed for one of them.
    const from = isConcerned ? end : (exchanged.at(-1)?.end ?? 0);
    if (member.localStart < from) rework.cannot(inner, 'it overlaps another member of the zip');
    const one = isConcerned ? await exchangedMember(blob, window, member, inner, rework) : undefined;
    if (one !== undefined) exchanged.push(one);
    const memberEnd = one?.end ?? member.dataEnd;
    if (isConcerned && places.some((place) => member.localStart < place.end && memberEnd > place.start))
      rework.cannot(inner, 'it overlaps the directory of the zip');
    if (rework.problem !== undefined) return blob;
    end = Math.max(end, memberEnd);
  }
  if (rework.problem !== undefined) return blob;
  const headers = directoryEdits(directory, exchanged);
  if (typeof headers === 'string') {
    rework.cannot(way, headers);
    return blob;
  }
  const edits: Edit[] = [...exchanged.flatMap(localEdits), ...headers].sort((a, b) => a.start - b.start || a.end - b.end);
  return rework.hold(spliced(blob.open(), edits));
}

/** Where the records stand that are changed with any member. */
function placesOf({ start, end, zip64, endRecord }: ZipDirectory): readonly { readonly start: number; readonly end: number }[] {
  const wide = zip64 === undefined ? [] : [{ start: zip64.record, end: endRecord }];
  return [{ start, end }, ...wide, { start: endRecord, end: endRecord + 22 }];
}

/** The member with its new data; undefined, and told, when it cannot be had. */
async function exchangedMember(blob: Blob, window: Window, member: ZipMember, way: Way, rework: Rework): Promise<Exchanged | undefined> {
  const { header, dataStart, dataEnd, crc, size } = member;
  const method = methods.get(member.method);
  if (header === undefined || member.problem !== undefined || crc === undefined)
    return rework.cannot(way, member.problem?.detail ?? 'its size is not known');
  if (method === 'bzip2' || method === 'xz' || method === undefined)
    return rework.cannot(way, `it is compressed with ${method ?? 'a method'} that cannot be written here`);
  if (header.method !== member.method) return rework.cannot(way, 'the two headers that speak of it do not agree on how it is compressed');
  const descriptor =
    (header.flags & hasDescriptor) === 0 ? undefined : await descriptorAt(window, dataEnd, { crc, size, compressedSize: dataEnd - dataStart });
  if ((header.flags & hasDescriptor) !== 0 && descriptor === undefined)
    return rework.cannot(way, 'the record behind its data does not fit the directory of the zip');
  let newSize = 0;
  let newCrc = 0;
  const summed = async function* (bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      newSize += chunk.length;
      newCrc = crc32(chunk, newCrc);
      yield chunk;
    }
  };
  const decoded = memberBytes(blob, window, member, (detail) => rework.cannot(way, detail));
  const bytes = summed(await rework.stream(way, decoded));
  const data = await rework.hold(method === 'stored' ? bytes : method === 'deflate' ? deflated(bytes) : recompressed(bytes, 'zstd'));
  return { member, header, data, crc: newCrc, size: newSize, descriptor, end: dataEnd + (descriptor?.length ?? 0) };
}

/** Signed jars have a signature file for each signer; signed Android packages have a block in front of the directory. */
async function signatureIn(window: Window, { records, start }: ZipDirectory): Promise<string | undefined> {
  const file = records.find(({ name }) => /^META-INF\/[^/]+\.SF$/i.test(name));
  if (file !== undefined) return 'META-INF/*.SF';
  const block = await window.read(start - 16, 16);
  return block.toString('latin1') === 'APK Sig Block 42' ? 'APK Sig Block 42' : undefined;
}
