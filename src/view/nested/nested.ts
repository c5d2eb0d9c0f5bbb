// What is packed into files: archives in archives, compressed files, git objects. Every stream that is decoded on the way is shown
// under its way; what could not be read is told.
import type { Blob } from '../../model/blob.ts';
import { arMembers } from './ar-members.ts';
import { compressedReader } from './compressed.ts';
import { cpioMembers } from './cpio-members.ts';
import { Descent, type NestedDocument, type NestedReading, type Reader } from './descent.ts';
import { readLoose } from './git/loose.ts';
import { readPack } from './git/pack.ts';
import { inPlaceReader } from './in-place.ts';
import type { NestedKind } from './kind.ts';
import { readRpm } from './rpm.ts';
import { tarMembers } from './tar-members.ts';
import { readZip } from './zip/zip.ts';

export type { NestedLimits } from './budget.ts';
export type { Hold, NestedDocument, NestedReading, Way } from './descent.ts';
export { endsAsZip, headLength, type NestedKind, nestedKindOf } from './kind.ts';

const readers: Readonly<Record<NestedKind, Reader>> = {
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
};

/**
 * Gives `visit` every stream that is decoded in `blob`, whole, at every level, one after the other: the output of a decompressor, each
 * member of a zip, each git object without its head, deltas resolved. `visit` reads `bytes`, or leaves it: the rest is read for it.
 * Members of tar, ar and cpio archives stand there as plain bytes, so they are no documents of their own; what is packed in them is.
 *
 * `way` names the path to a document, one element a step: `gunzip`, `unzstd`, the path of a member, `git object SHA1`; it is printable,
 * and the same for the same blob each time. What breaks is shown up to the break, and told.
 *
 * Throws what `visit`, `hold` and the blob throw, and the reason of an abort; never for what the bytes hold. Time and what is held are bounded
 * by `limits`; memory by 128 MiB of git objects, 64 MiB of a zip's directory, and the names of members.
 */
export async function readNested(
  blob: Blob,
  kind: NestedKind,
  visit: (document: NestedDocument) => Promise<void>,
  reading: NestedReading,
): Promise<void> {
  await new Descent(readers, blob.size, visit, reading).inside([], blob, kind);
}
