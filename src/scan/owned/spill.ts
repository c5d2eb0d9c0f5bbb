// Where bytes go that are too many for memory and come too fast to be waited for: a nameless file that is written and read at once.
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { temporaryFileError } from '../../store/write-error.ts';

export interface Spill {
  /** Writes all the bytes, which are at offsets from 0 on. Throws UnbakeError `io` when there is no room. */
  write(bytes: Uint8Array, at: number): void;
  /** Fills `into` with bytes that were written. */
  read(into: Uint8Array, at: number): void;
  /** Gives back what it takes; nothing can be asked any more. */
  close(): void;
}

/** Where no file can be made in the folder, the bytes go to memory. */
export function openSpill(folder = tmpdir()): Spill {
  const path = join(folder, `unbake-${randomBytes(12).toString('hex')}`);
  let descriptor: number;
  try {
    descriptor = openSync(path, 'wx+', 0o600);
  } catch {
    return inMemory();
  }
  unlinkSync(path);
  return inFile(descriptor, folder);
}

function inFile(descriptor: number, folder: string): Spill {
  const whole = (length: number, step: (from: number) => number): void => {
    try {
      for (let from = 0; from < length;) {
        const count = step(from);
        if (count === 0) throw new Error('EIO: the file is shorter than what was written to it');
        from += count;
      }
    } catch (cause) {
      throw temporaryFileError(folder, cause);
    }
  };
  return {
    write: (bytes, at) => whole(bytes.length, (from) => writeSync(descriptor, bytes, from, bytes.length - from, at + from)),
    read: (into, at) => whole(into.length, (from) => readSync(descriptor, into, from, into.length - from, at + from)),
    close: () => closeSync(descriptor),
  };
}

function inMemory(): Spill {
  let held = Buffer.alloc(0);
  return {
    write(bytes, at) {
      const end = at + bytes.length;
      if (end > held.length) held = Buffer.concat([held], 2 * end);
      held.set(bytes, at);
    },
    read: (into, at) => void into.set(held.subarray(at, at + into.length)),
    close: () => void (held = Buffer.alloc(0)),
  };
}
