// What later layers made of an entry. Layers are deltas: replayed in order, they overwrite, delete and hide what lies below them, and all
// of it still travels with the image (image-spec, layer.md, "Applying Changesets").
import { type Entry, whiteoutOf } from '../model/entry.ts';
import type { Fate } from '../model/finding.ts';

/** An entry of a layer by its index, lowest first. */
export interface EntryPlace {
  readonly layer: number;
  readonly entry: Entry;
}

interface LayerIndex {
  readonly entries: EntriesByPath;
  readonly deleted: ReadonlySet<string>;
  readonly opaque: ReadonlySet<string>;
  readonly hardLinks: readonly Entry[];
}

const none: readonly Entry[] = [];

/** Nearly every path has one entry, and a layer hundreds of thousands of paths: a list is kept for those alone that have more. */
class EntriesByPath {
  readonly #only = new Map<string, Entry>();
  readonly #several = new Map<string, Entry[]>();

  add(entry: Entry): void {
    const { path } = entry;
    const several = this.#several.get(path);
    const only = this.#only.get(path);
    if (several !== undefined) several.push(entry);
    else if (only !== undefined) this.#several.set(path, [only, entry]);
    else this.#only.set(path, entry);
  }

  /** Those of a path, in the order of the archive. */
  of(path: string): readonly Entry[] {
    const several = this.#several.get(path);
    if (several !== undefined) return several;
    const only = this.#only.get(path);
    return only === undefined ? none : [only];
  }
}

export class LayerStack {
  readonly #layers: readonly LayerIndex[];
  readonly #instructions: readonly (string | undefined)[];

  /** The entries of each layer, and the instruction that made it, already fit to be printed. */
  constructor(layers: readonly (readonly Entry[])[], instructions: readonly (string | undefined)[]) {
    this.#layers = layers.map(indexOf);
    this.#instructions = instructions;
  }

  fateOf({ layer, entry }: EntryPlace): Fate {
    if (entry.isBehindEnd)
      return { kind: 'unreachable', why: 'it stands behind the end-of-archive marker, where container engines have stopped reading' };
    if (whiteoutOf(entry.path) !== undefined) return { kind: 'unreachable', why: 'it is the body of a whiteout, which is never unpacked' };
    const above = directoriesAbove(entry.path);
    const own = this.#layers[layer];
    if (hasLater(own, entry.path, entry.index)) return this.#by('overwritten', layer);
    if (above.some((path) => hasLater(own, path, entry.index, true))) return this.#by('hidden', layer);
    for (let index = layer + 1; index < this.#layers.length; index++) {
      const later = this.#layers[index];
      if (hasLater(later, entry.path, -1)) return this.#by('overwritten', index);
      if (later.deleted.has(entry.path) || above.some((path) => later.deleted.has(path))) return this.#by('deleted', index);
      if (later.opaque.has('') || above.some((path) => later.opaque.has(path))) return this.#by('hidden', index);
      if (above.some((path) => hasLater(later, path, -1, true))) return this.#by('hidden', index);
    }
    return { kind: 'visible' };
  }

  /** Every name of the same body: the entry itself, and the hard links that lead to it, in its own layer and in later ones. */
  namesOf(place: EntryPlace): readonly EntryPlace[] {
    const names: EntryPlace[] = [place];
    for (let layer = place.layer; layer < this.#layers.length; layer++) {
      for (const link of this.#layers[layer].hardLinks) {
        const target = names.find((name) => name.entry.path === link.linkTarget && this.#isThereAt(name, layer, link));
        if (target !== undefined && link.path !== target.entry.path) names.push({ layer, entry: link });
      }
    }
    return names;
  }

  /** What is there at run time. */
  visibleAt(path: string): EntryPlace | undefined {
    for (let layer = this.#layers.length - 1; layer >= 0; layer--) {
      const entry = this.#layers[layer].entries.of(path).at(-1);
      if (entry !== undefined) return this.fateOf({ layer, entry }).kind === 'visible' ? { layer, entry } : undefined;
    }
    return undefined;
  }

  /** The entry that holds the body of a hard link: the last one before it with the name that it links to, links of links followed. */
  bodyOf(place: EntryPlace): EntryPlace {
    const seen = new Set<Entry>();
    let name = place;
    while (name.entry.kind === 'hardlink' && name.entry.size === 0 && !seen.has(name.entry)) {
      seen.add(name.entry);
      const target = this.#targetOf(name);
      if (target === undefined) return name;
      name = target;
    }
    return name;
  }

  #targetOf({ layer, entry }: EntryPlace): EntryPlace | undefined {
    for (let index = layer; index >= 0; index--) {
      const before = index === layer ? entry.index : Infinity;
      const found = this.#layers[index].entries.of(entry.linkTarget ?? '').findLast((other) => other.index < before);
      if (found !== undefined) return { layer: index, entry: found };
    }
    return undefined;
  }

  /** True when this name still leads to its body when the link is unpacked. */
  #isThereAt(name: EntryPlace, layer: number, link: Entry): boolean {
    if (name.layer === layer && name.entry.index > link.index) return false;
    for (let index = name.layer; index <= layer; index++) {
      const { entries, deleted } = this.#layers[index];
      const from = index === name.layer ? name.entry.index : -1;
      const to = index === layer ? link.index : Infinity;
      if (entries.of(name.entry.path).some((entry) => entry.index > from && entry.index < to)) return false;
      // A whiteout in the link's own layer is about the tree below, which the link still saw.
      if (index > name.layer && index < layer && [name.entry.path, ...directoriesAbove(name.entry.path)].some((path) => deleted.has(path)))
        return false;
    }
    return true;
  }

  #by(kind: 'deleted' | 'overwritten' | 'hidden', layer: number): Fate {
    const byInstruction = this.#instructions[layer];
    return { kind, byLayer: layer, ...(byInstruction === undefined ? {} : { byInstruction }) };
  }
}

function indexOf(layer: readonly Entry[]): LayerIndex {
  const entries = new EntriesByPath();
  const deleted = new Set<string>();
  const opaque = new Set<string>();
  const hardLinks: Entry[] = [];
  for (const entry of layer) {
    if (entry.isBehindEnd) continue;
    const whiteout = whiteoutOf(entry.path);
    if (whiteout?.kind === 'deletes') deleted.add(whiteout.path);
    else if (whiteout?.kind === 'opaque') opaque.add(whiteout.path);
    else if (whiteout === undefined) {
      entries.add(entry);
      if (entry.kind === 'hardlink') hardLinks.push(entry);
    }
  }
  return { entries, deleted, opaque, hardLinks };
}

/** `a/b/c` stands below `a/b` and `a`. */
function directoriesAbove(path: string): string[] {
  const above: string[] = [];
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) above.push(path.slice(0, slash));
  return above;
}

/** Whether the layer holds this path behind entry `after`; with `asOther`, as something that is no directory. */
function hasLater({ entries }: LayerIndex, path: string, after: number, asOther = false): boolean {
  const isSelfLink = (entry: Entry) => entry.kind === 'hardlink' && entry.linkTarget === path;
  return entries.of(path).some((entry) => entry.index > after && !isSelfLink(entry) && !(asOther && entry.kind === 'directory'));
}
