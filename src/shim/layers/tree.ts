// A tree on disk that layers are unpacked into and never leave: a path is walked name by name over what the layer itself has put there,
// and links are followed inside the tree only. What of a lower layer stands in the way is replaced, as an overlay would hide it, so a
// merged tree and an overlay of single ones show the same.
import { lstatSync, mkdirSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { printablePath } from '../../model/entry.ts';
import { UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';
import { impliedOwnership, type Ownership, setDirectoryOwnership, setExtendedAttributes } from './attributes.ts';
import { joined, LayerPaths, parentOf, type PathKind } from './layer-paths.ts';
import type { LeftOut } from './left-out.ts';
import { removeTree } from './remove-tree.ts';

export interface TreeOptions {
  /** The root of the tree: a folder that is there and empty. */
  readonly folder: string;
  /** A folder on the same file system, for what has another name first. */
  readonly work: string;
  /** The most bytes that a path of the image may have. */
  readonly longestPath: number;
  /** Several layers are unpacked into it, one after the other. */
  readonly isMerged: boolean;
  readonly isRootless: boolean;
}

/** Of one layer: what went wrong, in words that name the layer and the entry. */
export type Refusal = (why: string) => UnbakeError;

/** Linux follows no more either (path_resolution(7)). */
const mostLinks = 40;

export class Tree {
  readonly options: TreeOptions;
  /** Paths that lower layers are not to show through at, and directories whose content of lower layers is hidden: of the last layer. */
  readonly whitedOut = new Set<string>();
  readonly opaque = new Set<string>();
  /** Latin1, a slash at its end. */
  readonly prefix: string;
  paths = new LayerPaths('');
  #refusal: Refusal | undefined;
  readonly #directories = new Map<string, Ownership>([['', impliedOwnership]]);
  readonly #attributes = new Map<string, ReadonlyMap<string, string>>();
  /** Directories of a merged tree that nothing of a lower layer is in any more. */
  readonly #emptied = new Set<string>();

  constructor(options: TreeOptions) {
    this.options = options;
    assertTellsCase(options.work);
    this.prefix = Buffer.from(`${options.folder}/`).toString('latin1');
  }

  /** What follows belongs to a new layer. */
  beginLayer(name: string, refusal: Refusal): void {
    this.paths = new LayerPaths(name);
    this.#refusal = refusal;
    this.whitedOut.clear();
    this.opaque.clear();
    this.#emptied.clear();
  }

  bytesOf(path: string): Buffer {
    return Buffer.from(`${this.prefix}${path}`, 'latin1');
  }

  /** The real path of an entry: its parents are followed, and made where they are missing; what is at the path itself is not looked at. */
  place(path: string): string {
    if (path === '') return '';
    const name = path.slice(path.lastIndexOf('/') + 1);
    const real = joined(
      this.#walk(parentOf(path), (missing) => this.#implyDirectory(missing))!,
      name,
    );
    if (real.length > this.options.longestPath) throw this.refused('its path is longer than a file system takes');
    return real;
  }

  /** The real path of something that this layer has put there, its parents followed; undefined when there is no such thing. */
  find(path: string): string | undefined {
    const parent = this.#walk(parentOf(path), () => false);
    const real = parent === undefined ? undefined : joined(parent, path.slice(path.lastIndexOf('/') + 1));
    return real === undefined || this.paths.kindAt(real) === undefined ? undefined : real;
  }

  /** Takes away what stands at a real path, unless it and what comes are both directories: then true, and it stays. */
  clear(path: string, isForDirectory: boolean): boolean {
    const kind = this.paths.kindAt(path);
    const isDirectory = kind === undefined ? this.#lowerAt(path) : this.paths.isDirectory(path);
    if (isDirectory === undefined) return false;
    if (isDirectory && isForDirectory) return true;
    this.remove(path);
    // A file of this layer stood between its new directory and the one of a lower layer.
    if (kind !== undefined && isForDirectory) this.whitedOut.add(path);
    return false;
  }

  /** Says what was put at a real path. */
  put(path: string, kind: PathKind, attributes?: ReadonlyMap<string, string>): void {
    this.paths.put(path, kind);
    if (attributes === undefined) this.#attributes.delete(path);
    else this.#attributes.set(path, attributes);
  }

  putDirectory(path: string, ownership: Ownership, attributes: ReadonlyMap<string, string> | undefined): void {
    if (!this.clear(path, true)) this.#makeDirectory(path);
    this.put(path, 'directory', attributes);
    this.#directories.set(path, ownership);
  }

  attributesAt(path: string): ReadonlyMap<string, string> | undefined {
    return this.#attributes.get(path);
  }

  remove(path: string): void {
    removeTree(`${this.prefix}${path}`, (removed) => {
      const gone = removed.slice(this.prefix.length);
      this.paths.forget(gone);
      this.#directories.delete(gone);
      this.#attributes.delete(gone);
    });
  }

  /** A whiteout of the layer: it speaks of lower layers only, whatever the order of the entries (image-spec, layer.md, "Whiteouts"). */
  whiteOut(path: string): void {
    if (this.options.isMerged) this.#removeLower(path);
    else this.whitedOut.add(path);
  }

  /** An opaque whiteout in a directory, which is made when it is missing. */
  makeOpaque(path: string): void {
    if (this.options.isMerged) this.#removeLowerIn(path);
    else this.opaque.add(path);
  }

  /** After the last layer: owners, modes and times of directories, deepest first, then extended attributes. */
  finish(leftOut: LeftOut): void {
    const { isRootless, work } = this.options;
    // A parent is the beginning of its children's paths.
    for (const path of [...this.#directories.keys()].sort().reverse())
      setDirectoryOwnership(this.bytesOf(path), this.#directories.get(path)!, isRootless);
    setExtendedAttributes(this.prefix, this.#attributes, work, isRootless, leftOut);
  }

  refused(why: string): UnbakeError {
    return this.#refusal!(why);
  }

  /** The real path of a directory; `missing` may make what this layer has not put there, or give up by returning false. */
  #walk(path: string, missing: (at: string) => boolean): string | undefined {
    if (this.paths.isDirectory(path)) return path;
    const waiting = path.split('/').reverse();
    let real = '';
    let links = 0;
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      if (name === '' || name === '.') continue;
      if (name === '..') {
        real = parentOf(real);
        continue;
      }
      const at = joined(real, name);
      const kind = this.paths.kindAt(at);
      if (kind === 'other') throw this.refused(`${printablePath(at)} on its path is no directory`);
      if (kind === undefined && !missing(at)) return undefined;
      if (kind !== 'symlink') {
        real = at;
        continue;
      }
      if (++links > mostLinks) throw this.refused(`its path leads through more than ${mostLinks} symbolic links`);
      const target = readlinkSync(this.bytesOf(at), 'latin1');
      if (target.startsWith('/')) real = '';
      waiting.push(...target.split('/').reverse());
    }
    return real;
  }

  #implyDirectory(path: string): true {
    if (path.length > this.options.longestPath) throw this.refused('its path is longer than a file system takes');
    const isDirectory = this.#lowerAt(path);
    if (isDirectory !== true) {
      if (isDirectory === false) this.remove(path);
      this.#makeDirectory(path);
      this.#directories.set(path, impliedOwnership);
    }
    this.paths.put(path, 'implied');
    return true;
  }

  #makeDirectory(path: string): void {
    mkdirSync(this.bytesOf(path), 0o700);
  }

  /** Whether what a lower layer has left at the path is a directory; undefined when there is nothing. */
  #lowerAt(path: string): boolean | undefined {
    return this.options.isMerged ? lstatSync(this.bytesOf(path), { throwIfNoEntry: false })?.isDirectory() : undefined;
  }

  #removeLower(path: string): void {
    const kind = this.paths.kindAt(path);
    if (kind === undefined) return this.remove(path);
    if (!this.paths.isDirectory(path)) return;
    this.#removeLowerIn(path);
    if (kind === 'implied') {
      this.#directories.set(path, impliedOwnership);
      this.#attributes.delete(path);
    }
  }

  /** Each directory once a layer, however often it is asked for. */
  #removeLowerIn(path: string): void {
    if (this.#emptied.has(path)) return;
    this.#emptied.add(path);
    for (const name of readdirSync(this.bytesOf(path), 'latin1')) this.#removeLower(joined(path, name));
  }
}

/** The most bytes of a path below folders that the tree is in, one after the other (PATH_MAX, which counts a NUL). */
export function longestPathBelow(...folders: readonly string[]): number {
  return 4095 - 1 - Math.max(...folders.map((folder) => Buffer.byteLength(folder)));
}

/** Where two names may mean one file, what was put at a path is not what is found there. */
function assertTellsCase(work: string): void {
  mkdirSync(join(work, 'case'));
  if (lstatSync(join(work, 'CASE'), { throwIfNoEntry: false }) === undefined) return;
  throw new UnbakeError('unsupported', `the file system of ${printable(work)} does not tell names in capital letters from others`, {
    hint: 'name a folder on another file system with --root DIR or UNBAKE_ROOT',
  });
}
