// xz and bzip2, through libraries. Rare in layers, usual for whole archives. Both libraries read all their streams at once
// and give what stands before a break.
import unbzip2Stream from 'unbzip2-stream';
import xzDecompress from 'xz-decompress';
import { messageOf } from '../model/error.ts';
import type { ByteReader } from './byte-reader.ts';
import type { Decompression } from './aside.ts';

export async function* unxzed({ reader, aside }: Decompression): AsyncGenerator<Uint8Array, boolean> {
  const compressed = ReadableStream.from(piecesOfXz(reader)) as ReadableStream<Uint8Array>;
  return yield* givenUntilBroken(new xzDecompress.XzReadableStream(compressed), 'xz', reader, aside);
}

export async function* bunzipped({ reader, aside }: Decompression): AsyncGenerator<Uint8Array, boolean> {
  return yield* givenUntilBroken(throughBunzip(bytesFrom(reader)), 'bzip2', reader, aside);
}

/** The library's stream is of the oldest kind: it emits what it has and then its error, and a modern wrapper would drop the former. */
async function* throughBunzip(compressed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const stream = unbzip2Stream();
  const ready: Uint8Array[] = [];
  let error: Error | undefined;
  stream.on('data', (chunk: Uint8Array) => ready.push(chunk));
  stream.on('error', (cause: Error) => (error ??= cause));
  for await (const chunk of compressed) {
    stream.write(chunk as Buffer);
    yield* ready.splice(0);
    if (error !== undefined) throw error;
  }
  stream.end();
  yield* ready.splice(0);
  if (error !== undefined) throw error;
}

async function* givenUntilBroken(
  output: AsyncIterable<Uint8Array>,
  name: string,
  reader: ByteReader,
  aside: Decompression['aside'],
): AsyncGenerator<Uint8Array, boolean> {
  let given = 0;
  try {
    for await (const chunk of output) {
      given += chunk.length;
      yield chunk;
    }
    return true;
  } catch (cause) {
    aside.damage(`the ${name} stream is corrupt or truncated (${messageOf(cause)}), after ${given} uncompressed bytes`, reader.offset);
    return false;
  }
}

async function* bytesFrom(reader: ByteReader): AsyncGenerator<Uint8Array> {
  for (;;) {
    const bytes = await reader.take(64 * 1024);
    if (bytes.length === 0) return;
    yield bytes;
  }
}

/**
 * Cut behind every "YZ", with which streams of xz end: the library gives nothing of a piece in which it meets what it does not know,
 * so what follows a stream must not stand in one piece with its end.
 */
async function* piecesOfXz(reader: ByteReader): AsyncGenerator<Uint8Array> {
  for await (const bytes of bytesFrom(reader)) {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let from = 0;
    while (from < chunk.length) {
      const magic = chunk.indexOf('YZ', from);
      const end = magic < 0 || magic + 2 > from + 4096 ? Math.min(chunk.length, from + 4096) : magic + 2;
      yield chunk.subarray(from, end);
      from = end;
    }
  }
}
