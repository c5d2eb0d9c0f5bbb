// The members of a tar on disk: walked once, bodies skipped, then read by their place.
import type { FileHandle } from 'node:fs/promises';
import type { Blob } from '../model/blob.ts';
import { type Entry, normalizePath, printablePath, pathText } from '../model/entry.ts';
import type { LooseBlob } from '../model/image.ts';
import type { Limits } from '../model/limits.ts';
import type { Notice, Skipped } from '../model/report.ts';
import { paddingAfter } from '../tar/header.ts';
import { TarWalk } from '../tar/walk.ts';
import type { Around } from './around.ts';
import { fileBlob } from './file-blob.ts';
import type { Members } from './members.ts';

interface Member {
  readonly entry: Entry;
  /** Of the body; undefined for what has none. */
  readonly blob: Blob;
}

const readSize = 64 * 1024;
const mostLinks = 32;

export class ArchiveMembers implements Members {
  readonly #members: readonly Member[];
  readonly #byPath = new Map<string, Member>();
  readonly #used = new Set<Member>();
  readonly #around: readonly LooseBlob[];
  readonly #file: FileHandle;
  readonly isArchive = true;
  readonly skipped: readonly Skipped[];
  readonly notices: readonly Notice[];

  private constructor(file: FileHandle, members: readonly Member[], around: Around, notices: readonly Notice[]) {
    this.#file = file;
    this.#members = members;
    this.#around = around.texts();
    this.skipped = around.skipped;
    this.notices = notices;
    // Unpacking writes one file over the other: the last of a name counts. The others stay unused, so they are searched.
    for (const member of members) this.#byPath.set(pathText(member.entry.path), member);
  }

  /** Walks the archive; undefined when no tar header is in it. `around` may hold what was met on the way to these bytes. */
  static async read(file: FileHandle, size: number, limits: Limits, around: Around, signal?: AbortSignal): Promise<ArchiveMembers | undefined> {
    const members: Member[] = [];
    const notices: Notice[] = [];
    const { skipped } = around;
    let isTar = true;
    const walk = new TarWalk(
      {
        entry: (entry, metadata) => {
          const start = entry.span.end - entry.size - paddingAfter(entry.size);
          members.push({ entry, blob: fileBlob(file, start, Math.max(0, Math.min(entry.size, size - start))) });
          for (const block of metadata) around.add('headers of the archive', block);
        },
        body: () => undefined,
        endOfBody: () => undefined,
        noTar: () => (isTar = false),
        stray: (bytes, what) => around.add(`archive: ${what}`, bytes),
        damage: (detail, offset) => skipped.push({ reason: 'damaged', place: `archive, byte ${offset}`, detail }),
        limit: (limit, detail, offset) => skipped.push({ reason: 'limit', place: `archive, byte ${offset}`, detail, limit }),
        notice: (detail, offset) => notices.push({ place: `archive, byte ${offset}`, detail }),
      },
      limits,
    );
    const buffer = Buffer.allocUnsafe(readSize);
    for (let at = 0; at < size;) {
      signal?.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, Math.min(readSize, size - at), at);
      if (bytesRead === 0) break;
      walk.write(buffer.subarray(0, bytesRead));
      at += bytesRead;
      at += walk.skipBody(size - at);
    }
    walk.end();
    if (members.length === 0 && !isTar) return undefined;
    if (!isTar) skipped.push({ reason: 'damaged', place: 'archive, byte 0', detail: 'the first header is damaged' });
    return new ArchiveMembers(file, members, around, notices);
  }

  get names(): readonly string[] {
    return [...this.#byPath.keys()];
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  async get(name: string): Promise<Blob | undefined> {
    const member = this.#find(name);
    if (member !== undefined) this.#used.add(member);
    return member?.blob;
  }

  /** Follows symbolic and hard links inside the archive; `..` stops at its root. */
  #find(name: string): Member | undefined {
    let path = pathText(normalizePath(Buffer.from(name).toString('latin1')));
    for (let links = 0; links < mostLinks; links++) {
      const member = this.#byPath.get(path);
      if (member === undefined) return undefined;
      const { kind, linkTarget = '' } = member.entry;
      if (kind === 'file') return member;
      if (kind !== 'symlink' && kind !== 'hardlink') return undefined;
      const directory = path.slice(0, path.lastIndexOf('/') + 1);
      path = pathText(
        normalizePath(kind === 'hardlink' || linkTarget.startsWith('/') ? linkTarget : Buffer.from(directory).toString('latin1') + linkTarget),
      );
    }
    return undefined;
  }

  async *unused(): AsyncIterable<LooseBlob> {
    yield* this.#around;
    for (const member of this.#members) {
      if (!this.#used.has(member) && member.blob.size > 0) yield { name: printablePath(member.entry.path).slice(1), blob: member.blob };
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
