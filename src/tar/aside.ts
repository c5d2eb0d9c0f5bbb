// What decompressors take and where they tell what is not their output.
import type { Blob } from '../model/blob.ts';
import type { Limits } from '../model/limits.ts';
import type { ByteReader } from './byte-reader.ts';

/** Where a decompressor tells what is not part of its output. Offsets are those of the compressed stream. */
export interface Aside {
  /** Bytes that are no compressed data: header fields, skippable frames, trailing bytes. */
  stray(bytes: Uint8Array, what: string, offset: number): Promise<void>;
  /** The output ends here although the stream should go on, or what was given is not what the stream announced. */
  damage(detail: string, offset: number): void;
  /** A limit was reached; the output ends here. */
  limit(name: keyof Limits, detail: string, offset: number): void;
}

export interface Decompressing {
  /** Who inflates gzip: the core (default), or node:zlib, which takes more CPU and gives the same. */
  readonly inflate?: 'core' | 'node';
  /** What is given may be a view on memory that is used again: it is valid only until the next chunk is asked for. */
  readonly isBorrowing?: true;
  /** The compressed chunks are such views themselves. What is told aside is then valid only during the call. */
  readonly isLent?: true;
}

/** The pieces that the decompressors share. */
export interface Decompression extends Decompressing {
  readonly reader: ByteReader;
  readonly blob: Blob;
  readonly aside: Aside;
}
