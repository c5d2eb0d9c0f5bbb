// Appends records to the log file of a container, and goes on when it cannot: an app must not stop because a disk is full. What was lost is
// told in the log as soon as it can be written again.
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { isSystemError } from '../../model/error.ts';
import { formatLogRecord, type LogRecord } from './log-record.ts';
import { preciseTime } from './precise-time.ts';

const newline = 0x0a;

export class LogWriter {
  readonly #file: string;
  #fd: number | undefined;
  /** The file does not end with a newline: a crash, or a full disk, cut a record. */
  #isTorn = false;
  #lostBytes = 0;
  #lostBecause = '';

  /** Touches nothing: the file is opened, and made with mode 0600, at the first write. One file has one writer at a time. */
  constructor(file: string) {
    this.#file = file;
  }

  /** Writes all records with one call, before it returns. Never throws. */
  write(records: readonly LogRecord[]): void {
    if (records.length === 0) return;
    const notice = this.#lostBytes === 0 ? [] : [this.#notice()];
    const lines = [...notice, ...records].map(formatLogRecord);
    const opened = this.#open();
    const torn = this.#isTorn ? '\n' : '';
    const written = opened ? this.#append(Buffer.from(torn + lines.join(''))) : 0;
    this.#countLost(records, notice.length, lines, written - torn.length);
  }

  /** Tells what was lost last, if it can be written now. */
  end(): void {
    if (this.#lostBytes === 0) return;
    const notice = this.#notice();
    this.#lostBytes = 0;
    this.write([notice]);
  }

  #notice(): LogRecord {
    const bytes = Buffer.from(`unbake: ${this.#lostBytes} bytes of output were lost: ${this.#lostBecause}\n`);
    return { stream: 'stderr', time: preciseTime(), bytes };
  }

  #countLost(records: readonly LogRecord[], notices: number, lines: readonly string[], written: number): void {
    let end = 0;
    for (const [index, line] of lines.entries()) {
      end += Buffer.byteLength(line);
      if (index < notices) {
        if (end <= written) this.#lostBytes = 0;
      } else if (end > written) {
        this.#lostBytes += records[index - notices]!.bytes.length;
      }
    }
  }

  #open(): boolean {
    if (this.#fd !== undefined) return true;
    try {
      const fd = openSync(this.#file, 'a+', 0o600);
      const last = Buffer.alloc(1);
      try {
        const { size } = fstatSync(fd);
        this.#isTorn = size > 0 && readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== newline;
      } catch (cause) {
        closeSync(fd);
        throw cause;
      }
      this.#fd = fd;
      return true;
    } catch (cause) {
      this.#lostBecause = reasonOf(cause);
      return false;
    }
  }

  /** Gives how many bytes were written. */
  #append(bytes: Buffer): number {
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.#fd!, bytes, written);
    } catch (cause) {
      this.#lostBecause = reasonOf(cause);
    }
    if (written > 0) this.#isTorn = bytes[written - 1] !== newline;
    return written;
  }
}

function reasonOf(thrown: unknown): string {
  if (isSystemError(thrown, 'ENOSPC', 'EDQUOT')) return 'no space';
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'not written';
}
