// A piece of an archive in which blocks are looked at where they stand: a chunk may have hundreds of them, and to cut each out of it would
// take longer than to read it.

/** Two views of the same bytes. */
export interface Chunk {
  readonly bytes: Buffer;
  readonly words: DataView;
}

/** Nothing is copied. */
export function chunkOf({ buffer, byteOffset, byteLength }: Uint8Array): Chunk {
  return { bytes: Buffer.from(buffer, byteOffset, byteLength), words: new DataView(buffer, byteOffset, byteLength) };
}
