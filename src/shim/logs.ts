// Reads the log of a container: all of it, its last lines, a span of time, and what is still being written.
import { watch } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { isSystemError, messageOf, UnbakeError } from '../model/error.ts';
import { printable } from '../model/printable.ts';
import { lastLinesOffset } from './last-lines.ts';
import { type LogRecord, parseLogRecord } from './tend/log-record.ts';

export interface LogOptions {
  /** Go on until the container has ended and all is read. */
  readonly follow: boolean;
  /** Only so many of the last records, counted before `since` and `until` are applied, as docker counts. */
  readonly tail?: number;
  /** Both inclusive. */
  readonly since?: Date;
  readonly until?: Date;
  isOver(): Promise<boolean>;
  /** Ends the records without an error. */
  readonly signal?: AbortSignal;
}

const blockSize = 64 * 1024;
/** A record holds at most 16 KiB of output, six characters a byte: a longer line is none. */
const longestLine = 1 << 20;
const pollInterval = 500;
const newline = 0x0a;

/**
 * Records of a log file in the order in which they were written. Lines that are no record are skipped, a file that is not there has none (with
 * `follow`, none yet). The memory is one block and one line. Throws UnbakeError `io`.
 */
export async function* logRecords(file: string, options: LogOptions): AsyncGenerator<LogRecord> {
  const { signal } = options;
  const until = options.until?.getTime() ?? Infinity;
  const since = options.since?.getTime() ?? -Infinity;
  const alarm = new Alarm(file);
  let log: OpenLog | undefined;
  try {
    while (signal?.aborted !== true) {
      // Before reading, so that no change falls between the two.
      if (options.follow) alarm.set();
      // Asked before reading: what was written until then is read after it.
      const isLast = !options.follow || until < Date.now() || (await options.isOver());
      log ??= await openLog(file, options.tail);
      if (log !== undefined) {
        for await (const record of log.records(isLast)) {
          if (signal?.aborted) return;
          const time = Date.parse(record.time);
          if (time > until) return;
          if (!(time < since)) yield record;
        }
      }
      if (isLast) return;
      await alarm.ring(signal);
    }
  } catch (cause) {
    if (cause instanceof UnbakeError || !(cause instanceof Error && 'code' in cause)) throw cause;
    throw new UnbakeError('io', `${printable(file)}: the log cannot be read: ${messageOf(cause)}`, { cause });
  } finally {
    alarm.close();
    await log?.close();
  }
}

async function openLog(file: string, tail: number | undefined): Promise<OpenLog | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (cause) {
    if (isSystemError(cause, 'ENOENT')) return undefined;
    throw cause;
  }
  try {
    return new OpenLog(handle, tail === undefined ? 0 : await lastLinesOffset(handle, tail));
  } catch (cause) {
    await handle.close();
    throw cause;
  }
}

class OpenLog {
  readonly #handle: FileHandle;
  #position: number;
  /** The beginning of a line whose end is not written yet. */
  #rest: Buffer[] = [];
  #restSize = 0;

  constructor(handle: FileHandle, position: number) {
    this.#handle = handle;
    this.#position = position;
  }

  /** Up to the present end of the file; with `isLast` a last line without newline too. */
  async *records(isLast: boolean): AsyncGenerator<LogRecord> {
    for (;;) {
      const { bytesRead, buffer } = await this.#handle.read(Buffer.allocUnsafe(blockSize), 0, blockSize, this.#position);
      this.#position += bytesRead;
      yield* this.#recordsIn(buffer.subarray(0, bytesRead));
      if (bytesRead === 0) break;
    }
    if (isLast) yield* this.#recordsIn(Buffer.from([newline]));
  }

  *#recordsIn(block: Buffer): Generator<LogRecord> {
    let from = 0;
    for (let end = block.indexOf(newline); end >= 0; end = block.indexOf(newline, from)) {
      this.#keep(block.subarray(from, end));
      from = end + 1;
      const record = this.#restSize > longestLine ? undefined : parseLogRecord(Buffer.concat(this.#rest).toString());
      this.#rest = [];
      this.#restSize = 0;
      if (record !== undefined) yield record;
    }
    this.#keep(block.subarray(from));
  }

  #keep(bytes: Buffer): void {
    this.#restSize += bytes.length;
    if (this.#restSize > longestLine) this.#rest = [];
    else if (bytes.length > 0) this.#rest.push(bytes);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** Rings when the file has changed, and now and then, because a change may go unnoticed and the end of a container is none. */
class Alarm {
  readonly #file: string;
  #watcher: { close(): void } | undefined;
  #hasRung = false;
  #wake: () => void = () => {};

  constructor(file: string) {
    this.#file = file;
  }

  set(): void {
    if (this.#watcher !== undefined) return;
    try {
      const watcher = watch(this.#file, () => {
        this.#hasRung = true;
        this.#wake();
      });
      // Without a watcher the poll is enough.
      watcher.on('error', () => watcher.close());
      this.#watcher = watcher;
    } catch {
      // The file is not there yet, or the system has no watcher left.
    }
  }

  async ring(signal: AbortSignal | undefined): Promise<void> {
    if (!this.#hasRung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pollInterval);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
        signal?.addEventListener('abort', this.#wake, { once: true });
      });
      signal?.removeEventListener('abort', this.#wake);
    }
    this.#hasRung = false;
  }

  close(): void {
    this.#watcher?.close();
  }
}
