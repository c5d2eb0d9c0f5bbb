// Blobs over ranges of open files.
import type { FileHandle } from 'node:fs/promises';
import type { Blob } from '../model/blob.ts';

const chunkSize = 256 * 1024;

const ranges = new WeakMap<Blob, { readonly file: FileHandle; readonly start: number }>();

/** The file that the blob is a range of, and where it begins there, for who reads it in another way; undefined for other blobs. */
export function fileRangeOf(blob: Blob): { readonly file: FileHandle; readonly start: number } | undefined {
  return ranges.get(blob);
}

/** The bytes from `start` on, `size` of them or as many as there are. The file stays open as long as the blob is used. */
export function fileBlob(file: FileHandle, start: number, size: number): Blob {
  const blob: Blob = {
    size,
    async *open(from = 0, until = size) {
      let at = start + from;
      const end = start + Math.min(until, size);
      while (at < end) {
        const chunk = Buffer.allocUnsafeSlow(Math.min(chunkSize, end - at));
        const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
        if (bytesRead === 0) return;
        at += bytesRead;
        yield chunk.subarray(0, bytesRead);
      }
    },
  };
  ranges.set(blob, { file, start });
  return blob;
}
