// A compressed stream to its bytes, as far as they can be had: what stands before a break is given first, the break is told
// second, and bytes that a decompressor would pass over (headers, skippable frames, what follows the end) are handed aside.
import type { Blob } from '../model/blob.ts';
import type { Limits } from '../model/limits.ts';
import type { Aside, Decompressing, Decompression } from './aside.ts';
import { ByteReader } from './byte-reader.ts';
import { bunzipped } from './bzip2/bzip2.ts';
import { type Compression, magicLength, sniffCompression } from './compression.ts';
import { gunzipped } from './gzip.ts';
import { unxzed } from './xz.ts';
import { unzstded } from './zstd.ts';

/**
 * Tells what the stream is before its bytes are asked for. `chunks` must be the bytes of `blob`, from its start. The chunks that are given are
 * the caller's own, unless it borrows them; it has to where the chunks that it gives are lent.
 */
export async function openCompressed(
  chunks: AsyncIterable<Uint8Array>,
  blob: Blob,
  aside: Aside,
  limits: Limits,
  decompressing: Decompressing = {},
): Promise<{ compression: Compression; bytes: AsyncGenerator<Uint8Array> }> {
  const reader = new ByteReader(chunks, 0, decompressing.isLent);
  const compression = sniffCompression(await reader.peek(magicLength));
  const decompression = { ...decompressing, reader, blob, aside };
  const bytes = compression === 'none' ? plain(reader) : withinLimits(decompressed(compression, decompression), reader, aside, limits);
  return { compression, bytes };
}

async function* decompressed(compression: Exclude<Compression, 'none'>, decompression: Decompression): AsyncGenerator<Uint8Array> {
  const { reader, aside } = decompression;
  let next: Compression = compression;
  // Only more of the same kind continues the stream; padding may stand between members.
  while (next === compression) {
    const intact = yield* member(compression, decompression);
    if (!intact) return reader.drain();
    await skipZeros(reader);
    next = sniffCompression(await reader.peek(magicLength));
  }
  const behind = `after the end of the ${compression} stream`;
  while (next !== 'none') {
    const offset = reader.offset;
    let given = 0;
    // Who is told of it may keep it, unless all is lent.
    for await (const chunk of member(next, { ...decompression, isBorrowing: undefined })) {
      await aside.stray(chunk, `${next} data ${behind}, at byte ${offset}`, given);
      given += chunk.length;
    }
    await skipZeros(reader);
    next = sniffCompression(await reader.peek(magicLength));
  }
  await strayRest(reader, aside, behind);
}

async function skipZeros(reader: ByteReader): Promise<void> {
  for (;;) {
    const ready = await reader.peek(1);
    let zeros = 0;
    while (zeros < ready.length && ready[zeros] === 0) zeros++;
    await reader.takeExactly(zeros);
    if (zeros < ready.length || zeros === 0) return;
  }
}

/** One gzip member, zstd frame or bzip2 stream; of xz all streams at once. Returns false when it broke. */
function member(compression: Exclude<Compression, 'none'>, decompression: Decompression): AsyncGenerator<Uint8Array, boolean> {
  switch (compression) {
    case 'gzip':
      return gunzipped(decompression);
    case 'zstd':
      return unzstded(decompression);
    case 'xz':
      return unxzed(decompression);
    case 'bzip2':
      return bunzipped(decompression);
  }
}

const manyZeros = Buffer.alloc(64 * 1024);

/** All of it but the zeros at its end, however it is cut into chunks. */
async function strayRest(reader: ByteReader, aside: Aside, what: string): Promise<void> {
  let zeros = 0;
  for (;;) {
    const offset = reader.offset;
    const bytes = await reader.take();
    if (bytes.length === 0) return;
    let end = bytes.length;
    while (end > 0 && bytes[end - 1] === 0) end--;
    if (end > 0) {
      for (; zeros > 0; zeros -= Math.min(zeros, manyZeros.length)) await aside.stray(manyZeros.subarray(0, zeros), what, offset - zeros);
      await aside.stray(bytes.subarray(0, end), what, offset);
    }
    zeros += bytes.length - end;
  }
}

async function* plain(reader: ByteReader): AsyncGenerator<Uint8Array> {
  for (;;) {
    const bytes = await reader.take();
    if (bytes.length === 0) return;
    yield bytes;
  }
}

async function* withinLimits(bytes: AsyncGenerator<Uint8Array>, reader: ByteReader, aside: Aside, limits: Limits): AsyncGenerator<Uint8Array> {
  const trusted = 2 ** 30;
  let total = 0;
  for await (const chunk of bytes) {
    total += chunk.length;
    yield chunk;
    const reached =
      total > limits.layerBytes ? 'layerBytes' : total > trusted && total > limits.expansionRatio * reader.offset ? 'expansionRatio' : undefined;
    if (reached !== undefined) {
      aside.limit(reached, `more than ${total} bytes come out of the first ${reader.offset} compressed ones`, reader.offset);
      await reader.drain();
      return;
    }
  }
}
