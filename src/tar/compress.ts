// Compresses a stream anew, with nothing in the result that depends on time, machine or the chunks of the input. The compressed
// bytes still depend on the libraries inside node, so an image is known again by its uncompressed digests (diffIds).
import type { Transform } from 'node:stream';
import { finished } from 'node:stream/promises';
import { constants, crc32, createDeflateRaw, createZstdCompress } from 'node:zlib';

const blockLength = 128 * 1024;

/** RFC 1952, section 2.3: deflate, no flags and so no name, mtime 0, no extra flags, operating system unknown. */
const gzipHeader = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);

/**
 * gzip: one member, level 6, mtime 0, no name, OS byte 255; zstd: level 3, one frame with content checksum; none: the chunks as they come.
 * Deterministic for one version of node: the result does not depend on how the input is chunked.
 * Reads a few blocks of 128 KiB ahead of what is asked for, and no more. Closes the source and the compressor when the consumer stops
 * early; an error of the source is passed on as it is.
 */
export async function* recompressed(chunks: AsyncIterable<Uint8Array>, compression: 'none' | 'gzip' | 'zstd'): AsyncGenerator<Uint8Array> {
  switch (compression) {
    case 'none':
      return yield* chunks;
    case 'gzip':
      return yield* gzipped(chunks);
    case 'zstd':
      return yield* through(
        createZstdCompress({
          chunkSize: blockLength,
          params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 },
        }),
        inBlocks(chunks),
      );
  }
}

async function* gzipped(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let crc = 0;
  let length = 0;
  async function* summed(): AsyncGenerator<Uint8Array> {
    for await (const block of inBlocks(chunks)) {
      crc = crc32(block, crc);
      length += block.length;
      yield block;
    }
  }
  let isBegun = false;
  for await (const chunk of through(createDeflateRaw({ level: 6, chunkSize: blockLength }), summed())) {
    // Not before the source was opened: who stops at the first chunk closes it all the same.
    if (!isBegun) yield Buffer.from(gzipHeader);
    isBegun = true;
    yield chunk;
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc, 0);
  trailer.writeUInt32LE(length % 2 ** 32, 4);
  yield trailer;
}

/** Blocks of one length, the last one shorter, each a buffer of its own: compressors may decide by the length of what they are given. */
async function* inBlocks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let block = Buffer.allocUnsafeSlow(blockLength);
  let filled = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      const piece = chunk.subarray(at, at + blockLength - filled);
      block.set(piece, filled);
      filled += piece.length;
      at += piece.length;
      if (filled < blockLength) continue;
      yield block;
      block = Buffer.allocUnsafeSlow(blockLength);
      filled = 0;
    }
  }
  if (filled > 0) yield block.subarray(0, filled);
}

/** The output of a compressor, fed with one block after the other while the next one is fetched. */
async function* through(stream: Transform, blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const ready: Uint8Array[] = [];
  stream.on('data', (chunk: Uint8Array) => ready.push(chunk));
  // Rejects also when the stream is destroyed because nobody wants the rest.
  const over = finished(stream);
  over.catch(() => undefined);
  let writing: Promise<void> = Promise.resolve();
  try {
    for await (const block of blocks) {
      await writing;
      yield* ready.splice(0);
      writing = written(stream, block);
      writing.catch(() => undefined);
    }
    await writing;
    // Only now: an end that is known while the last block is compressed would change the result.
    stream.end();
    await over;
    yield* ready.splice(0);
  } finally {
    stream.destroy();
  }
}

/** A compressor that fails does not always answer the write that it failed in. */
function written(stream: Transform, block: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.once('error', reject);
    stream.write(block, (error) => {
      stream.off('error', reject);
      if (error) reject(error);
      else resolve();
    });
  });
}
