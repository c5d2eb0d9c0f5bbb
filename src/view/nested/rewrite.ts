// Takes something out of documents inside a container: what holds them is put together anew, up to the outermost file, and everything
// else in it stays as it is. Where that would break a container, it is told why.
import type { Blob } from '../../model/blob.ts';
import type { Way } from './descent.ts';
import type { NestedKind } from './kind.ts';
import { readNested } from './nested.ts';
import { compressedRewriter } from './rewrite/compressed.ts';
import { type NestedRewriting, type Rewriter, Rework } from './rewrite/rework.ts';
import { rewriteTar } from './rewrite/tar.ts';
import { rewriteZip } from './rewrite/zip.ts';

export type { NestedRewriting } from './rewrite/rework.ts';

const rewriters: Readonly<Record<NestedKind, Rewriter>> = {
  gzip: compressedRewriter('gzip'),
  zstd: compressedRewriter('zstd'),
  xz: never('it is compressed with xz, which cannot be written here'),
  bzip2: never('it is compressed with bzip2, which cannot be written here'),
  tar: rewriteTar,
  zip: rewriteZip,
  ar: never('it is an ar archive: packages in this form have checksums and signatures that a change would make invalid'),
  cpio: never('it is a cpio archive, which is not written here'),
  rpm: never('it is an RPM package: a change would make its checksums and signatures invalid'),
  'git-object': never('it is an object of git, whose name is the hash of its content: a change would break the repository'),
  'git-pack': never('it is a pack of git, whose objects are named by the hash of their content: a change would break the repository'),
};

function never(why: string): Rewriter {
  return async (blob, way, rework) => {
    rework.cannot(way, why);
    return blob;
  };
}

/**
 * The container with the touched documents transformed and everything else kept byte for byte, or why that cannot be, in plain words.
 * Nothing touched gives the same blob.
 *
 * Touched members of a zip are compressed anew with their method; checksums, sizes and offsets follow. gzip keeps time, name and comment of
 * its first member, and comes as one member; zstd as one frame. In a tar, members that were rewritten get their new size. Where a stream
 * is touched that is a container itself, its documents come first and then all its bytes: `transform` sees them in their new form.
 *
 * Reads the container twice: once to see what is touched, as `readNested` does, with the same limits; what cannot be read is not told again.
 * Throws as `readNested` does, and what `transform` throws.
 */
export async function rewriteNested(
  blob: Blob,
  kind: NestedKind,
  rewriting: NestedRewriting,
): Promise<{ readonly blob: Blob } | { readonly cannot: string }> {
  const touched: Way[] = [];
  const visit = async ({ way }: { readonly way: Way }) => {
    if (rewriting.isTouched(way)) touched.push(way);
  };
  await readNested(blob, kind, visit, { ...rewriting, skipped: () => undefined });
  const rework = new Rework(rewriters, rewriting, touched, blob.size);
  const result = await rework.container(blob, kind, []);
  return rework.problem === undefined ? { blob: result } : { cannot: rework.problem };
}
