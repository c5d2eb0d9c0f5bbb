// Bytes that can be read again from any place: a file, a range of a file, or a buffer.

export interface Blob {
  /** Bytes in all. */
  readonly size: number;
  /** The bytes from `start` (default 0) to the end, in chunks that the reader may keep. Of those behind `until` none need be given. */
  open(start?: number, until?: number): AsyncIterable<Uint8Array>;
  /** Of a blob that is a whole file: where that file is, so that it can be linked instead of copied. */
  readonly path?: string;
}

/** A blob over bytes in memory. */
export function blobOf(bytes: Uint8Array): Blob {
  return {
    size: bytes.length,
    async *open(start = 0) {
      if (start < bytes.length) yield bytes.subarray(start);
    },
  };
}

/** All bytes of a blob that is known to be small: the caller has looked at `size`. */
export async function bytesOf(blob: Blob): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of blob.open()) chunks.push(chunk);
  return Buffer.concat(chunks);
}
