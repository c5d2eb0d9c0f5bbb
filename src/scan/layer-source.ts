// Where the uncompressed bytes of a layer come from: read, hashed and decompressed here, or by another thread that does the same.
import { createHash } from 'node:crypto';
import type { Blob } from '../model/blob.ts';
import type { Digest } from '../model/digest.ts';
import type { Limits } from '../model/limits.ts';
import type { Aside, Decompressing } from '../tar/aside.ts';
import type { Compression } from '../tar/compression.ts';
import { openCompressed } from '../tar/decompress.ts';
import { lentChunks } from './lent-chunks.ts';

export interface LayerSource {
  readonly compression: Compression;
  /** What stands beside them is told to the aside when it comes up, between two of them. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Of the blob as stored; to be asked once the bytes have ended. */
  digest(): Digest;
}

export interface SourceTerms {
  readonly algorithm?: 'sha256' | 'sha512';
  readonly limits: Limits;
  /** What inflates gzip: the core, or node's zlib. What comes out is the same. */
  readonly inflate?: Decompressing['inflate'];
  /** See `Decompressing`. What is told aside is then valid only during the call. */
  readonly isBorrowing?: true;
  readonly signal?: AbortSignal;
  /** Called now and then with the stored bytes read so far. */
  readonly onProgress?: (bytes: number) => void;
}

export type OpenSource = (blob: Blob, terms: SourceTerms, aside: Aside) => Promise<LayerSource>;

/** In this thread. */
export async function openHere(
  blob: Blob,
  { algorithm = 'sha256', limits, inflate, isBorrowing, signal, onProgress }: SourceTerms,
  aside: Aside,
): Promise<LayerSource> {
  const hash = createHash(algorithm);
  async function* stored(): AsyncGenerator<Uint8Array> {
    let read = 0;
    for await (const chunk of isBorrowing === true ? lentChunks(blob) : blob.open()) {
      signal?.throwIfAborted();
      hash.update(chunk);
      read += chunk.length;
      onProgress?.(read);
      yield chunk;
    }
  }
  const decompressing = { ...(inflate === undefined ? {} : { inflate }), ...(isBorrowing === undefined ? {} : { isBorrowing, isLent: isBorrowing }) };
  const { compression, bytes } = await openCompressed(stored(), blob, aside, limits, decompressing);
  return { compression, bytes, digest: () => `${algorithm}:${hash.digest('hex')}` };
}
