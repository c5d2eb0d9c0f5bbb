// Blobs made of parts of blobs, without a copy.
import type { Blob } from './blob.ts';

/** The bytes of `blob` from `start` up to, and without, `end`; both are brought inside the blob. */
export function rangeOf(blob: Blob, start: number, end: number): Blob {
  const first = Math.min(Math.max(0, start), blob.size);
  const size = Math.max(0, Math.min(end, blob.size) - first);
  return {
    size,
    async *open(from = 0) {
      let left = size - from;
      if (left <= 0) return;
      for await (const chunk of blob.open(first + from)) {
        yield chunk.length <= left ? chunk : chunk.subarray(0, left);
        left -= chunk.length;
        if (left <= 0) return;
      }
    },
  };
}

/** The bytes of all of them, one behind the other. */
export function joined(...blobs: readonly Blob[]): Blob {
  return {
    size: blobs.reduce((sum, { size }) => sum + size, 0),
    async *open(from = 0) {
      let skip = from;
      for (const blob of blobs) {
        if (skip < blob.size) yield* blob.open(skip);
        skip = Math.max(0, skip - blob.size);
      }
    },
  };
}
