// The files of a folder, such as an OCI layout. A name or a link that leads out of the folder is not followed.
import { lstat, readdir, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Blob } from '../model/blob.ts';
import { normalizePath } from '../model/entry.ts';
import { isSystemError, messageOf, UnbakeError } from '../model/error.ts';
import type { LooseBlob } from '../model/image.ts';
import { printable } from '../model/printable.ts';
import type { Skipped } from '../model/report.ts';

import type { Members } from './members.ts';
import { pathBlob } from './path-blob.ts';

export class FolderMembers implements Members {
  readonly #root: string;
  readonly names: readonly string[];
  readonly #names: ReadonlySet<string>;
  readonly #used = new Set<string>();
  readonly #blobs = new Map<string, Blob>();
  readonly isArchive = false;
  readonly skipped: Skipped[] = [];
  readonly notices = [];

  private constructor(root: string, names: readonly string[]) {
    this.#root = root;
    this.names = names;
    this.#names = new Set(names);
  }

  static async read(path: string): Promise<FolderMembers> {
    const root = await realpath(path);
    const found = await readdir(root, { recursive: true, withFileTypes: true });
    const names = found.filter((entry) => !entry.isDirectory()).map((entry) => relative(root, join(entry.parentPath, entry.name)));
    return new FolderMembers(root, names.sort());
  }

  has(name: string): boolean {
    return this.#names.has(normalizePath(name));
  }

  async get(name: string): Promise<Blob | undefined> {
    const path = normalizePath(name);
    if (!this.#names.has(path)) return undefined;
    this.#used.add(path);
    const known = this.#blobs.get(path);
    if (known !== undefined) return known;
    const real = await this.#realPath(path);
    if (real === undefined) return undefined;
    const blob = pathBlob(real, (await lstat(real)).size);
    this.#blobs.set(path, blob);
    return blob;
  }

  async #realPath(path: string): Promise<string | undefined> {
    try {
      const real = await realpath(join(this.#root, path));
      if (real.startsWith(this.#root + sep) && (await lstat(real)).isFile()) return real;
      this.skipped.push({
        reason: 'unsupported',
        place: printable(path),
        detail: 'this is a link that leads out of the folder, or no regular file: it was not read',
      });
    } catch (cause) {
      if (!isSystemError(cause, 'ENOENT', 'ELOOP'))
        throw new UnbakeError('io', `${printable(join(this.#root, path))} cannot be read: ${messageOf(cause)}`, { cause });
      this.skipped.push({ reason: 'missing', place: printable(path), detail: 'this is a link that leads nowhere' });
    }
    return undefined;
  }

  async *unused(): AsyncIterable<LooseBlob> {
    for (const name of this.names) {
      if (this.#used.has(name)) continue;
      const blob = await this.get(name);
      if (blob !== undefined && blob.size > 0) yield { name: printable(name), blob };
    }
  }

  async close(): Promise<void> {
    // Files are open only while they are read.
  }
}
