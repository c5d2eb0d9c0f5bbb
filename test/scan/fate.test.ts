// Fates against a file system that applies the layers one after the other, as an engine does when it unpacks an image.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Entry, EntryKind } from '../../src/model/entry.ts';
import { type EntryPlace, LayerStack } from '../../src/scan/fate.ts';

function entryOf(index: number, path: string, kind: EntryKind, linkTarget?: string): Entry {
  return { index, rawPath: path, path, kind, size: 0, mode: 0, uid: 0, gid: 0, mtime: 0, linkTarget, span: { start: 0, end: 0 }, isBehindEnd: false };
}

type Step =
  | { readonly do: 'file' | 'directory'; readonly path: string }
  | { readonly do: 'delete' | 'opaque'; readonly path: string }
  | { readonly do: 'link'; readonly path: string; readonly target: string };

interface Replayed {
  readonly layers: Entry[][];
  /** The merged tree: the body at each path, undefined for directories. */
  readonly tree: Map<string, string | undefined>;
  /** The layer in which a body stopped being at the path where it was put. */
  readonly goneIn: Map<string, number>;
  readonly bodies: { readonly place: EntryPlace; readonly body: string }[];
}

/** Applies the steps of each layer: what it deletes first, for whiteouts speak of lower layers, then its entries in their order. */
function replay(plan: readonly (readonly Step[])[]): Replayed {
  const tree = new Map<string, string | undefined>();
  const goneIn = new Map<string, number>();
  const bodies: { place: EntryPlace; body: string }[] = [];
  const layers = plan.map((steps, layer) => {
    const entries: Entry[] = [];
    const remove = (path: string) => {
      const body = tree.get(path);
      if (body !== undefined && body.endsWith(` ${path}`)) goneIn.set(body, layer);
      tree.delete(path);
    };
    const removeBelow = (path: string) => {
      for (const other of Array.from(tree.keys())) if (path === '' || other.startsWith(`${path}/`)) remove(other);
    };
    const put = (path: string, kind: EntryKind, body: string | undefined, target?: string) => {
      const above = path
        .split('/')
        .slice(0, -1)
        .map((_, depth, parts) => parts.slice(0, depth + 1).join('/'));
      for (const parent of above) if (!tree.has(parent) || tree.get(parent) !== undefined) put(parent, 'directory', undefined);
      if (kind !== 'directory' || tree.get(path) !== undefined) {
        removeBelow(path);
        remove(path);
      }
      tree.set(path, body);
      entries.push(entryOf(entries.length, path, kind, target));
    };
    for (const step of steps) {
      if (step.do === 'opaque') removeBelow(step.path);
      if (step.do !== 'delete') continue;
      removeBelow(step.path);
      remove(step.path);
    }
    for (const step of steps) {
      const { path } = step;
      const slash = path.lastIndexOf('/') + 1;
      if (step.do === 'delete') entries.push(entryOf(entries.length, `${path.slice(0, slash)}.wh.${path.slice(slash)}`, 'file'));
      else if (step.do === 'opaque') entries.push(entryOf(entries.length, path === '' ? '.wh..wh..opq' : `${path}/.wh..wh..opq`, 'file'));
      else if (step.do === 'directory') put(path, 'directory', undefined);
      else if (step.do === 'file') {
        put(path, 'file', '');
        const place = { layer, entry: entries.at(-1)! };
        const body = `${layer}/${place.entry.index} ${path}`;
        tree.set(path, body);
        bodies.push({ place, body });
      } else if (step.do === 'link') {
        const body = tree.get(step.target);
        // A link to what is not there, or into what its own path replaces, is not unpacked by any engine.
        if (body !== undefined && step.target !== path && !step.target.startsWith(`${path}/`) && !path.startsWith(`${step.target}/`))
          put(path, 'hardlink', body, step.target);
      }
    }
    return entries;
  });
  return { layers, tree, goneIn, bodies };
}

const path = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
const changes = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('file' as const), path }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('directory' as const), path }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), path }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('opaque' as const), path: fc.oneof(path, fc.constant('')) }) },
);
const links = fc.record({ do: fc.constant('link' as const), path, target: path });
const plans = (step: fc.Arbitrary<Step>) => fc.array(fc.array(step, { maxLength: 6 }), { minLength: 1, maxLength: 5 });

const noInstructions = (layers: readonly unknown[]) => layers.map(() => undefined);

describe('LayerStack', () => {
  it('says of each file what the merged file system shows, and which layer took it away', () => {
    fc.assert(
      fc.property(plans(changes), (plan) => {
        const { layers, tree, goneIn, bodies } = replay(plan);
        const stack = new LayerStack(layers, noInstructions(layers));
        for (const { place, body } of bodies) {
          const fate = stack.fateOf(place);
          if (tree.get(place.entry.path) === body) assert.deepEqual(fate, { kind: 'visible' }, body);
          else assert.equal('byLayer' in fate ? fate.byLayer : fate.kind, goneIn.get(body), `${body} is ${JSON.stringify(fate)}`);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('finds every name of a body, and says which of them are visible', () => {
    fc.assert(
      fc.property(plans(fc.oneof({ weight: 2, arbitrary: changes }, { weight: 1, arbitrary: links })), (plan) => {
        // A whiteout of what the same layer links to: engines differ in what the link then sees.
        const isClear = plan.every(
          (steps) => !steps.some((step) => step.do === 'link') || !steps.some((step) => step.do === 'delete' || step.do === 'opaque'),
        );
        fc.pre(isClear);
        const { layers, tree, bodies } = replay(plan);
        const stack = new LayerStack(layers, noInstructions(layers));
        for (const { place, body } of bodies) {
          const visible = stack
            .namesOf(place)
            .filter((name) => stack.fateOf(name).kind === 'visible')
            .map(({ entry }) => entry.path);
          const expected = [...tree].filter(([, there]) => there === body).map(([name]) => name);
          assert.deepEqual([...new Set(visible)].sort(), expected.sort(), `${body} in ${JSON.stringify(plan)}`);
        }
      }),
      { numRuns: 400 },
    );
  });

  const fates = (...layers: Entry[][]) => {
    const stack = new LayerStack(
      layers,
      layers.map((_, index) => `RUN ${index}`),
    );
    return (layer: number, index = 0) => stack.fateOf({ layer, entry: layers[layer][index] });
  };
  const file = (path: string, index = 0) => entryOf(index, path, 'file');

  it('names the instruction that did it', () => {
    const fate = fates([file('a/x')], [file('a/.wh.x')]);
    assert.deepEqual(fate(0), { kind: 'deleted', byLayer: 1, byInstruction: 'RUN 1' });
  });

  it('tells overwritten, deleted and hidden apart', () => {
    assert.equal(fates([file('a/x')], [file('a/x')])(0).kind, 'overwritten');
    assert.equal(fates([file('a/x')], [entryOf(0, 'a/x', 'symlink', 'y')])(0).kind, 'overwritten');
    assert.equal(fates([file('a/b/x')], [file('.wh.a')])(0).kind, 'deleted');
    assert.equal(fates([file('a/b/x')], [file('a/.wh..wh..opq')])(0).kind, 'hidden');
    assert.equal(fates([file('a/b/x')], [file('a')])(0).kind, 'hidden');
    assert.equal(fates([file('a/b/x')], [entryOf(0, 'a', 'symlink', 'c')])(0).kind, 'hidden');
    assert.equal(fates([file('a/b/x')], [entryOf(0, 'a', 'directory')])(0).kind, 'visible');
  });

  it('takes an opaque directory and a whiteout to be about lower layers only, wherever they stand', () => {
    for (const marker of ['a/.wh..wh..opq', 'a/.wh.x']) {
      assert.equal(fates([file('a/x', 0), file(marker, 1)])(0, 0).kind, 'visible');
      assert.equal(fates([file(marker, 0), file('a/x', 1)])(0, 1).kind, 'visible');
    }
  });

  it('lets the last of two entries of one layer win', () => {
    const fate = fates([file('a/x', 0), file('a/x', 1), file('b/x', 2), file('b', 3)]);
    assert.deepEqual([fate(0, 0).kind, fate(0, 1).kind, fate(0, 2).kind, fate(0, 3).kind], ['overwritten', 'visible', 'hidden', 'visible']);
  });

  it('calls unreachable what is never unpacked', () => {
    const behind = { ...file('x'), isBehindEnd: true };
    assert.equal(fates([behind])(0).kind, 'unreachable');
    assert.equal(fates([file('a/.wh.x')])(0).kind, 'unreachable');
    assert.equal(fates([file('x', 0), { ...file('x', 1), isBehindEnd: true }])(0, 0).kind, 'visible');
    assert.equal(fates([file('x')], [{ ...file('.wh.x'), isBehindEnd: true }])(0).kind, 'visible');
  });

  it('takes a name that merely holds the letters of a whiteout for a file', () => {
    assert.equal(fates([file('a/b.wh.x')], [file('a/b.wh.y')])(0).kind, 'visible');
    assert.equal(fates([file('usr/bin/where')], [file('usr/bin/.whl')])(0).kind, 'visible');
  });

  it('does not confuse names that begin alike', () => {
    assert.equal(fates([file('ab/x')], [file('.wh.a')])(0).kind, 'visible');
    assert.equal(fates([file('ab/x')], [file('a')])(0).kind, 'visible');
  });
});

describe('names of one body', () => {
  it('are found from any of them: links of links, in one layer and in later ones', () => {
    const layers = [
      [entryOf(0, 'a', 'file'), entryOf(1, 'b', 'hardlink', 'a'), entryOf(2, 'c', 'hardlink', 'b')],
      [entryOf(0, 'd', 'hardlink', 'c')],
    ];
    const stack = new LayerStack(layers, [undefined, undefined]);
    for (const [layer, entries] of layers.entries())
      for (const entry of entries) {
        const body = stack.bodyOf({ layer, entry });
        assert.equal(body.entry.path, 'a');
        assert.deepEqual(
          stack.namesOf(body).map((name) => name.entry.path),
          ['a', 'b', 'c', 'd'],
        );
      }
  });

  it('end where a link leads nowhere or in a circle', () => {
    const entries = [
      entryOf(0, 'a', 'hardlink', 'b'),
      entryOf(1, 'b', 'hardlink', 'a'),
      entryOf(2, 'c', 'hardlink', 'none'),
      entryOf(3, 'd', 'hardlink', 'd'),
    ];
    const stack = new LayerStack([entries], [undefined]);
    for (const entry of entries) {
      const body = stack.bodyOf({ layer: 0, entry });
      assert.ok(entries.includes(body.entry));
      assert.ok(stack.namesOf(body).length <= entries.length);
    }
  });

  it('are those of the last file of that name before the link', () => {
    const entries = [entryOf(0, 'a', 'file'), entryOf(1, 'l', 'hardlink', 'a'), entryOf(2, 'a', 'file'), entryOf(3, 'm', 'hardlink', 'a')];
    const stack = new LayerStack([entries], [undefined]);
    const names = (index: number) => stack.namesOf({ layer: 0, entry: entries[index] }).map((name) => name.entry.path);
    assert.deepEqual(
      [names(0), names(2)],
      [
        ['a', 'l'],
        ['a', 'm'],
      ],
    );
    assert.equal(stack.bodyOf({ layer: 0, entry: entries[1] }).entry, entries[0]);
    assert.equal(stack.bodyOf({ layer: 0, entry: entries[3] }).entry, entries[2]);
  });

  it('are found among very many links', () => {
    const entries = [
      entryOf(0, 'a', 'file'),
      ...Array.from({ length: 10_000 }, (_, index) => entryOf(index + 1, `l${index}`, 'hardlink', index === 0 ? 'a' : `l${index - 1}`)),
    ];
    const stack = new LayerStack([entries], [undefined]);
    assert.equal(stack.namesOf({ layer: 0, entry: entries[0] }).length, entries.length);
    assert.equal(stack.bodyOf({ layer: 0, entry: entries.at(-1)! }).entry, entries[0]);
  });
});
