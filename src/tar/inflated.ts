// Raw deflate out of a reader, by one of two backends: the core, or node:zlib. Both give the same bytes up to a break, and tell the same of it.
import { setImmediate as turn } from 'node:timers/promises';
import { createInflateRaw } from 'node:zlib';
import { Inflate } from '../core/inflate.ts';
import type { Decompression } from './aside.ts';
import { ByteReader } from './byte-reader.ts';
import { throughZlib } from './zlib-stream.ts';

const chunkSize = 256 * 1024;
const firstPiece = 8 * 1024;
/** Bytes of output after which others have a turn: signals, timers, and the collector of what was given before. */
const outputOfTurn = 4 * 2 ** 20;

/** Where a stream stops before its end, in bytes of the blob, and why: in the words of zlib, or nothing when there is no more input. */
export interface Break {
  readonly offset: number;
  readonly message?: string;
}

/**
 * All that stands before the end or the break of the stream that begins where the reader stands. After an end the reader stands behind
 * its last byte; after a break it is anywhere.
 */
export function inflated(decompression: Decompression): AsyncGenerator<Uint8Array, Break | undefined> {
  return decompression.inflate === 'node' ? byNode(decompression) : byCore(decompression.reader, 0, decompression.isBorrowing);
}

/** `given` bytes at the beginning of the output are left out. */
async function* byCore(reader: ByteReader, given: number, isBorrowing?: boolean): AsyncGenerator<Uint8Array, Break | undefined> {
  const start = reader.offset;
  const inflate = new Inflate();
  let sinceTurn = 0;
  try {
    // Small pieces first: what stands behind a short member is not to be carried into the core for each of thousands of them.
    for (let size = firstPiece; ; size = Math.min(chunkSize, size * 4)) {
      const bytes = await reader.take(size);
      if (bytes.length === 0) return { offset: reader.offset };
      for (const chunk of inflate.write(bytes)) {
        const known = Math.max(0, chunk.length - (inflate.length - given));
        if (known < chunk.length) yield isBorrowing ? chunk.subarray(known) : copied(chunk.subarray(known));
        sinceTurn += chunk.length;
        if (sinceTurn < outputOfTurn) continue;
        sinceTurn = 0;
        await turn();
      }
      if (inflate.error !== undefined) return { message: inflate.error.message, offset: start + inflate.error.offset };
      if (!inflate.isEnded) continue;
      if (inflate.unused > 0) reader.putBack(bytes.subarray(bytes.length - inflate.unused));
      return undefined;
    }
  } finally {
    inflate.close();
  }
}

function copied(bytes: Uint8Array): Buffer {
  const own = Buffer.allocUnsafeSlow(bytes.length);
  own.set(bytes);
  return own;
}

async function* byNode({ reader, blob }: Decompression): AsyncGenerator<Uint8Array, Break | undefined> {
  const start = reader.offset;
  let given = 0;
  const inflating = throughZlib(createInflateRaw({ chunkSize }), reader);
  let step = await inflating.next();
  try {
    for (; !step.done; step = await inflating.next()) {
      given += step.value.length;
      yield step.value;
    }
  } finally {
    if (!step.done) await inflating.return({ error: undefined, starved: false });
  }
  const { error, starved } = step.value;
  if (error === undefined) return undefined;
  // node:zlib loses what it inflated in the call that met the break: the core gives it, and knows where the break is.
  const again = new ByteReader(blob.open(start), start);
  try {
    return (yield* byCore(again, given)) ?? { offset: reader.offset, ...(starved ? {} : { message: error.message }) };
  } finally {
    await again.close();
  }
}
