// Bytes that can be read only once (a pipe, a compressed archive) go to a temporary file. It is deleted as soon as it is open, so that
// nothing is left behind whatever becomes of the process; only its owner can read it (mode 0600).
import { randomBytes } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf, UnbakeError } from '../model/error.ts';

export interface Spooled {
  readonly file: FileHandle;
  readonly size: number;
}

export async function spool(chunks: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<Spooled> {
  const path = join(tmpdir(), `unbake-${randomBytes(12).toString('hex')}`);
  let file: FileHandle;
  try {
    file = await open(path, 'wx+', 0o600);
    await unlink(path);
  } catch (cause) {
    throw new UnbakeError('io', `a temporary file cannot be made in ${tmpdir()}: ${messageOf(cause)}`, {
      hint: 'set TMPDIR to a folder that can be written',
      cause,
    });
  }
  let size = 0;
  try {
    for await (const chunk of chunks) {
      signal?.throwIfAborted();
      for (let at = 0; at < chunk.length;) {
        const { bytesWritten } = await file.write(chunk, at, chunk.length - at, size + at);
        at += bytesWritten;
      }
      size += chunk.length;
    }
    return { file, size };
  } catch (cause) {
    await file.close();
    if (signal?.aborted) throw cause;
    if (cause instanceof UnbakeError) throw cause;
    throw new UnbakeError('io', `the image could not be copied to ${tmpdir()}: ${messageOf(cause)}`, {
      hint: 'make room there, or set TMPDIR to a larger folder',
      cause,
    });
  }
}
