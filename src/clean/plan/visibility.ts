// What a running container sees of a layer's entries: a layer may serve several images, and what one of them deletes another one shows.
import { type Entry, whiteoutOf } from '../../model/entry.ts';
import type { Image } from '../../model/image.ts';
import { type EntryPlace, LayerStack } from '../../scan/fate.ts';
import type { LayerScan } from '../../scan/layer-scan.ts';

/** An entry of a layer, by `Layer.key`. */
export interface LayerEntry {
  readonly key: string;
  readonly entry: Entry;
}

interface Stacked {
  readonly keys: readonly string[];
  readonly stack: LayerStack;
}

export class Visibility {
  readonly #images: readonly Stacked[];
  readonly #scans: ReadonlyMap<string, LayerScan>;
  readonly #folders = new Map<string, ReadonlySet<string>>();

  constructor(images: readonly Image[], scans: ReadonlyMap<string, LayerScan>) {
    this.#scans = scans;
    this.#images = images.map(({ layers }) => ({
      keys: layers.map(({ key }) => key),
      stack: new LayerStack(
        layers.map(({ key }) => scans.get(key)!.entries),
        layers.map(() => undefined),
      ),
    }));
  }

  /** True when this name is there at run time in at least one image. */
  isVisible({ key, entry }: LayerEntry): boolean {
    return this.#places(key, entry).some(({ stack, place }) => stack.fateOf(place).kind === 'visible');
  }

  /** Every name of the same body, the entry itself first: its hard links, in its own layer and in those above, whoever is whose target. */
  namesOf(name: LayerEntry): readonly LayerEntry[] {
    const names = new Map<Entry, LayerEntry>([[name.entry, name]]);
    for (const { keys, stack, place } of this.#places(name.key, name.entry)) {
      const body = stack.bodyOf(place);
      for (const { layer, entry } of stack.namesOf(body)) names.set(entry, { key: keys[layer], entry });
    }
    return [...names.values()];
  }

  /** True when the first one is unpacked before the second in at least one image. */
  isBefore(first: LayerEntry, second: LayerEntry): boolean {
    if (first.key === second.key) return first.entry.index < second.entry.index;
    return this.#images.some(({ keys }) => keys.includes(first.key) && keys.indexOf(first.key) < keys.lastIndexOf(second.key));
  }

  /** True when the entry stands in the way of a folder: something lies below its path in a lower layer. */
  isOverFolder({ key, entry }: LayerEntry): boolean {
    if (entry.kind === 'directory') return false;
    return this.#images.some(({ keys }) => keys.slice(0, Math.max(0, keys.lastIndexOf(key))).some((lower) => this.#foldersIn(lower).has(entry.path)));
  }

  /** Where a path (bytes as latin1) leads to in each image when symbolic links on the way are followed, its last name excepted. */
  realPaths(path: string): readonly string[] {
    return [...new Set(this.#images.map(({ stack }) => realPathIn(stack, path)))];
  }

  /** Every path of the layer below which something stands. */
  #foldersIn(key: string): ReadonlySet<string> {
    const known = this.#folders.get(key);
    if (known !== undefined) return known;
    const folders = new Set<string>();
    for (const { path, isBehindEnd } of this.#scans.get(key)!.entries) {
      if (isBehindEnd || whiteoutOf(path) !== undefined) continue;
      for (let slash = path.lastIndexOf('/'); slash > 0 && !folders.has(path.slice(0, slash)); slash = path.lastIndexOf('/', slash - 1))
        folders.add(path.slice(0, slash));
    }
    this.#folders.set(key, folders);
    return folders;
  }

  #places(key: string, entry: Entry): { readonly keys: readonly string[]; readonly stack: LayerStack; readonly place: EntryPlace }[] {
    return this.#images.flatMap(({ keys, stack }) =>
      keys.flatMap((other, layer) => (other === key ? [{ keys, stack, place: { layer, entry } }] : [])),
    );
  }
}

/** As many as Linux follows in one path. */
const mostLinks = 40;

/** What is missing, or a link without end, stays as it is written; the last name is what is meant itself, as for `rm`. */
function realPathIn(stack: LayerStack, path: string): string {
  const left = path.split('/').toReversed();
  let real = '';
  let followed = 0;
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    if (name === '' || name === '.') continue;
    if (name === '..') {
      real = real.slice(0, Math.max(0, real.lastIndexOf('/')));
      continue;
    }
    const next = real === '' ? name : `${real}/${name}`;
    const entry = stack.visibleAt(next)?.entry;
    if (left.length === 0 || entry?.kind !== 'symlink' || entry.linkTarget === undefined) real = next;
    else if (++followed > mostLinks) return path;
    else {
      if (entry.linkTarget.startsWith('/')) real = '';
      left.push(...entry.linkTarget.split('/').toReversed());
    }
  }
  return real;
}
