// Writes the entries of one layer into a tree: what each kind becomes on disk, and what none may be. Files are opened only where nothing is.
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  ftruncateSync,
  futimesSync,
  linkSync,
  openSync,
  renameSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Entry, printablePath, type WhiteoutMeaning, whiteoutOf } from '../../model/entry.ts';
import { isSystemError, UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';
import { reasonOf } from '../../store/write-error.ts';
import { modeOf, setOwnership, timeOf } from './attributes.ts';
import { deviceNumbers, extendedAttributes, sparseLength } from './entry-details.ts';
import type { LeftOut } from './left-out.ts';
import { makeNode } from './programs.ts';
import type { Tree } from './tree.ts';

interface OpenFile {
  readonly file: number;
  /** Of a sparse file that says it. */
  readonly length: number | undefined;
}

const longestName = 255;
const longestTarget = 4095;
const largestId = 2 ** 32 - 2;
const diskBlock = 4096;

export class EntryWriter {
  /** Bytes on disk, rounded up as file systems do. */
  bytes = 0;
  readonly #tree: Tree;
  readonly #layer: string;
  readonly #leftOut: LeftOut;
  #entry: Entry | undefined;
  #open: OpenFile | undefined;
  #nodes = 0;

  /** `layer` names it in messages. The tree is told that a new layer begins. */
  constructor(tree: Tree, layer: string, leftOut: LeftOut) {
    this.#tree = tree;
    this.#layer = layer;
    this.#leftOut = leftOut;
    tree.beginLayer(layer, (why) => this.#refused(why));
  }

  /** Throws UnbakeError `damaged` for what no tree can hold, `limit`, and `io` when the system refuses. */
  entry(entry: Entry, metadata: readonly Uint8Array[]): void {
    this.#entry = entry;
    this.#naming(() => {
      if (entry.isBehindEnd) return this.#leftOut.add('behind-end', entry.path);
      this.#check(entry);
      const whiteout = whiteoutOf(entry.path);
      if (whiteout === undefined) this.#write(entry, metadata);
      else this.#whiteOut(whiteout);
    });
  }

  body(bytes: Uint8Array, offset: number): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#naming(() => {
      if (open.length !== undefined && offset + bytes.length > open.length) throw this.#refused('its sparse map leads behind its own end');
      for (let at = 0; at < bytes.length;) at += writeSync(open.file, bytes, at, bytes.length - at, offset + at);
    });
  }

  endOfBody(): void {
    const [open, entry] = [this.#open, this.#entry];
    if (open === undefined || entry === undefined) return;
    this.#naming(() => {
      if (open.length !== undefined) ftruncateSync(open.file, open.length);
      // In this order: a change of the owner takes setuid and setgid away.
      if (!this.#tree.options.isRootless) fchownSync(open.file, entry.uid, entry.gid);
      fchmodSync(open.file, modeOf(entry));
      futimesSync(open.file, timeOf(entry), timeOf(entry));
    });
    this.close();
  }

  /** To be called whatever happens. */
  close(): void {
    if (this.#open !== undefined) closeSync(this.#open.file);
    this.#open = undefined;
  }

  #check({ path, rawPath, uid, gid }: Entry): void {
    if (rawPath.includes('\0')) throw this.#refused('its name has a NUL in it');
    if (path.length > longestName && path.split('/').some((name) => name.length > longestName))
      throw this.#refused(`a name on its path is longer than ${longestName} bytes`);
    if (![uid, gid].every((id) => Number.isInteger(id) && id >= 0 && id <= largestId))
      throw this.#refused('the number of its owner or group is none');
  }

  #whiteOut(whiteout: WhiteoutMeaning): void {
    if (whiteout.kind === 'metadata') return;
    if (whiteout.kind === 'opaque') {
      // The parent of anything in the directory is the directory itself.
      const inside = this.#tree.place(whiteout.path === '' ? 'x' : `${whiteout.path}/x`);
      this.#tree.makeOpaque(inside.slice(0, Math.max(0, inside.length - 2)));
      return;
    }
    if (/(?:^|\/)\.\.?$/.test(whiteout.path)) throw this.#refused('it deletes a directory by one of its names `.` and `..`');
    this.#tree.whiteOut(this.#tree.place(whiteout.path));
  }

  #write(entry: Entry, metadata: readonly Uint8Array[]): void {
    if (entry.path === '' && entry.kind !== 'directory') throw this.#refused('it would take the place of the root directory');
    const tree = this.#tree;
    const path = tree.place(entry.path);
    switch (entry.kind) {
      case 'directory':
        this.bytes += diskBlock;
        return tree.putDirectory(path, { ...entry, mode: modeOf(entry) }, extendedAttributes(metadata));
      case 'file':
        return this.#file(entry, path, metadata);
      case 'symlink':
        return this.#symlink(entry, path);
      case 'hardlink':
        return this.#hardlink(entry, path);
      case 'device':
      case 'fifo':
        return this.#node(entry, path, metadata);
      case 'other':
        return this.#leftOut.add('other', entry.path);
    }
  }

  #file(entry: Entry, path: string, metadata: readonly Uint8Array[]): void {
    const length = sparseLength(entry, metadata);
    if (Number.isNaN(length)) throw this.#refused('its length as a sparse file cannot be read');
    this.#tree.clear(path, false);
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    this.#open = { file: openSync(this.#tree.bytesOf(path), flags, 0o600), length };
    this.#tree.put(path, 'other', extendedAttributes(metadata));
    this.bytes += Math.ceil(entry.size / diskBlock) * diskBlock;
  }

  #symlink(entry: Entry, path: string): void {
    const target = entry.linkTarget ?? '';
    if (target === '' || target.includes('\0') || target.length > longestTarget)
      throw this.#refused('it is a symbolic link to no path: the target is empty, too long or has a NUL in it');
    this.#tree.clear(path, false);
    symlinkSync(Buffer.from(target, 'latin1'), this.#tree.bytesOf(path));
    setOwnership(this.#tree.bytesOf(path), entry, this.#tree.options.isRootless);
    this.#tree.put(path, 'symlink');
  }

  #hardlink(entry: Entry, path: string): void {
    const tree = this.#tree;
    const name = printablePath(entry.linkTarget ?? '');
    const target = tree.find(entry.linkTarget ?? '');
    if (target === path) return;
    if (target !== undefined && tree.paths.isDirectory(target)) throw this.#refused(`it is a hard link to the directory ${name}`);
    if (target !== undefined) tree.clear(path, false);
    // The target may have stood in a directory that the link replaces.
    const kind = target === undefined ? undefined : tree.paths.kindAt(target);
    if (target === undefined || kind === undefined) throw this.#refused(`it is a hard link to ${name}, which is not in this layer before it`);
    if (entry.size > 0) this.#leftOut.add('body-of-link', entry.path);
    linkSync(tree.bytesOf(target), tree.bytesOf(path));
    tree.put(path, kind, tree.attributesAt(target));
  }

  #node(entry: Entry, path: string, metadata: readonly Uint8Array[]): void {
    const { isRootless, work } = this.#tree.options;
    const { type, major, minor } = entry.kind === 'fifo' ? ({ type: 'p', major: 0, minor: 0 } as const) : deviceNumbers(metadata);
    if (type === 'c' && major === 0 && minor === 0) return this.#leftOut.add('whiteout-device', entry.path);
    if (type !== 'p' && isRootless) return this.#leftOut.add('device', entry.path);
    this.#tree.clear(path, false);
    // Programs take names that are text: those of an image may be none.
    const node = join(work, `node-${this.#nodes++}`);
    makeNode(node, type, major, minor);
    setOwnership(Buffer.from(node), entry, isRootless);
    renameSync(node, this.#tree.bytesOf(path));
    this.#tree.put(path, 'other');
  }

  #refused(why: string): UnbakeError {
    return new UnbakeError('damaged', `${this.#where()} cannot be unpacked: ${why}`, {
      hint: 'no image that is built in a usual way has such an entry: look at it with unbake scan, or build the image anew',
    });
  }

  #where(): string {
    const entry = this.#entry;
    return entry === undefined ? printable(this.#layer) : `${printable(this.#layer)}: entry ${entry.index} (${printablePath(entry.path)})`;
  }

  /** What the system refuses is told with the entry that it was about. */
  #naming(work: () => void): void {
    try {
      work();
    } catch (cause) {
      if (isSystemError(cause, 'ENAMETOOLONG')) throw this.#refused('its name is longer than the file system takes');
      if (isSystemError(cause, 'EFBIG', 'EINVAL', 'EOVERFLOW')) throw this.#refused(`the file system takes no such file: ${reasonOf(cause)}`);
      throw unpackError(this.#where(), cause);
    }
  }
}

/** What the system refused, in words; any other error as it is. `what` is printable. */
export function unpackError(what: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || !('errno' in cause)) return cause;
  const hint = isSystemError(cause, 'ENOSPC', 'EDQUOT')
    ? 'make room there (unbake prune), or name a folder on another disk with --root DIR or UNBAKE_ROOT'
    : 'name a folder on another file system with --root DIR or UNBAKE_ROOT';
  return new UnbakeError('io', `${what} cannot be unpacked: ${reasonOf(cause)}`, { hint, cause });
}
