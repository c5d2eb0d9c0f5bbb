// The bodies of some entries of a layer, as they are: for the vault, before the layer is changed.
import type { Blob } from '../model/blob.ts';
import type { Entry } from '../model/entry.ts';
import type { Limits } from '../model/limits.ts';
import { ByteReader } from '../tar/byte-reader.ts';
import { openCompressed } from '../tar/decompress.ts';
import { bodyStartOf } from '../tar/entry-metadata.ts';
import type { Hold } from '../view/nested/nested.ts';
import { silentAside } from '../tar/silent-aside.ts';

/** By the index of the entry. The layer is read once; sparse files come without their holes. */
export async function readBodies(blob: Blob, entries: readonly Entry[], limits: Limits, hold: Hold): Promise<ReadonlyMap<number, Blob>> {
  const bodies = new Map<number, Blob>();
  const { bytes } = await openCompressed(blob.open(), blob, silentAside, limits);
  const reader = new ByteReader(bytes);
  for (const entry of [...entries].sort((a, b) => a.index - b.index)) {
    const start = bodyStartOf(entry);
    while (reader.offset < start && (await reader.take(start - reader.offset)).length > 0);
    if (reader.offset === start) bodies.set(entry.index, await hold(taken(reader, entry.size)));
  }
  await reader.close();
  return bodies;
}

/** The next bytes of a reader, or as many as there are. */
export async function* taken(reader: ByteReader, size: number): AsyncGenerator<Uint8Array> {
  for (let left = size; left > 0;) {
    const bytes = await reader.take(left);
    if (bytes.length === 0) return;
    left -= bytes.length;
    yield bytes;
  }
}
