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

/** A million chunks of a byte would be far more than a MiB. */
const mostPending = 1024;

/** Bytes on their way into a blob. The chunks are kept, not copied. */
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
    let pending: Uint8Array[] = [];
    let pendingSize = 0;
    const flush = async (): Promise<void> => {
      const [chunks, size] = [pending, pendingSize];
      pending = [];
      pendingSize = 0;
      if (size > 0) pieces.push(await this.#write(chunks, size));
    };
    return {
      write: (chunk) => {
        pending.push(chunk);
        pendingSize += chunk.length;
        if (pending.length === mostPending) pending = [Buffer.concat(pending)];
      },
      get isFull() {
        return pendingSize > memoryBytes;
      },
      flush,
      end: async () => {
        if (pieces.length === 0 && this.#inMemory + pendingSize <= memoryBytes) {
          this.#inMemory += pendingSize;
          return blobOf(Buffer.concat(pending));
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

  async #write(chunks: readonly Uint8Array[], size: number): Promise<Blob> {
    // Reserved before anything is awaited: others write meanwhile.
    const start = this.#fileSize;
    this.#fileSize += size;
    const file = await (this.#file ??= namelessFile(this.#folder));
    try {
      let at = start;
      for (const chunk of chunks) {
        await writeWhole(file, chunk, at);
        at += chunk.length;
      }
    } catch (cause) {
      throw temporaryFileError(this.#folder, cause);
    }
    return fileBlob(file, start, size);
  }
}
