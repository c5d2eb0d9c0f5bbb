// The blobs of the store: one file for each digest, put there whole and verified, never changed in place.
import { randomBytes } from 'node:crypto';
import { link, lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blob } from '../../model/blob.ts';
import { type Digest, isDigest } from '../../model/digest.ts';
import { isSystemError, UnbakeError } from '../../model/error.ts';
import { blobFolder, blobName } from '../../store/output-contents.ts';
import { verified } from '../../store/verified.ts';
import { syncFolder, writeNewFile } from '../../store/write-bytes.ts';
import { writeError } from '../../store/write-error.ts';
import { isGone, nameFor, ownHolder, parseHolderName } from './holder.ts';
import { pathBlob, unreadable } from '../../store/path-blob.ts';

const algorithms = ['sha256', 'sha512'] as const;

export class BlobFolder {
  readonly #layout: string;
  readonly #incoming: string;

  /** `incoming`: for files that are being written, on the same file system as the layout. */
  constructor(layout: string, incoming: string) {
    this.#layout = layout;
    this.#incoming = incoming;
  }

  /** The size of the blob, undefined when it is not here. */
  async sizeOf(digest: Digest): Promise<number | undefined> {
    try {
      const stats = await lstat(this.#path(digest));
      return stats.isFile() ? stats.size : undefined;
    } catch (thrown) {
      if (isSystemError(thrown, 'ENOENT', 'ENOTDIR')) return undefined;
      throw unreadable(this.#path(digest), thrown);
    }
  }

  /** The blob as it is here; it is opened anew for each reading. Undefined when it is not here. */
  async get(digest: Digest): Promise<Blob | undefined> {
    const size = await this.sizeOf(digest);
    return size === undefined ? undefined : pathBlob(this.#path(digest), size);
  }

  /** The bytes of a small blob. Throws UnbakeError `damaged` when it is not here, larger than `most`, or not what its digest says. */
  async read(digest: Digest, most: number): Promise<Buffer> {
    const blob = await this.get(digest);
    const hint = 'remove the image with unbake rmi, and load it again';
    if (blob === undefined) throw new UnbakeError('damaged', `the image store has no blob ${digest}`, { hint });
    if (blob.size > most)
      throw new UnbakeError('damaged', `the blob ${digest} of the image store has ${blob.size} bytes: no manifest or config has`, { hint });
    const chunks: Uint8Array[] = [];
    for await (const chunk of verified(digest, blob)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  /**
   * Puts the blob here when it is not. A whole file of ours on the same file system is linked, everything else is copied; both are compared
   * with the digest first. Throws UnbakeError `damaged` for other bytes, `io`.
   */
  async put(digest: Digest, blob: Blob, signal?: AbortSignal): Promise<void> {
    if ((await this.sizeOf(digest)) === blob.size) return;
    const temporary = await this.#newName();
    try {
      await mkdir(join(this.#layout, blobFolder(digest)), { recursive: true });
      if (await isLinked(blob, temporary)) {
        for await (const chunk of verified(digest, pathBlob(temporary, blob.size))) if (chunk.length > 0) signal?.throwIfAborted();
      } else {
        const toError = (cause: unknown) => writeError(this.#layout, cause);
        await writeNewFile(temporary, verified(digest, blob), { mode: 0o644, toError, ...(signal && { signal }) });
      }
      await rename(temporary, this.#path(digest));
    } catch (cause) {
      if (signal?.aborted) throw cause;
      throw writeError(this.#layout, cause);
    } finally {
      // Also after a rename: of two names of one file it takes none away.
      await rm(temporary, { force: true });
    }
  }

  /** The digests of all blobs that are here. */
  async digests(): Promise<readonly Digest[]> {
    const found: Digest[] = [];
    for (const algorithm of algorithms) {
      for (const name of await namesIn(join(this.#layout, 'blobs', algorithm))) {
        const digest = `${algorithm}:${name}`;
        if (isDigest(digest)) found.push(digest);
      }
    }
    return found;
  }

  /** Takes blobs away; gives the bytes that this makes free: those of a file with other names are still needed. */
  async remove(digests: Iterable<Digest>): Promise<number> {
    let bytes = 0;
    for (const digest of digests) bytes += await removed(this.#path(digest));
    return bytes;
  }

  /** Has the names of new blobs written to the disk. */
  async sync(): Promise<void> {
    for (const algorithm of algorithms) await syncFolder(join(this.#layout, 'blobs', algorithm));
  }

  /** Removes what dead processes have begun; gives its bytes. */
  async sweepIncoming(): Promise<number> {
    let bytes = 0;
    for (const name of await namesIn(this.#incoming)) {
      const holder = parseHolderName(name);
      if (holder === undefined || isGone(holder)) bytes += await removed(join(this.#incoming, name));
    }
    return bytes;
  }

  async #newName(): Promise<string> {
    try {
      await mkdir(this.#incoming, { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw writeError(this.#incoming, cause);
    }
    return join(this.#incoming, nameFor(ownHolder(), randomBytes(8).toString('hex')));
  }

  #path(digest: Digest): string {
    return join(this.#layout, blobName(digest));
  }
}

/** Only of a file that nobody else can write to: it would change under us. False for whatever reason: the copy tells what is wrong. */
async function isLinked({ path, size }: Blob, to: string): Promise<boolean> {
  if (path === undefined) return false;
  try {
    await link(path, to);
    const { uid, mode, size: actual } = await lstat(to);
    if (uid === process.getuid?.() && (mode & 0o022) === 0 && actual === size) return true;
    await rm(to);
  } catch {
    // Another file system, or one without links.
  }
  return false;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (thrown) {
    if (isSystemError(thrown, 'ENOENT')) return [];
    throw unreadable(folder, thrown);
  }
}

async function removed(path: string): Promise<number> {
  try {
    const { size, nlink } = await lstat(path);
    await rm(path, { force: true });
    return nlink === 1 ? size : 0;
  } catch (cause) {
    if (isSystemError(cause, 'ENOENT')) return 0;
    throw writeError(path, cause);
  }
}
