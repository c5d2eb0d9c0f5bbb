// Bytes into what is no regular file: standard output, named pipes, devices. None of them can be taken back.
import { constants, openSync, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSystemError, UnbakeError } from '../model/error.ts';
import { printable } from '../model/printable.ts';
import { writeError } from './write-error.ts';

const readerPollMilliseconds = 50;

/** Throws UnbakeError `io` when the reader leaves before the end: it has no image then. */
export async function pourIntoStandardOutput(chunks: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<void> {
  await pour(chunks, process.stdout, 'standard output', signal);
}

/** Waits for a reader of a named pipe. What is behind a file descriptor of ours (`/dev/stdout`) is appended to. */
export async function pourIntoPath(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
  stats: Stats,
  typed: string,
  signal?: AbortSignal,
): Promise<void> {
  const sink = await sinkAt(path, stats, typed, signal);
  try {
    await pour(chunks, sink, printable(typed), signal);
  } finally {
    sink.destroy();
  }
}

async function sinkAt(path: string, stats: Stats, typed: string, signal: AbortSignal | undefined): Promise<Writable> {
  const append = constants.O_WRONLY | constants.O_APPEND;
  for (;;) {
    signal?.throwIfAborted();
    try {
      if (!stats.isFIFO()) return (await open(path, append)).createWriteStream();
      // Without waiting: a thread that waits in open or write cannot be interrupted.
      return new Socket({ fd: openSync(path, append | constants.O_NONBLOCK), readable: false, writable: true });
    } catch (cause) {
      if (!stats.isFIFO() || !isSystemError(cause, 'ENXIO')) throw writeError(typed, cause);
      await sleep(readerPollMilliseconds);
    }
  }
}

async function pour(chunks: AsyncIterable<Uint8Array>, sink: Writable, name: string, signal: AbortSignal | undefined): Promise<void> {
  sink.on('error', () => undefined);
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  aborted.catch(() => undefined);
  const stop = () => reject(signal?.reason as Error);
  signal?.addEventListener('abort', stop);
  try {
    for await (const chunk of chunks) {
      signal?.throwIfAborted();
      const written = new Promise<void>((resolve, fail) => sink.write(chunk, (error) => (error ? fail(writingFailed(name, error)) : resolve())));
      // A reader that does not read would make us wait for ever.
      await Promise.race([written, aborted]);
    }
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function writingFailed(name: string, cause: Error): UnbakeError {
  if (!isSystemError(cause, 'EPIPE', 'ECONNRESET')) return writeError(name, cause);
  return new UnbakeError('io', `${name} was closed before everything was written`, { hint: 'see what its reader says', cause });
}
