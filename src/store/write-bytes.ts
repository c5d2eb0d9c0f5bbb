// Bytes into new files: every byte, in order, and on the disk before anybody is told.
import { type FileHandle, open } from 'node:fs/promises';
import type { UnbakeError } from '../model/error.ts';

/** Writes the whole chunk at this offset. */
export async function writeWhole(file: FileHandle, chunk: Uint8Array, offset: number): Promise<void> {
  for (let at = 0; at < chunk.length;) {
    const { bytesWritten } = await file.write(chunk, at, chunk.length - at, offset + at);
    at += bytesWritten;
  }
}

export interface NewFile {
  /** Subject to the umask. */
  readonly mode: number;
  /** Dresses what the system says of the file. */
  readonly toError: (cause: unknown) => UnbakeError;
  readonly signal?: AbortSignal;
}

/**
 * Makes the file, fills and syncs it. Errors of writing are dressed; what `chunks` throw is passed on. A file that was begun stays there:
 * whoever named it removes it.
 */
export async function writeNewFile(path: string, chunks: AsyncIterable<Uint8Array>, { mode, toError, signal }: NewFile): Promise<void> {
  const dressed = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (cause) {
      throw toError(cause);
    }
  };
  const file = await dressed(open(path, 'wx', mode));
  try {
    let size = 0;
    for await (const chunk of chunks) {
      signal?.throwIfAborted();
      await dressed(writeWhole(file, chunk, size));
      size += chunk.length;
    }
    signal?.throwIfAborted();
    await dressed(file.sync());
  } finally {
    await file.close();
  }
}

/** Has the names in a folder written to the disk. Not every file system can, and not every folder may be opened: what can be done is done. */
export async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch {
    // The files themselves are synced; only how soon their names are is left to the system.
  }
}
