// One layer with its edits made: decompressed, spliced, compressed in its own way, hashed on both sides while it streams.
import { createHash } from 'node:crypto';
import type { Blob } from '../../model/blob.ts';
import type { Digest } from '../../model/digest.ts';
import type { Limits } from '../../model/limits.ts';
import type { Span } from '../../model/span.ts';
import { recompressed } from '../../tar/compress.ts';
import type { Compression } from '../../tar/compression.ts';
import { openCompressed } from '../../tar/decompress.ts';
import { type Edit, spliced } from '../../tar/splice.ts';
import type { Hold } from '../../view/nested/nested.ts';
import { silentAside } from '../../tar/silent-aside.ts';

export interface RewrittenLayer {
  readonly blob: Blob;
  readonly digest: Digest;
  readonly diffId: Digest;
  readonly compression: WrittenCompression;
  /** Where the replacements stand in the new uncompressed bytes: one range for each edit, in their order. */
  readonly replaced: readonly Span[];
}

/** What layers are written in: the other kinds are read only, and no engine writes them. */
type WrittenCompression = 'none' | 'gzip' | 'zstd';

function writtenCompression(compression: Compression): WrittenCompression {
  return compression === 'xz' || compression === 'bzip2' ? 'gzip' : compression;
}

export interface RewriteOptions {
  readonly limits: Limits;
  readonly hold: Hold;
  readonly signal?: AbortSignal;
}

export async function rewriteLayer(source: Blob, edits: readonly Edit[], compression: Compression, options: RewriteOptions): Promise<RewrittenLayer> {
  const stored = createHash('sha256');
  const content = createHash('sha256');
  const written = writtenCompression(compression);
  const { bytes } = await openCompressed(source.open(), source, silentAside, options.limits);
  const lengths = new Map<number, number>();
  const changed = tapped(
    spliced(
      bytes,
      edits.map((edit, index) => measured(edit, (length) => lengths.set(index, length))),
    ),
    (chunk) => content.update(chunk),
    options.signal,
  );
  const blob = await options.hold(tapped(recompressed(changed, written), (chunk) => stored.update(chunk), options.signal));
  return {
    blob,
    digest: `sha256:${stored.digest('hex')}`,
    diffId: `sha256:${content.digest('hex')}`,
    compression: written,
    replaced: replacedSpans(edits, lengths),
  };
}

/** The same edit, which tells how long its replacement is. */
function measured(edit: Edit, tell: (length: number) => void): Edit {
  const { with: replacement } = edit;
  if (typeof replacement !== 'function') {
    tell('size' in replacement ? replacement.size : replacement.length);
    return edit;
  }
  return {
    ...edit,
    with: (original) => {
      const bytes = replacement(original);
      tell(bytes.length);
      return bytes;
    },
  };
}

function replacedSpans(edits: readonly Edit[], lengths: ReadonlyMap<number, number>): readonly Span[] {
  let shift = 0;
  return edits.map(({ start, end }, index) => {
    const length = lengths.get(index)!;
    const span = { start: start + shift, end: start + shift + length };
    shift += length - (end - start);
    return span;
  });
}

async function* tapped(chunks: AsyncIterable<Uint8Array>, tap: (chunk: Uint8Array) => void, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    tap(chunk);
    yield chunk;
  }
}
