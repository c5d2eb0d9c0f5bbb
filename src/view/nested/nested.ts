// What is packed into files: archives in archives, compressed files, git objects. Every stream that is decoded on the way is shown
// under its way; what could not be read is told.
import type { Blob } from '../../model/blob.ts';
import { arMembers } from './ar-members.ts';
import { compressedReader } from './compressed.ts';
import { cpioMembers } from './cpio-members.ts';
import { Descent, type NestedReading, type Readers, type Visit } from './descent.ts';
import { readLoose } from './git/loose.ts';
import { readPack } from './git/pack.ts';
import { inPlaceReader } from './in-place.ts';
import type { NestedKind } from './kind.ts';
import { readRpm } from './rpm.ts';
import { tarMembers } from './tar-members.ts';
import { readTarStream } from './tar-stream.ts';
import { readZip } from './zip/zip.ts';

export type { NestedLimits } from './budget.ts';
export type { GitObject, Hold, NestedDocument, NestedReading, Way } from './descent.ts';
export { GitHistory } from './git/history.ts';
export type { ObjectType } from './git/object-head.ts';
export { endsAsZip, headLength, type NestedKind, nestedKindOf, zipTailLength } from './kind.ts';
export { isDiskLike, longHeadLength, longTailLength, type UnreadableKind, unreadableKindOf } from './unreadable.ts';

const readers: Readers = {
  ofBlobs: {
    gzip: compressedReader('gzip'),
    zstd: compressedReader('zstd'),
    xz: compressedReader('xz'),
    bzip2: compressedReader('bzip2'),
    tar: inPlaceReader(tarMembers),
    ar: inPlaceReader(arMembers),
    cpio: inPlaceReader(cpioMembers),
    rpm: readRpm,
    zip: readZip,
    'git-object': readLoose,
    'git-pack': readPack,
  },
  ofStreams: { tar: readTarStream },
};

/**
 * Gives `visit` every stream that is decoded in `blob`, whole, at every level, one after the other: the output of a decompressor, each
 * member of a zip, each git object without its head, deltas resolved. `visit` reads `bytes`, or leaves it: the rest is read for it.
 *
 * Members of tar, ar and cpio archives stand there as plain bytes, so by default they are no documents of their own; what is packed in them is.
 * With `members: 'apart'` each of them is a document, and no container is one itself. What stands in a container beside its members comes
 * behind them, under the step `archive headers`, `stream headers` or `package headers`, and what stands in front of a zip under `in front of the
 * archive`: so all that is in the file is in one document, once, and the bytes of the outermost file need no further look.
 *
 * `way` names the path to a document, one element a step: `gunzip`, `unzstd`, the path of a member, `git object SHA1`; it is printable,
 * and the same for the same blob each time. What breaks is shown up to the break, and told.
 *
 * Throws what `visit`, `hold` and the blob throw, and the reason of an abort; never for what the bytes hold. Time and what is held are bounded
 * by `limits`; memory by 128 MiB of git objects, 64 MiB of a zip's directory, and the names of members.
 */
export async function readNested(blob: Blob, kind: NestedKind, visit: Visit, reading: NestedReading): Promise<void> {
  const descent = new Descent(readers, blob.size, visit, reading);
  await descent.inside({ way: [], name: reading.name ?? '' }, blob, kind);
  descent.tellRest();
}
