// The file system that the layers of an image make, layer by layer: what is at each path, by a word that says what it is. Two images have
// the same tree when they have the same words at the same paths (image-spec, layer.md, "Applying Changesets").
import { type Entry, whiteoutOf } from '../../model/entry.ts';

/** An entry and what is there when it is unpacked: the same word, the same thing. */
export interface NamedEntry {
  readonly entry: Entry;
  readonly word: string;
}

interface Node {
  word: string | undefined;
  readonly children: Map<string, Node>;
}

export class MergedTree {
  readonly #root: Node = { word: undefined, children: new Map() };

  /** Puts a layer on top: whiteouts act on what lies below it, entries come then. */
  apply(layer: readonly NamedEntry[]): void {
    for (const { entry } of layer) {
      const whiteout = entry.isBehindEnd ? undefined : whiteoutOf(entry.path);
      if (whiteout?.kind === 'deletes') this.#remove(whiteout.path);
      else if (whiteout?.kind === 'opaque') this.#find(whiteout.path)?.children.clear();
    }
    for (const { entry, word } of layer) {
      if (entry.isBehindEnd || whiteoutOf(entry.path) !== undefined) continue;
      const node = this.#make(entry.path);
      node.word = word;
      if (entry.kind !== 'directory') node.children.clear();
    }
  }

  /** Paths at which the two trees differ, what stands below a missing folder included. */
  differences(other: MergedTree): ReadonlySet<string> {
    const found = new Set<string>();
    // No recursion: names in an archive may be as deep as they are long.
    const waiting: { readonly a: Node | undefined; readonly b: Node | undefined; readonly path: string }[] = [
      { a: this.#root, b: other.#root, path: '' },
    ];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { a, b, path } = next;
      if (a?.word !== b?.word) found.add(path);
      for (const name of new Set([...(a?.children.keys() ?? []), ...(b?.children.keys() ?? [])]))
        waiting.push({ a: a?.children.get(name), b: b?.children.get(name), path: path === '' ? name : `${path}/${name}` });
    }
    return found;
  }

  #find(path: string): Node | undefined {
    let node: Node | undefined = this.#root;
    for (const name of path === '' ? [] : path.split('/')) node = node?.children.get(name);
    return node;
  }

  #make(path: string): Node {
    let node = this.#root;
    for (const name of path === '' ? [] : path.split('/')) {
      let child = node.children.get(name);
      if (child === undefined) node.children.set(name, (child = { word: undefined, children: new Map() }));
      node = child;
    }
    return node;
  }

  #remove(path: string): void {
    const slash = path.lastIndexOf('/');
    this.#find(slash < 0 ? '' : path.slice(0, slash))?.children.delete(path.slice(slash + 1));
  }
}
