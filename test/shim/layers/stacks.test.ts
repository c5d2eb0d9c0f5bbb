// Random stacks of layers, with links, deletions and hidden directories in any order: one merged tree, an overlay of single layers and a
// small model of the specification have to agree.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { UnbakeError } from '../../../src/model/error.ts';
import { directory, file, hardlink, opaque, symlink, whiteout } from '../../support/raw-tar.ts';
import { scratch } from '../../support/scratch.ts';
import { skip } from '../../support/tool.ts';
import type { LayerToUnpack } from '../../../src/shim/layers/layer-store.ts';
import { canOverlay, inOverlay, isRoot, layer, listing, newHome, unpack, type Unpacked } from './unpacking.ts';

type Change =
  | { readonly kind: 'file' | 'directory'; readonly path: string; readonly number: number }
  | { readonly kind: 'symlink' | 'hardlink'; readonly path: string; readonly target: string }
  | { readonly kind: 'whiteout' | 'opaque'; readonly path: string };

const name = fc.constantFrom('a', 'b', 'c\xff');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
const number = fc.integer({ min: 0, max: 500 });
const target = fc.tuple(fc.constantFrom('', '/', '../', '../../'), path).map(([start, to]) => `${start}${to}`);
const plain: fc.Arbitrary<Change> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('file' as const), path, number }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('directory' as const), path, number }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('whiteout' as const), path }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('opaque' as const), path }) },
);
const withLinks: fc.Arbitrary<Change> = fc.oneof(
  { weight: 5, arbitrary: plain },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('symlink' as const), path, target }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('hardlink' as const), path, target: path }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('opaque' as const), path: fc.constant('.') }) },
);
const stackOf = (change: fc.Arbitrary<Change>) => fc.array(fc.array(change, { maxLength: 7 }), { minLength: 1, maxLength: 4 });

/** Lowest layer first; of what is found the path, the kind and the mode. */
const stacks: Readonly<Record<string, { readonly layers: readonly (readonly Buffer[])[]; readonly expected: readonly string[] }>> = {
  'keeps the mode of a directory that an upper layer only puts a file into': {
    layers: [[directory('tmp', { mode: 0o1777 })], [file('tmp/x', '')], [file('tmp/y', ''), directory('z')]],
    expected: ['tmp d 1777', 'tmp/x f 644', 'tmp/y f 644', 'z d 755'],
  },
  'takes the mode of a directory from the topmost layer that speaks of it': {
    layers: [[directory('a', { mode: 0o700 })], [directory('a', { mode: 0o750 })], [file('a/x', '')]],
    expected: ['a d 750', 'a/x f 644'],
  },
  'forgets the mode of a directory that was deleted in between': {
    layers: [[directory('a', { mode: 0o700 })], [whiteout('a')], [file('a/x', '')]],
    expected: ['a d 755', 'a/x f 644'],
  },
  'forgets the mode of a directory that the same layer deletes, before or after': {
    layers: [
      [directory('a', { mode: 0o700 }), directory('b', { mode: 0o700 })],
      [file('a/x', ''), whiteout('a'), whiteout('b'), file('b/x', '')],
    ],
    expected: ['a d 755', 'a/x f 644', 'b d 755', 'b/x f 644'],
  },
  'forgets what is deeper in a directory that the same layer deletes or hides': {
    layers: [
      [directory('a/b', { mode: 0o700 }), directory('c/d', { mode: 0o700 }), file('a/b/old', ''), file('c/d/old', '')],
      [file('a/b/x', ''), whiteout('a'), file('c/d/x', ''), opaque('c')],
    ],
    expected: ['a d 755', 'a/b d 755', 'a/b/x f 644', 'c d 755', 'c/d d 755', 'c/d/x f 644'],
  },
  'keeps the mode of a directory whose content is hidden': {
    layers: [
      [directory('a', { mode: 0o700 }), file('a/old', '')],
      [opaque('a'), file('a/x', '')],
    ],
    expected: ['a d 700', 'a/x f 644'],
  },
  'shows no mode through a hidden directory of a layer in between': {
    layers: [[directory('a/b', { mode: 0o700 })], [directory('a'), opaque('a')], [file('a/b/x', '')]],
    expected: ['a d 755', 'a/b d 755', 'a/b/x f 644'],
  },
  'hides all below an opaque root': {
    layers: [[file('old', ''), directory('a', { mode: 0o700 })], [file('.wh..wh..opq', ''), file('a/x', '')], [file('y', '')]],
    expected: ['a d 755', 'a/x f 644', 'y f 644'],
  },
  'takes an equal layer twice': {
    layers: [
      [file('a/x', ''), file('b', '')],
      [whiteout('a'), file('b/c', '')],
      [file('a/x', ''), file('b', '')],
    ],
    expected: ['a d 755', 'a/x f 644', 'b f 644'],
  },
  'takes an empty layer twice': { layers: [[], [file('a', '')], []], expected: ['a f 644'] },
  'forgets the directory below a file that the same layer replaces again': {
    layers: [[file('a/old', '')], [file('a', ''), directory('a'), file('a/x', '')]],
    expected: ['a d 755', 'a/x f 644'],
  },
  'puts a directory in the place of a link of a lower layer, as docker does': {
    layers: [[directory('real'), symlink('link', 'real')], [file('link/x', '')]],
    expected: ['link d 755', 'link/x f 644', 'real d 755'],
  },
  'follows a link of the same layer': {
    layers: [[directory('real', { mode: 0o700 })], [symlink('link', '/real'), file('link/x', '')]],
    expected: ['link l 777', 'real d 700', 'real/x f 644'],
  },
  'makes the parents of deletions of what was never there': { layers: [[whiteout('a/b/gone')]], expected: ['a d 755', 'a/b d 755'] },
  'passes over what belongs to aufs': {
    layers: [[file('.wh..wh.aufs', ''), directory('.wh..wh.plnk'), file('x.whl', ''), file('a.wh.b', '')]],
    expected: ['a.wh.b f 644', 'x.whl f 644'],
  },
};

const bytes = (text: string) => Buffer.from(text, 'latin1');

function entryOf(change: Change): Buffer {
  switch (change.kind) {
    case 'file':
      return file(bytes(change.path), 'x'.repeat(change.number), { mode: 0o400 + change.number, uid: change.number, mtime: change.number });
    case 'directory':
      return directory(bytes(change.path), { mode: 0o400 + change.number, gid: change.number, mtime: change.number });
    case 'symlink':
      return symlink(bytes(change.path), bytes(change.target), { mtime: 1 });
    case 'hardlink':
      return hardlink(bytes(change.path), bytes(change.target));
    case 'whiteout':
      return file(bytes(change.path.replace(/[^/]*$/, '.wh.$&')), '');
    case 'opaque':
      return file(bytes(`${change.path}/.wh..wh..opq`), '');
  }
}

/** What there is in a folder, owners and modes included; of directories no time: those that no entry speaks of have none. */
const find = (folder: string) =>
  `find ${folder} -mindepth 1 -type d -printf '%P %y %m %U:%G\\n' -o -mindepth 1 -printf '%P %y %m %U:%G %s %T@ %l\\n' | LC_ALL=C sort`;

function found(folder: string): string {
  return spawnSync('sh', ['-c', find('"$1"'), 'sh', folder]).stdout.toString('latin1');
}

describe('a stack of layers', () => {
  const { newFolder } = scratch();

  let isOverlayable = false;
  before(() => (isOverlayable = canOverlay(newFolder())));

  /** Both ways, compared; false when both refused it. */
  async function isSameBothWays(layers: readonly LayerToUnpack[]): Promise<string | false> {
    const folder = newFolder();
    try {
      const home = await newHome(folder);
      const merged = await unpack('merged', home, ...layers).catch((thrown: unknown) => thrown);
      const overlaid = await unpack('layer', home, ...layers).catch((thrown: unknown) => thrown);
      if (merged instanceof Error || overlaid instanceof Error) {
        assert.ok(merged instanceof UnbakeError && overlaid instanceof UnbakeError, `${String(merged)} / ${String(overlaid)}`);
        assert.equal(merged.message, overlaid.message);
        return false;
      }
      const tree = found((merged as Unpacked).tree);
      assert.equal(inOverlay((overlaid as Unpacked).trees, folder, find('"$merged"')), tree);
      return tree;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  for (const [what, { layers, expected }] of Object.entries(stacks)) {
    it(`${what}, merged and as an overlay`, async function () {
      if (!isOverlayable) skip(this, 'no overlay can be mounted here');
      const tree = await isSameBothWays(layers.map((entries) => layer(...entries)));
      assert.ok(tree !== false);
      assert.deepEqual(
        tree
          .split('\n')
          .slice(0, -1)
          .map((line) => line.split(' ').slice(0, 3).join(' ')),
        expected,
      );
    });
  }

  it('is the same merged and as an overlay, or fails the same way', async function () {
    if (!isOverlayable) skip(this, 'no overlay can be mounted here');
    let made = 0;
    const runs = Number(process.env['UNPACK_RUNS'] ?? 200);
    await fc.assert(
      fc.asyncProperty(stackOf(withLinks), async (stack) => {
        if ((await isSameBothWays(stack.map((changes) => layer(...changes.map(entryOf))))) !== false) made++;
      }),
      { numRuns: runs },
    );
    assert.ok(made >= Math.min(30, runs / 4), `only ${made} of them could be unpacked`);
  });

  it('is what the specification says', async function () {
    if (!isRoot) skip(this, 'only root can make files of others');
    await fc.assert(
      fc.asyncProperty(stackOf(plain), async (drawn) => {
        const folder = newFolder();
        try {
          const stack = drawn.map(consistent);
          const home = await newHome(folder);
          const { tree } = await unpack('merged', home, ...stack.map((changes) => layer(...changes.map(entryOf))));
          assert.deepEqual(Object.keys(listing(tree)).sort(), [...modelOf(stack)].sort());
        } finally {
          rmSync(folder, { recursive: true, force: true });
        }
      }),
      { numRuns: 200 },
    );
  });
});

/** One change a path, and none below a file. */
function consistent(changes: readonly Change[]): readonly Change[] {
  const kept: Change[] = [];
  const above = (path: string) => path.split('/').map((_, i, names) => names.slice(0, i).join('/'));
  for (const change of changes) {
    const clash = kept.some(
      (other) =>
        (other.path === change.path && !isWhiteout(other) && !isWhiteout(change)) ||
        (other.kind === 'file' && (above(change.path).includes(other.path) || (change.kind === 'opaque' && other.path === change.path))) ||
        (change.kind === 'file' && (above(other.path).includes(change.path) || (other.kind === 'opaque' && other.path === change.path))),
    );
    if (!clash) kept.push(change);
  }
  return kept;
}

function isWhiteout({ kind }: Change): boolean {
  return kind === 'whiteout' || kind === 'opaque';
}

/** image-spec, layer.md: whiteouts hide what lower layers have; a file takes the place of what it meets. Gives all paths. */
function modelOf(stack: readonly (readonly Change[])[]): ReadonlySet<string> {
  const tree = new Map<string, 'file' | 'directory'>();
  const removeBelow = (path: string) => [...tree.keys()].filter((key) => key.startsWith(`${path}/`)).forEach((key) => tree.delete(key));
  const makeDirectory = (path: string) => {
    const names = path.split('/');
    for (let count = 1; count <= names.length; count++) tree.set(names.slice(0, count).join('/'), 'directory');
  };
  for (const changes of stack) {
    for (const { kind, path } of changes) {
      if (kind === 'whiteout') tree.delete(path);
      if (kind === 'whiteout' || kind === 'opaque') removeBelow(path);
    }
    for (const { kind, path } of changes) {
      const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
      if (parent !== '') makeDirectory(parent);
      if (kind === 'directory' || kind === 'opaque') makeDirectory(path);
      if (kind !== 'file') continue;
      removeBelow(path);
      tree.set(path, 'file');
    }
  }
  return new Set(tree.keys());
}
