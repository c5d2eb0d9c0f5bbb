// Feeds a decompressor of node:zlib from a ByteReader and gives what comes out; the one place that knows how those streams behave.
import type { Transform } from 'node:stream';
import type { ByteReader } from './byte-reader.ts';

type Decompressor = Transform & { readonly bytesWritten: number };

export interface Fed {
  /** What the stream threw, if it did. Up to one output buffer before the break is lost in node:zlib. */
  readonly error: Error | undefined;
  /** The reader came to its end before the stream did. */
  readonly starved: boolean;
}

/**
 * Gives the output until the compressed stream ends. Then the reader stands behind its last byte, unless it broke.
 * `next` tells which bytes to feed; an empty buffer says that there are no more.
 */
export async function* throughZlib(
  stream: Decompressor,
  reader: ByteReader,
  next: () => Promise<Buffer> = () => reader.take(),
): AsyncGenerator<Uint8Array, Fed> {
  let fed = 0;
  let last: Buffer = Buffer.alloc(0);
  let starved = false;
  let error: Error | undefined;
  let isOver = false;
  const over = new Promise<void>((resolve) => {
    const end = () => {
      isOver = true;
      resolve();
    };
    stream.once('end', end).once('error', end).once('close', end);
  });

  const feed = async () => {
    while (!isOver) {
      last = await next();
      fed += last.length;
      if (last.length === 0) {
        starved = true;
        stream.end();
        return;
      }
      await Promise.race([over, new Promise<void>((resolve) => stream.write(last, () => resolve()))]);
      // Bytes that were not used stand behind the end of the compressed stream.
      if (stream.bytesWritten < fed) return;
    }
  };
  const feeding = feed().catch((cause: unknown) => {
    stream.destroy(cause instanceof Error ? cause : new Error(String(cause)));
  });

  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
  } catch (cause) {
    error = cause instanceof Error ? cause : new Error(String(cause));
  } finally {
    isOver = true;
    stream.destroy();
  }
  await feeding;
  const unused = fed - stream.bytesWritten;
  if (error === undefined && unused > 0) reader.putBack(last.subarray(last.length - unused));
  return { error, starved };
}
