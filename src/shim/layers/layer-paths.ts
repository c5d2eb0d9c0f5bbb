// What one layer has put where, so far: an exact mirror of its part of the tree, so that no look at the disk is needed to know it.
// Keys are real paths, latin1, below the root: a key's parents are all directories and no links.
import { UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';

/** `implied`: a directory that the layer only has things in. */
export type PathKind = 'implied' | 'directory' | 'symlink' | 'other';

/** Characters of all names of one layer, with what each costs besides. Guards memory; a million files take some 200 million. */
const mostNameCharacters = 2 ** 29;
const costOfName = 100;

export class LayerPaths {
  readonly #kinds = new Map<string, PathKind>([['', 'implied']]);
  readonly #layer: string;
  readonly #most: number;
  #characters = 0;

  constructor(layer: string, most = mostNameCharacters) {
    this.#layer = layer;
    this.#most = most;
  }

  kindAt(path: string): PathKind | undefined {
    return this.#kinds.get(path);
  }

  isDirectory(path: string): boolean {
    const kind = this.#kinds.get(path);
    return kind === 'directory' || kind === 'implied';
  }

  /** Throws UnbakeError `limit`. */
  put(path: string, kind: PathKind): void {
    this.#characters += path.length + costOfName;
    if (this.#characters > this.#most) {
      throw new UnbakeError('limit', `${printable(this.#layer)} has more files than can be kept in mind while it is unpacked`, {
        hint: 'no image that is built in a usual way has so many: look at it with unbake scan',
      });
    }
    this.#kinds.set(path, kind);
  }

  forget(path: string): void {
    this.#kinds.delete(path);
  }

  /** Directories that the layer only implies, in the order in which they were met. */
  *implied(): Generator<string> {
    for (const [path, kind] of this.#kinds) if (kind === 'implied') yield path;
  }
}

/** The directory that a path stands in; that of the root is the root. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

export function joined(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`;
}
