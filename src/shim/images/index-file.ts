// index.json on the disk: read as it is, exchanged as a whole by whoever has the lock.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { blobOf } from '../../model/blob.ts';
import { isSystemError } from '../../model/error.ts';
import { layoutMark } from '../../store/output-contents.ts';
import { syncFolder, writeNewFile } from '../../store/write-bytes.ts';
import { writeError } from '../../store/write-error.ts';
import { emptyIndex, type ImageIndex, indexText, parseIndex } from './image-index.ts';
import { unreadable } from '../../store/path-blob.ts';
import { locked, type LockOptions } from './store-lock.ts';

export class IndexFile {
  readonly #layout: string;
  readonly #own: string;

  /** `own`: a folder for lock and temporary files, on the same file system as the layout. */
  constructor(layout: string, own: string) {
    this.#layout = layout;
    this.#own = own;
  }

  /** What is there at this moment: without any file an empty index. Throws UnbakeError `damaged`, `io`. */
  async read(): Promise<ImageIndex> {
    const path = join(this.#layout, 'index.json');
    let bytes: Buffer;
    try {
      bytes = await readFile(path);
    } catch (thrown) {
      if (isSystemError(thrown, 'ENOENT')) return emptyIndex;
      throw unreadable(path, thrown);
    }
    return parseIndex(bytes);
  }

  /**
   * Runs the work with the index as it is and the lock in hand. `write` puts another one in its place, on the disk before it returns.
   * Throws UnbakeError `conflict` when somebody else does not give up the lock.
   */
  async change<T>(work: (index: ImageIndex, write: (index: ImageIndex) => Promise<void>) => Promise<T>, options: LockOptions = {}): Promise<T> {
    try {
      await mkdir(join(this.#layout, 'blobs', 'sha256'), { recursive: true });
      await mkdir(this.#own, { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw writeError(this.#layout, cause);
    }
    return locked(
      this.#own,
      async () =>
        work(await this.read(), async (index) => {
          if (!existsSync(join(this.#layout, 'oci-layout'))) await this.#put('oci-layout', layoutMark);
          await this.#put('index.json', indexText(index));
          await syncFolder(this.#layout);
        }),
      options,
    );
  }

  async #put(name: string, text: string): Promise<void> {
    const temporary = join(this.#own, name);
    const toError = (cause: unknown) => writeError(this.#layout, cause);
    try {
      // One name for all: only the holder of the lock comes here, and what a killed one left is in the way.
      await rm(temporary, { force: true });
      await writeNewFile(temporary, blobOf(Buffer.from(text)).open(), { mode: 0o644, toError });
      await rename(temporary, join(this.#layout, name));
    } catch (cause) {
      throw toError(cause);
    }
  }
}
