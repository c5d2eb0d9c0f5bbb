// Files that may be lost at any time, in one folder of the user's: written whole or not at all, checked when they are read, the ones that
// were not read for the longest time taken away. What goes wrong here is a miss, never an error.
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { isSystemError, messageOf } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';

export interface CacheFolderOptions {
  /** Of all files together; default 1 GiB. */
  readonly maxBytes?: number;
  /** Told once, in a sentence, why nothing can be kept. */
  readonly onTrouble?: (sentence: string) => void;
}

export type CacheKind = 'layer' | 'verdict';

const defaultMaxBytes = 2 ** 30;
/** More is not read into memory. */
const maxFileBytes = 256 * 2 ** 20;
const oneDay = 24 * 60 * 60 * 1000;
const ownName = /^(?:layer|verdict)-[0-9a-f]{64}$/;
const temporaryName = /^\.unbake-[0-9]+-[0-9a-f]+$/;
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
    const file = join(this.#path, nameOf(kind, key));
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
      await rename(temporary, join(this.#path, nameOf(kind, key)));
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

  /** A folder that others may write to could hold verdicts of theirs. */
  async #prepare(): Promise<boolean> {
    try {
      await mkdir(this.#path, { recursive: true, mode: 0o700 });
      const stats = await stat(this.#path);
      const isOurs = stats.uid === process.geteuid?.() && (stats.mode & 0o022) === 0;
      if (!isOurs) this.#trouble(`${printable(this.#path)} is not used as a cache: it belongs to somebody else, or others may write to it`);
      return isOurs;
    } catch (thrown) {
      this.#trouble(`${printable(this.#path)} cannot be used as a cache: ${messageOf(thrown)}`);
      return false;
    }
  }

  #trouble(sentence: string): void {
    if (!this.#hasTrouble) this.#onTrouble(printable(sentence));
    this.#hasTrouble = true;
  }

  /** Down to the bound, and what dead processes have left. Other files in the folder are not ours. */
  async #evict(): Promise<void> {
    const files: { readonly file: string; readonly size: number; readonly time: number }[] = [];
    for (const name of await readdir(this.#path)) {
      const file = join(this.#path, name);
      const stats = ownName.test(name) || temporaryName.test(name) ? await stat(file).catch(() => undefined) : undefined;
      if (stats === undefined) continue;
      if (ownName.test(name)) files.push({ file, size: stats.size, time: stats.mtimeMs });
      else if (Date.now() - stats.mtimeMs > oneDay) await remove(file);
    }
    files.sort((a, b) => a.time - b.time);
    let bytes = files.reduce((sum, { size }) => sum + size, 0);
    for (const { file, size } of files) {
      if (bytes <= this.#maxBytes) break;
      await remove(file);
      bytes -= size;
    }
    this.#bytes = bytes;
  }
}

/** Another run may have been faster. */
async function remove(file: string): Promise<void> {
  try {
    await unlink(file);
  } catch (thrown) {
    if (!isSystemError(thrown, 'ENOENT')) throw thrown;
  }
}

function nameOf(kind: CacheKind, key: string): string {
  return `${kind}-${createHash('sha256').update(key).digest('hex')}`;
}

function checksumOf(content: Buffer): Buffer {
  return createHash('sha256').update(content).digest();
}
