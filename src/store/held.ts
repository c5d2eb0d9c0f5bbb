// Bytes that are read once and needed at any place afterwards, such as an archive inside a layer. Little ones stay in memory, the rest
// goes to one nameless temporary file for all of them: however many there are, they cost one open file.
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { type Blob, blobOf } from '../model/blob.ts';
import { joined } from '../model/blob-parts.ts';
import { fileBlob } from './file-blob.ts';
import { namelessFile } from './spool.ts';
import { writeWhole } from './write-bytes.ts';
import { temporaryFileError } from './write-error.ts';

/** Bytes in memory: of all blobs together, and of each that is being taken in. */
const memoryBytes = 2 ** 20;

/** As many bytes are gathered chunk by chunk; more of them in one room. Many blobs are taken in at the same time, and most are small. */
const smallBytes = 64 * 1024;
const mostChunks = 1024;

/** With what comes before it is known that they are full. */
const roomBytes = memoryBytes + 512 * 1024;
/** Rooms that nobody is in: the next blob is taken in there. */
const idle: Buffer[] = [];
const mostIdle = 2;

/** Bytes on their way into a blob. The chunks are copied. */
export interface Taking {
  write(chunk: Uint8Array): void;
  readonly isFull: boolean;
  flush(): Promise<void>;
  end(): Promise<Blob>;
}

export class Held {
  readonly #folder: string;
  #file: Promise<FileHandle> | undefined;
  #fileSize = 0;
  #inMemory = 0;

  /** `folder` is where the file is made when there is need of one; by default the system's temporary folder. */
  constructor(folder = tmpdir()) {
    this.#folder = folder;
  }

  /**
   * The blob is there until `close`. Several may be held at the same time, one inside the reading of another. Throws UnbakeError `io` when
   * there is no room, and what `chunks` throw.
   */
  async hold(chunks: AsyncIterable<Uint8Array>): Promise<Blob> {
    const taking = this.take();
    for await (const chunk of chunks) {
      taking.write(chunk);
      if (taking.isFull) await taking.flush();
    }
    return taking.end();
  }

  /** The same for who is given the bytes one chunk after the other, and may not wait meanwhile: `flush` whenever `isFull`. */
  take(): Taking {
    const pieces: Blob[] = [];
    let pending = new Pending();
    const flush = async (): Promise<void> => {
      const full = pending;
      pending = new Pending();
      if (full.size > 0) pieces.push(await this.#write(full.bytes));
      full.leave();
    };
    return {
      write: (chunk) => pending.add(chunk),
      get isFull() {
        return pending.size > memoryBytes;
      },
      flush,
      end: async () => {
        if (pieces.length === 0 && this.#inMemory + pending.size <= memoryBytes) {
          this.#inMemory += pending.size;
          const whole = blobOf(Buffer.from(pending.bytes));
          pending.leave();
          return whole;
        }
        await flush();
        return joined(...pieces);
      },
    };
  }

  /** Gives the file back; no blob can be read any more. */
  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    // Without a file there is nothing to give back: who asked for it was told.
    await file?.then(
      (opened) => opened.close(),
      () => undefined,
    );
  }

  async #write(bytes: Uint8Array): Promise<Blob> {
    // Reserved before anything is awaited: others write meanwhile.
    const start = this.#fileSize;
    this.#fileSize += bytes.length;
    const file = await (this.#file ??= namelessFile(this.#folder));
    try {
      await writeWhole(file, bytes, start);
    } catch (cause) {
      throw temporaryFileError(this.#folder, cause);
    }
    return fileBlob(file, start, bytes.length);
  }
}

/** Bytes that were taken in and are not written yet. */
class Pending {
  size = 0;
  #chunks: Buffer[] = [];
  #room: Buffer | undefined;

  add(chunk: Uint8Array): void {
    const end = this.size + chunk.length;
    if (this.#room === undefined && end <= smallBytes) {
      this.#chunks.push(Buffer.from(chunk));
      if (this.#chunks.length === mostChunks) this.#chunks = [Buffer.concat(this.#chunks)];
    } else {
      const room = this.#roomFor(end);
      room.set(chunk, this.size);
      this.#room = room;
    }
    this.size = end;
  }

  /** Valid until the next `add`, or `leave`. */
  get bytes(): Buffer {
    return this.#room === undefined ? Buffer.concat(this.#chunks) : this.#room.subarray(0, this.size);
  }

  /** Another may use the room; nothing is here any more. */
  leave(): void {
    if (this.#room?.length === roomBytes && idle.length < mostIdle) idle.push(this.#room);
    this.#room = undefined;
    this.#chunks = [];
    this.size = 0;
  }

  /** What is here already stands at its beginning. */
  #roomFor(size: number): Buffer {
    if (this.#room !== undefined && size <= this.#room.length) return this.#room;
    const room = size <= roomBytes ? (idle.pop() ?? Buffer.allocUnsafeSlow(roomBytes)) : Buffer.allocUnsafeSlow(2 * size);
    room.set(this.bytes);
    this.#chunks = [];
    return room;
  }
}
