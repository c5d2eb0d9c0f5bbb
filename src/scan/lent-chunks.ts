// The stored bytes of a layer through one buffer: for who has done with a chunk before it asks for the next one.
import { type FileHandle, open } from 'node:fs/promises';
import type { Blob } from '../model/blob.ts';
import { fileRangeOf } from '../store/file-blob.ts';
import { unreadable } from '../store/path-blob.ts';

const chunkSize = 256 * 1024;

/** All bytes of a blob. Each chunk is valid only until the next one is asked for. Throws what reading the blob throws. */
export async function* lentChunks(blob: Blob): AsyncGenerator<Uint8Array> {
  const range = fileRangeOf(blob);
  if (range !== undefined) return yield* lentRange(range.file, range.start, blob.size);
  if (blob.path === undefined) return yield* blob.open();
  let file: FileHandle | undefined;
  try {
    file = await open(blob.path, 'r');
    yield* lentRange(file, 0, blob.size);
  } catch (cause) {
    throw unreadable(blob.path, cause);
  } finally {
    await file?.close();
  }
}

async function* lentRange(file: FileHandle, start: number, size: number): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(Math.min(chunkSize, size));
  for (let at = 0; at < size;) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, size - at), start + at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
