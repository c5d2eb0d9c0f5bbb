// Every entry of a layer with the digests of its metadata and its body, and the digest of all bytes outside given ranges: what two
// versions of a layer are compared by. Read from the written bytes, never from what was meant to be written.
import { createHash, type Hash } from 'node:crypto';
import type { Blob } from '../../model/blob.ts';
import { type Digest } from '../../model/digest.ts';
import type { Entry } from '../../model/entry.ts';
import type { Limits } from '../../model/limits.ts';
import type { Span } from '../../model/span.ts';
import { openCompressed } from '../../tar/decompress.ts';
import { spliced } from '../../tar/splice.ts';
import { TarWalk } from '../../tar/walk.ts';
import { silentAside } from '../../tar/silent-aside.ts';

export interface InventoriedEntry {
  readonly entry: Entry;
  /** Digests of the bytes before the body, and of the body as stored. */
  readonly metadata: string;
  readonly body: string;
}

export interface Inventory {
  readonly entries: readonly InventoriedEntry[];
  /** Bytes outside the given ranges, and their digest. */
  readonly outside: { readonly bytes: number; readonly digest: Digest };
}

/** `ranges` are sorted and do not overlap. Reads the blob twice over; memory does not grow with it but for its entries. */
export async function inventory(blob: Blob, ranges: readonly Span[], limits: Limits, signal?: AbortSignal): Promise<Inventory> {
  const entries: InventoriedEntry[] = [];
  let open: { entry: Entry; metadata: string; body: Hash } | undefined;
  const close = () => {
    if (open !== undefined) entries.push({ ...open, body: open.body.digest('hex') });
    open = undefined;
  };
  const walk = new TarWalk(
    {
      entry: (entry, metadata) => {
        close();
        const hash = createHash('sha256');
        for (const block of metadata) hash.update(block);
        open = { entry, metadata: hash.digest('hex'), body: createHash('sha256') };
      },
      body: (bytes) => open?.body.update(bytes),
      endOfBody: close,
      stray: () => undefined,
      noTar: () => undefined,
      damage: () => undefined,
      limit: () => undefined,
      notice: () => undefined,
    },
    limits,
  );
  for await (const chunk of await uncompressed(blob, limits)) {
    signal?.throwIfAborted();
    walk.write(chunk);
  }
  walk.end();
  close();

  const outside = createHash('sha256');
  let bytes = 0;
  const cuts = ranges.map((range) => ({ ...range, with: new Uint8Array(0) }));
  for await (const chunk of spliced(await uncompressed(blob, limits), cuts)) {
    signal?.throwIfAborted();
    outside.update(chunk);
    bytes += chunk.length;
  }
  return { entries, outside: { bytes, digest: `sha256:${outside.digest('hex')}` } };
}

async function uncompressed(blob: Blob, limits: Limits): Promise<AsyncIterable<Uint8Array>> {
  return (await openCompressed(blob.open(), blob, silentAside, limits)).bytes;
}
