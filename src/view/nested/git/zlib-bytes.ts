// A zlib stream (RFC 1950) in a blob, whose end is only known when it is decoded.
import { constants, createInflate, inflateSync } from 'node:zlib';
import type { Blob } from '../../../model/blob.ts';
import { ByteReader } from '../../../tar/byte-reader.ts';
import { throughZlib } from '../../../tar/zlib-stream.ts';
import { rangeOf } from '../../../model/blob-parts.ts';
import type { Window } from '../window.ts';

/** Streams that cannot take more room than this when stored are decoded in one call. */
const inOneCall = 128 * 1024;

export interface ZlibStream {
  readonly bytes: AsyncGenerator<Uint8Array>;
  /** Where the stream ends in the blob, truncated or not, or what is wrong with it; known when `bytes` was read to its end. */
  outcome(): { readonly end: number } | { readonly problem: string };
}

/** The stream that begins at `start` and ends before `limit`. What stands before a break is given as far as it can be had. */
export function zlibStream(blob: Blob, start: number, limit: number): ZlibStream {
  let outcome: ReturnType<ZlibStream['outcome']> = { problem: 'it was not read' };
  async function* bytes(): AsyncGenerator<Uint8Array> {
    const reader = new ByteReader(rangeOf(blob, start, limit).open(), start);
    try {
      // So that a truncated stream gives all it has instead of an error.
      const { error } = yield* throughZlib(createInflate({ finishFlush: constants.Z_SYNC_FLUSH }), reader);
      outcome = error === undefined ? { end: reader.offset } : { problem: `the zlib stream is corrupt (${error.message})` };
    } finally {
      await reader.close();
    }
  }
  return { bytes: bytes(), outcome: () => outcome };
}

/** All of a stream that gives `size` bytes, and where it ends; or what is wrong with it. Memory: `size`. */
export async function zlibBytes(
  blob: Blob,
  window: Window,
  start: number,
  limit: number,
  size: number,
): Promise<{ readonly bytes: Buffer; readonly end: number } | { readonly problem: string }> {
  // What cannot be compressed takes a little more (RFC 1951, section 3.2.4).
  const stored = size + Math.ceil(size / 1000) + 64;
  if (stored <= inOneCall) {
    const whole = inflated(await window.read(start, Math.min(stored, limit - start)), size);
    if (whole !== undefined) return { bytes: whole.bytes, end: start + whole.length };
  }
  const { bytes, outcome } = zlibStream(blob, start, limit);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    length += chunk.length;
    if (length > size) return { problem: `the zlib stream gives more than the ${size} bytes that were announced` };
    chunks.push(chunk);
  }
  const result = outcome();
  if ('problem' in result) return result;
  if (length < size) return { problem: `the zlib stream gives ${length} bytes and ${size} were announced` };
  return { bytes: Buffer.concat(chunks), end: result.end };
}

function inflated(stored: Buffer, size: number): { readonly bytes: Buffer; readonly length: number } | undefined {
  try {
    // The declared types do not know the option `info`.
    const { buffer, engine } = inflateSync(stored, { maxOutputLength: Math.max(1, size), info: true }) as unknown as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
    return buffer.length === size ? { bytes: buffer, length: engine.bytesWritten } : undefined;
  } catch {
    // Decoded once more, piece by piece, which tells what is wrong.
    return undefined;
  }
}
