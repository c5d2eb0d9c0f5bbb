// A layer's blob to the entries of its tar, whole or not at all: an image that cannot be read to its end is not run. What it holds beside
// its entries is passed over, as container engines do.
import { type Digest, hashFor, hexOf } from '../../model/digest.ts';
import { UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';
import { openCompressed } from '../../tar/decompress.ts';
import { type TarSink, TarWalk } from '../../tar/walk.ts';
import type { LayerToUnpack, UnpackOptions } from './layer-to-unpack.ts';

/**
 * Hands all entries to the sink and compares the digest of the uncompressed bytes. Throws UnbakeError `damaged` or `limit`, perhaps after
 * some entries or all; errors of the sink and of the blob as they are.
 */
export async function readTar(
  { blob, diffId, name }: LayerToUnpack,
  sink: Pick<TarSink, 'entry' | 'body' | 'endOfBody'>,
  { limits, signal }: UnpackOptions,
): Promise<void> {
  const layer = printable(name);
  let problem: UnbakeError | undefined;
  const damage = (detail: string, offset: number) => {
    problem ??= new UnbakeError('damaged', `${layer} is damaged at byte ${offset}: ${detail}`, { hint: `get the image anew: ${mayTellMore}` });
  };
  const limit = (reached: string, detail: string) => {
    problem ??= new UnbakeError('limit', `${layer} is not unpacked: ${detail}`, {
      limit: reached,
      hint: `raise it with --limit ${reached}=N; ${mayTellMore}`,
    });
  };
  const hash = hashFor(diffId);
  const tarSink: TarSink = {
    entry: (entry, metadata) => sink.entry(entry, metadata),
    body: (bytes, offset) => sink.body(bytes, offset),
    endOfBody: () => sink.endOfBody(),
    stray: () => undefined,
    notice: () => undefined,
    noTar: () => damage('it is no tar archive', 0),
    damage,
    limit,
  };
  const walk = new TarWalk(tarSink, limits);
  const source = read(blob);
  try {
    const { bytes } = await openCompressed(source, blob, { stray: async () => undefined, damage, limit }, limits);
    for await (const chunk of bytes) {
      signal?.throwIfAborted();
      hash.update(chunk);
      walk.write(chunk);
      if (problem !== undefined) throw problem;
    }
  } finally {
    // A decompressor that is left on the way does not let go of the file that it reads.
    await source.return(undefined);
  }
  if (problem === undefined) walk.end();
  if (problem !== undefined) throw problem;
  compare(layer, diffId, hash.digest('hex'));
}

async function* read(blob: LayerToUnpack['blob']): AsyncGenerator<Uint8Array> {
  yield* blob.open();
}

const mayTellMore = 'unbake scan tells what can be read of it';

function compare(layer: string, diffId: Digest, actual: string): void {
  if (actual === hexOf(diffId)) return;
  throw new UnbakeError(
    'damaged',
    `${layer} is not what the config of its image says: the digest of its content is ${actual} and should be ${hexOf(diffId)}`,
    {
      hint: `get the image anew: ${mayTellMore}`,
    },
  );
}
