// An image as the files of an OCI layout. Blobs that are files on the same file system are linked, not copied: blobs are never changed in
// place, so two layouts may share them.
import { chmod, constants, copyFile, link, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Blob, blobOf } from '../model/blob.ts';
import type { Digest } from '../model/digest.ts';
import { fileBlob } from './file-blob.ts';
import { blobFolder, blobName, layoutMark, type OutputContents, sortedBlobs } from './output-contents.ts';
import { verified } from './verified.ts';
import { syncFolder, writeNewFile } from './write-bytes.ts';
import { writeError } from './write-error.ts';

const fileMode = 0o644;

/**
 * Fills an empty folder (image-spec, image-layout.md). Blobs that are copied are compared with their digests, UnbakeError `damaged`;
 * linked ones are not read. `typed` is what messages call the folder.
 */
export async function fillLayout(folder: string, contents: OutputContents, typed: string, signal?: AbortSignal): Promise<void> {
  const write = (name: string, chunks: AsyncIterable<Uint8Array>) =>
    writeNewFile(join(folder, name), chunks, { mode: fileMode, toError: (cause) => writeError(typed, cause), ...(signal && { signal }) });
  const blobs = sortedBlobs(contents);
  const folders = [...new Set(['blobs', ...blobs.map(([digest]) => blobFolder(digest))])];
  try {
    for (const name of folders) await mkdir(join(folder, name));
  } catch (cause) {
    throw writeError(typed, cause);
  }
  for (const [digest, blob] of blobs) {
    signal?.throwIfAborted();
    const path = join(folder, blobName(digest));
    if (blob.path !== undefined && ((await isLinked(blob.path, path)) || (await isCloned(digest, blob, blob.path, path)))) continue;
    await write(blobName(digest), verified(digest, blob));
  }
  await write('index.json', blobOf(contents.index).open());
  await write('oci-layout', blobOf(Buffer.from(layoutMark)).open());
  for (const name of folders) await syncFolder(join(folder, name));
}

/** False for whatever reason: the copy that comes next tells what is really wrong. */
async function isLinked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch {
    return false;
  }
}

/** File systems that copy on write share the bytes where a link is not possible, such as between subvolumes. */
async function isCloned(digest: Digest, blob: Blob, from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
    await chmod(to, fileMode & ~process.umask());
  } catch {
    await rm(to, { force: true });
    return false;
  }
  const file = await open(to, 'r');
  try {
    const { size } = await file.stat();
    for await (const chunk of verified(digest, { size: blob.size, open: () => fileBlob(file, 0, size).open() })) void chunk;
    await file.sync();
    return true;
  } finally {
    await file.close();
  }
}
