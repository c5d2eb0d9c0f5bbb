// Bytes that can be read only once (a pipe, a compressed archive) go to a temporary file. It is deleted as soon as it is open, so that
// nothing is left behind whatever becomes of the process; only its owner can read it (mode 0600).
import { randomBytes } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf, UnbakeError } from '../model/error.ts';
import { printable } from '../model/printable.ts';
import { writeWhole } from './write-bytes.ts';
import { temporaryFileError } from './write-error.ts';

export interface Spooled {
  readonly file: FileHandle;
  readonly size: number;
}

/** Without `folder` the system's temporary one. Throws UnbakeError `io` when there is no room, or `chunks` break off; errors of ours pass. */
export async function spool(chunks: AsyncIterable<Uint8Array>, signal?: AbortSignal, folder = tmpdir()): Promise<Spooled> {
  const file = await namelessFile(folder);
  let size = 0;
  try {
    for await (const chunk of chunks) {
      signal?.throwIfAborted();
      try {
        await writeWhole(file, chunk, size);
      } catch (cause) {
        throw temporaryFileError(folder, cause);
      }
      size += chunk.length;
    }
    return { file, size };
  } catch (cause) {
    await file.close();
    if (signal?.aborted || cause instanceof UnbakeError) throw cause;
    throw new UnbakeError('io', `the image could not be read to its end: ${printable(messageOf(cause))}`, { cause });
  }
}

/** An empty file that is gone when it is closed. Throws UnbakeError `io`. */
export async function namelessFile(folder: string): Promise<FileHandle> {
  const path = join(folder, `unbake-${randomBytes(12).toString('hex')}`);
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'wx+', 0o600);
    await unlink(path);
    return file;
  } catch (cause) {
    await file?.close();
    throw temporaryFileError(folder, cause);
  }
}
