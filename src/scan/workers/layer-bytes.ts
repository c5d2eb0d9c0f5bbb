// What one thread tells another of a layer that it reads and decompresses for it: chunks, and between them what stands beside the stream.
import type { Digest } from '../../model/digest.ts';
import type { Limits } from '../../model/limits.ts';
import type { Aside } from '../../tar/aside.ts';
import type { Compression } from '../../tar/compression.ts';
import { type LayerSource, openHere, type SourceTerms } from '../layer-source.ts';
import { type BlobPlace, blobAt } from './blob-place.ts';
import { packError, type PackedError, unpackError } from './packed-error.ts';
import { Ring } from './ring.ts';

/** What the thread is started with. */
export interface BytesTerms {
  readonly part: 'bytes';
  readonly blob: BlobPlace;
  readonly algorithm: NonNullable<SourceTerms['algorithm']>;
  readonly limits: Limits;
  readonly inflate?: SourceTerms['inflate'];
  readonly ring: SharedArrayBuffer;
}

/** Kinds of records: bytes of the layer, a note in JSON, the bytes that the note before is about. */
const chunk = 0;
const note = 1;
const strayBytes = 2;

type Note =
  | { readonly kind: 'begin'; readonly compression: Compression }
  | { readonly kind: 'progress'; readonly read: number }
  | { readonly kind: 'stray'; readonly what: string; readonly offset: number }
  | { readonly kind: 'damage'; readonly detail: string; readonly offset: number }
  | { readonly kind: 'limit'; readonly name: keyof Limits; readonly detail: string; readonly offset: number }
  | { readonly kind: 'end'; readonly digest: Digest }
  | { readonly kind: 'error'; readonly error: PackedError };

/** The thread's side. It holds nothing but what is in the ring, and ends with the layer. */
export async function serveBytes({ blob, algorithm, limits, inflate, ring: memory }: BytesTerms): Promise<void> {
  const ring = new Ring(memory);
  const tell = (message: Note): void => ring.write(note, Buffer.from(JSON.stringify(message)));
  const aside: Aside = {
    stray: async (bytes, what, offset) => {
      tell({ kind: 'stray', what, offset });
      ring.write(strayBytes, bytes);
    },
    damage: (detail, offset) => tell({ kind: 'damage', detail, offset }),
    limit: (name, detail, offset) => tell({ kind: 'limit', name, detail, offset }),
  };
  try {
    const onProgress = (read: number): void => tell({ kind: 'progress', read });
    // What is given is copied into the ring at once.
    const terms = { algorithm, limits, onProgress, isBorrowing: true, ...(inflate === undefined ? {} : { inflate }) } as const;
    const { compression, bytes, digest } = await openHere(blobAt(blob), terms, aside);
    tell({ kind: 'begin', compression });
    for await (const piece of bytes) ring.write(chunk, piece);
    tell({ kind: 'end', digest: digest() });
  } catch (thrown) {
    tell({ kind: 'error', error: packError(thrown) });
  }
  ring.close();
}

/** The other side: the same source as if all was done here. `lost` is thrown when the ring ends before the layer does. */
export async function sourceIn(ring: Ring, { signal, isBorrowing, onProgress }: SourceTerms, aside: Aside, lost: Error): Promise<LayerSource> {
  let digest: Digest | undefined;
  let compression: Compression | undefined;
  /** The next chunk; what stands before it is told on the way. */
  const nextChunk = async (): Promise<Buffer | undefined> => {
    for (;;) {
      signal?.throwIfAborted();
      const record = await ring.next();
      if (record === undefined) throw lost;
      if (record.kind === chunk) return isBorrowing === true ? record.bytes : Buffer.from(record.bytes);
      const message = JSON.parse(record.bytes.toString()) as Note;
      switch (message.kind) {
        case 'begin':
          compression = message.compression;
          return undefined;
        case 'progress':
          onProgress?.(message.read);
          break;
        case 'stray':
          await aside.stray(Buffer.from((await ring.next())?.bytes ?? []), message.what, message.offset);
          break;
        case 'damage':
          aside.damage(message.detail, message.offset);
          break;
        case 'limit':
          aside.limit(message.name, message.detail, message.offset);
          break;
        case 'end':
          digest = message.digest;
          return undefined;
        case 'error':
          throw unpackError(message.error);
      }
    }
  };
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for (let next = await nextChunk(); next !== undefined; next = await nextChunk()) yield next;
  }
  await nextChunk();
  return { compression: compression!, bytes: bytes(), digest: () => digest! };
}
