// The merged file system against the plainest model of one: a map from path to word, with deletions written out.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MergedTree, type NamedEntry } from '../../../src/clean/prove/merged-tree.ts';
import type { Entry, EntryKind } from '../../../src/model/entry.ts';

function named(path: string, kind: EntryKind, word: string, index: number): NamedEntry {
  const entry: Entry = {
    index,
    rawPath: path,
    path,
    kind,
    size: 0,
    mode: 0,
    uid: 0,
    gid: 0,
    mtime: 0,
    linkTarget: undefined,
    span: { start: 0, end: 0 },
    isBehindEnd: false,
  };
  return { entry, word };
}

const isBelow = (path: string, folder: string) => folder === '' || path.startsWith(`${folder}/`);

/** Folders that no entry made are there all the same, without a word. */
class NaiveTree {
  readonly words = new Map<string, string | undefined>();

  apply(layer: readonly NamedEntry[]): void {
    const remove = (folder: string) => {
      for (const path of Array.from(this.words.keys())) if (isBelow(path, folder)) this.words.delete(path);
    };
    for (const { entry } of layer) {
      const slash = entry.path.lastIndexOf('/');
      const [folder, name] = [entry.path.slice(0, Math.max(0, slash)), entry.path.slice(slash + 1)];
      if (name === '.wh..wh..opq') remove(folder);
      else if (name.startsWith('.wh.')) {
        const target = folder === '' ? name.slice(4) : `${folder}/${name.slice(4)}`;
        this.words.delete(target);
        remove(target);
      }
    }
    for (const { entry, word } of layer) {
      if (entry.path.split('/').at(-1)!.startsWith('.wh.')) continue;
      for (let at = entry.path.indexOf('/'); at > 0; at = entry.path.indexOf('/', at + 1))
        if (!this.words.has(entry.path.slice(0, at))) this.words.set(entry.path.slice(0, at), undefined);
      if (entry.kind !== 'directory') remove(entry.path);
      this.words.set(entry.path, word);
    }
  }
}

const path = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
const step = fc.oneof(
  fc.record({ path, kind: fc.constantFrom<EntryKind>('file', 'directory', 'symlink'), word: fc.constantFrom('1', '2', '3') }),
  path.map((target) => ({ path: target.replace(/[^/]*$/, '.wh.$&'), kind: 'file' as const, word: '' })),
  path.map((folder) => ({ path: `${folder}/.wh..wh..opq`, kind: 'file' as const, word: '' })),
);
const layers = fc.array(fc.array(step, { maxLength: 5 }), { maxLength: 4 });

describe('the merged file system', () => {
  it('differs from another one at the paths where a naive one does', () => {
    fc.assert(
      fc.property(layers, layers, (first, second) => {
        const build = (plan: typeof first) => {
          const [tree, naive] = [new MergedTree(), new NaiveTree()];
          for (const layer of plan) {
            const entries = layer.map(({ path: at, kind, word }, index) => named(at, kind, word, index));
            tree.apply(entries);
            naive.apply(entries);
          }
          return { tree, naive };
        };
        const [a, b] = [build(first), build(second)];
        const paths = new Set([...a.naive.words.keys(), ...b.naive.words.keys()]);
        const expected = [...paths].filter((each) => a.naive.words.get(each) !== b.naive.words.get(each));
        assert.deepEqual([...a.tree.differences(b.tree)].toSorted(), expected.toSorted());
        assert.equal(a.tree.differences(a.tree).size, 0);
      }),
      { numRuns: 500 },
    );
  });

  it('copes with names as deep as they are long', () => {
    const tree = new MergedTree();
    const deep = 'd/'.repeat(20_000);
    tree.apply([named(`${deep}file`, 'file', 'here', 0)]);
    assert.deepEqual(
      [...tree.differences(new MergedTree())].map((each) => each.length),
      [deep.length + 4],
    );
  });
});
