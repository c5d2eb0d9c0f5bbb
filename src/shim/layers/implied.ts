// A layer may have files in a directory of which it says nothing: /tmp/x and no /tmp. Unpacked by itself it gets a directory with usual
// attributes, and an overlay shows those of the topmost layer: /tmp would no longer be open to everybody. As a layer is unpacked once for
// all images, what a directory has from below is put on top: a tree of bare directories.
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, renameSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { isSystemError } from '../../model/error.ts';
import { setDirectoryOwnership } from './attributes.ts';
import { parentOf } from './layer-paths.ts';
import { removeTreeAt } from './remove-tree.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';
import type { UnpackedRecord } from './unpacked-record.ts';

export interface UnpackedLayer {
  readonly tree: string;
  readonly record: UnpackedRecord;
}

export interface ImpliedTreeOptions {
  /** Where temporary folders may be made, on the same file system. */
  readonly temporary: string;
  /** The folder that the tree is put into, under a name that follows from the layers. */
  readonly place: string;
  readonly isRootless: boolean;
}

/**
 * The path of a tree to lie above all `layers` (lowest first), in which directories have the owner, mode and time that the layers mean;
 * undefined when it would change nothing. Of extended attributes its directories have none. Costs some looks for each directory that a layer
 * implies. Throws errors of the system as they are.
 */
export function impliedTree(layers: readonly UnpackedLayer[], { temporary, place, isRootless }: ImpliedTreeOptions): string | undefined {
  const stack = new Stack(layers);
  const directories = new Map<string, Stats>();
  for (const path of new Set(layers.flatMap(({ record }) => record.implied))) {
    const found = stack.directoryAt(path);
    if (found === undefined || hasSameOwnership(found.shown, found.meant)) continue;
    directories.set(path, found.meant);
    for (let above = path; above !== '';) {
      above = parentOf(above);
      if (directories.has(above)) break;
      directories.set(above, stack.directoryAt(above)!.meant);
    }
  }
  if (directories.size === 0) return undefined;
  const name = createHash('sha256')
    .update(layers.map(({ record }) => record.diffId).join())
    .digest('hex')
    .slice(0, 16);
  return build(directories, join(place, `implied-${name}`), temporary, isRootless);
}

function build(directories: ReadonlyMap<string, Stats>, path: string, temporary: string, isRootless: boolean): string {
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return path;
  const folder = makeTemporaryFolder(temporary);
  try {
    const bytesOf = (directory: string) => Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(directory, 'latin1')]);
    const parentsFirst = [...directories.keys()].sort();
    for (const directory of parentsFirst) if (directory !== '') mkdirSync(bytesOf(directory), 0o700);
    for (const directory of parentsFirst.reverse()) {
      const { uid, gid, mode, mtimeMs } = directories.get(directory)!;
      setDirectoryOwnership(bytesOf(directory), { uid, gid, mode: mode & 0o7777, mtime: Math.floor(mtimeMs / 1000) }, isRootless);
    }
    renameSync(folder, path);
  } catch (cause) {
    // Another process made the same one.
    if (!isSystemError(cause, 'EEXIST', 'ENOTEMPTY')) throw cause;
  } finally {
    removeTreeAt(folder);
  }
  return path;
}

function hasSameOwnership(a: Stats, b: Stats): boolean {
  return a.uid === b.uid && a.gid === b.gid && a.mode === b.mode;
}

/**
 * Paths where a layer has files and no directory, and where the layers below it (lowest first) show a link: an overlay shows a directory there,
 * and what the link leads to no longer.
 */
export function hiddenLinks(layer: UnpackedLayer, below: readonly UnpackedLayer[]): readonly string[] {
  const stack = new Stack(below);
  return layer.record.implied.filter((path) => stack.isLinkAt(path));
}

interface StackedLayer {
  readonly prefix: string;
  readonly implied: ReadonlySet<string>;
  readonly hiding: ReadonlySet<string>;
}

/** What the layer has there, or what keeps it from having anything there. `isHidden`: nothing of lower layers shows. */
function look(
  { prefix, hiding }: StackedLayer,
  path: string,
): { readonly stats: Stats | undefined; readonly isAtPath: boolean; readonly isHidden: boolean } {
  let isHidden = false;
  // Name by name: what is a directory here may be a link in another layer.
  for (const part of partsOf(path)) {
    const stats = lstatSync(Buffer.from(`${prefix}/${part}`, 'latin1'), { throwIfNoEntry: false });
    if (stats?.isDirectory() !== true || part === path) return { stats, isAtPath: part === path, isHidden };
    isHidden ||= hiding.has(part);
  }
  return { stats: undefined, isAtPath: false, isHidden };
}

class Stack {
  /** Topmost first. */
  readonly #layers: readonly StackedLayer[];

  constructor(layers: readonly UnpackedLayer[]) {
    this.#layers = [...layers].reverse().map(({ tree, record }) => ({
      prefix: Buffer.from(tree).toString('latin1'),
      implied: new Set(record.implied),
      hiding: new Set(record.hiding),
    }));
  }

  /** What an overlay of the layers shows at a path when that is a directory, and the directory of the layer that has the say. */
  directoryAt(path: string): { readonly shown: Stats; readonly meant: Stats } | undefined {
    let found: { shown: Stats; meant: Stats } | undefined;
    for (const layer of this.#layers) {
      const { stats, isHidden } = look(layer, path);
      if (stats !== undefined) {
        if (!stats.isDirectory()) return found;
        found = { shown: found?.shown ?? stats, meant: stats };
        if (!layer.implied.has(path)) return found;
      }
      if (isHidden) return found;
    }
    return found;
  }

  isLinkAt(path: string): boolean {
    for (const layer of this.#layers) {
      const { stats, isAtPath, isHidden } = look(layer, path);
      if (stats !== undefined && (isAtPath || !stats.isDirectory())) return isAtPath && stats.isSymbolicLink();
      if (isHidden) return false;
    }
    return false;
  }
}

/** '', 'a', 'a/b' of 'a/b'. */
function partsOf(path: string): string[] {
  const names = path === '' ? [] : path.split('/');
  return ['', ...names.map((_, i) => names.slice(0, i + 1).join('/'))];
}
