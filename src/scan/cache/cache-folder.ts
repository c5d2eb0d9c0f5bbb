// Files that may be lost at any time, in one folder of the user's: written whole or not at all, checked when they are read, the ones that
// were not read for the longest time taken away. What goes wrong here is a miss, never an error.
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { messageOf } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';
import { cacheFileName, cacheFiles, type CacheKind, isAbandoned, removeCacheFile } from './cache-files.ts';

export interface CacheFolderOptions {
  /** Of all files together; default 1 GiB. */
  readonly maxBytes?: number;
  /** Told once, in a sentence, why nothing can be kept. */
  readonly onTrouble?: (sentence: string) => void;
}

/** Of all files of a cache folder together. */
export const defaultMaxBytes = 2 ** 30;
/** More is not read into memory. */
const maxFileBytes = 256 * 2 ** 20;
const checksumLength = 32;

/** UNBAKE_CACHE_DIR, else $XDG_CACHE_HOME/unbake, else ~/.cache/unbake. */
export function cacheFolderPath(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const { UNBAKE_CACHE_DIR: own, XDG_CACHE_HOME: base } = environment;
  if (own !== undefined && own !== '') return resolve(own);
  return join(base !== undefined && isAbsolute(base) ? base : join(homedir(), '.cache'), 'unbake');
}

export class CacheFolder {
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #onTrouble: (sentence: string) => void;
  #isUsable: Promise<boolean> | undefined;
  #hasTrouble = false;
  /** Of all files, once they were counted; others write too, so it is a guess. */
  #bytes: number | undefined;

  constructor(path: string, { maxBytes = defaultMaxBytes, onTrouble = () => undefined }: CacheFolderOptions = {}) {
    this.#path = path;
    this.#maxBytes = maxBytes;
    this.#onTrouble = onTrouble;
  }

  /** What was written under this key, byte for byte; undefined when it is not there or not whole. */
  async read(kind: CacheKind, key: string): Promise<Buffer | undefined> {
    if (!(await this.#isReady())) return undefined;
    const file = join(this.#path, cacheFileName(kind, key));
    try {
      if ((await stat(file)).size > maxFileBytes) return undefined;
      const bytes = await readFile(file);
      const content = bytes.subarray(checksumLength);
      if (!checksumOf(content).equals(bytes.subarray(0, checksumLength))) return undefined;
      const now = new Date();
      await utimes(file, now, now).catch(() => undefined);
      return content;
    } catch {
      // Not there, taken away by another run, not to be read: all the same to who asks.
      return undefined;
    }
  }

  async write(kind: CacheKind, key: string, content: Buffer): Promise<void> {
    const size = checksumLength + content.length;
    if (size > Math.min(maxFileBytes, this.#maxBytes) || this.#hasTrouble || !(await this.#isReady())) return;
    const temporary = join(this.#path, `.unbake-${process.pid}-${randomBytes(8).toString('hex')}`);
    try {
      await writeFile(temporary, Buffer.concat([checksumOf(content), content]), { flag: 'wx', mode: 0o600 });
      await rename(temporary, join(this.#path, cacheFileName(kind, key)));
      this.#bytes = this.#bytes === undefined ? undefined : this.#bytes + size;
      if (this.#bytes === undefined || this.#bytes > this.#maxBytes) await this.#evict();
    } catch (thrown) {
      await unlink(temporary).catch(() => undefined);
      this.#trouble(`nothing can be kept in ${printable(this.#path)}: ${messageOf(thrown)}`);
    }
  }

  #isReady(): Promise<boolean> {
    return (this.#isUsable ??= this.#prepare());
  }

  async #prepare(): Promise<boolean> {
    try {
      await mkdir(this.#path, { recursive: true, mode: 0o700 });
      const problem = await ownershipProblem(this.#path);
      if (problem !== undefined) this.#trouble(problem);
      return problem === undefined;
    } catch (thrown) {
      this.#trouble(`${printable(this.#path)} cannot be used as a cache: ${messageOf(thrown)}`);
      return false;
    }
  }

  #trouble(sentence: string): void {
    if (!this.#hasTrouble) this.#onTrouble(printable(sentence));
    this.#hasTrouble = true;
  }

  /** Down to the bound, and what dead processes have left. */
  async #evict(): Promise<void> {
    const files = await cacheFiles(this.#path);
    for (const file of files) if (isAbandoned(file)) await removeCacheFile(file);
    const kept = files.filter(({ kind }) => kind !== 'unfinished');
    let bytes = kept.reduce((sum, { size }) => sum + size, 0);
    for (const file of kept) {
      if (bytes <= this.#maxBytes) break;
      await removeCacheFile(file);
      bytes -= file.size;
    }
    this.#bytes = bytes;
  }
}

/** Why the folder is not used: one that others may write to could hold verdicts of theirs. Throws the system's errors. */
export async function ownershipProblem(folder: string): Promise<string | undefined> {
  const { uid, mode } = await stat(folder);
  if (uid === process.geteuid?.() && (mode & 0o022) === 0) return undefined;
  return `${printable(folder)} is not used as a cache: it belongs to somebody else, or others may write to it`;
}

function checksumOf(content: Buffer): Buffer {
  return createHash('sha256').update(content).digest();
}
