// Blobs over ranges of open files.
import type { FileHandle } from 'node:fs/promises';
import type { Blob } from '../model/blob.ts';

const chunkSize = 256 * 1024;

/** The bytes from `start` on, `size` of them or as many as there are. The file stays open as long as the blob is used. */
export function fileBlob(file: FileHandle, start: number, size: number): Blob {
  return {
    size,
    async *open(from = 0) {
      let at = start + from;
      const end = start + size;
      while (at < end) {
        const chunk = Buffer.allocUnsafeSlow(Math.min(chunkSize, end - at));
        const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
        if (bytesRead === 0) return;
        at += bytesRead;
        yield chunk.subarray(0, bytesRead);
      }
    },
  };
}
