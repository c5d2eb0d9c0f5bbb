// xz, through a library: rare in layers, usual for whole archives. It reads all streams at once and gives what stands before a break.
import xzDecompress from 'xz-decompress';
import { messageOf } from '../model/error.ts';
import type { Decompression } from './aside.ts';
import type { ByteReader } from './byte-reader.ts';

export async function* unxzed({ reader, aside, isLent }: Decompression): AsyncGenerator<Uint8Array, boolean> {
  const compressed = ReadableStream.from(piecesOfXz(reader, isLent)) as ReadableStream<Uint8Array>;
  let given = 0;
  try {
    for await (const chunk of new xzDecompress.XzReadableStream(compressed)) {
      given += chunk.length;
      yield chunk;
    }
    return true;
  } catch (cause) {
    aside.damage(`the xz stream is corrupt or truncated (${messageOf(cause)}), after ${given} uncompressed bytes`, reader.offset);
    return false;
  }
}

/**
 * Cut behind every "YZ", with which streams of xz end: the library gives nothing of a piece in which it meets what it does not know,
 * so what follows a stream must not stand in one piece with its end.
 */
async function* piecesOfXz(reader: ByteReader, isLent = false): AsyncGenerator<Uint8Array> {
  for (;;) {
    const bytes = await reader.take(64 * 1024);
    if (bytes.length === 0) return;
    // Pieces may wait in the stream.
    const chunk = isLent ? Buffer.from(bytes) : bytes;
    let from = 0;
    while (from < chunk.length) {
      const magic = chunk.indexOf('YZ', from);
      const end = magic < 0 || magic + 2 > from + 4096 ? Math.min(chunk.length, from + 4096) : magic + 2;
      yield chunk.subarray(from, end);
      from = end;
    }
  }
}
