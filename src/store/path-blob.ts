// A file as a blob: open only while it is read, for a layout may have more files than a process may have open.
import { type FileHandle, open } from 'node:fs/promises';
import type { Blob } from '../model/blob.ts';
import { messageOf, UnbakeError } from '../model/error.ts';
import { printable } from '../model/printable.ts';
import { fileBlob } from './file-blob.ts';

/** `size` is that of the file. Reading throws UnbakeError `io`. */
export function pathBlob(path: string, size: number): Blob {
  return {
    size,
    path,
    async *open(start = 0, until = size) {
      let file: FileHandle | undefined;
      try {
        file = await open(path, 'r');
        yield* fileBlob(file, 0, size).open(start, until);
      } catch (cause) {
        throw unreadable(path, cause);
      } finally {
        await file?.close();
      }
    },
  };
}

export function unreadable(path: string, cause: unknown): UnbakeError {
  if (cause instanceof UnbakeError) return cause;
  return new UnbakeError('io', `${printable(path)} cannot be read: ${printable(messageOf(cause))}`, { cause });
}
