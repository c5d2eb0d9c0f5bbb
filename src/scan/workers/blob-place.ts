// Where the bytes of a blob are, told so that another thread can read them: the threads of a process share its open files.
import { readSync } from 'node:fs';
import type { Blob } from '../../model/blob.ts';
import { fileRangeOf } from '../../store/file-blob.ts';
import { pathBlob } from '../../store/path-blob.ts';

export type BlobPlace =
  | { readonly kind: 'path'; readonly path: string; readonly size: number }
  /** The file must stay open as long as anybody reads. */
  | { readonly kind: 'range'; readonly descriptor: number; readonly start: number; readonly size: number };

const chunkSize = 256 * 1024;

/** Undefined for bytes that are no stretch of one file: those can be read in this thread alone. */
export function placeOf(blob: Blob): BlobPlace | undefined {
  const { size, path } = blob;
  if (path !== undefined) return { kind: 'path', path, size };
  const range = fileRangeOf(blob);
  return range === undefined ? undefined : { kind: 'range', descriptor: range.file.fd, start: range.start, size };
}

/** The same bytes. Of a range they are read at once: the thread that reads has nothing else to do. */
export function blobAt(place: BlobPlace): Blob {
  const { size } = place;
  if (place.kind === 'path') return pathBlob(place.path, size);
  return {
    size,
    async *open(from = 0) {
      const end = place.start + size;
      for (let at = place.start + from; at < end;) {
        const chunk = Buffer.allocUnsafeSlow(Math.min(chunkSize, end - at));
        const bytesRead = readSync(place.descriptor, chunk, 0, chunk.length, at);
        if (bytesRead === 0) return;
        at += bytesRead;
        yield chunk.subarray(0, bytesRead);
      }
    },
  };
}
