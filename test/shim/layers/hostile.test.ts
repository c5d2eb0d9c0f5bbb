// Layers that try to reach what is not theirs, each built in code and unpacked both ways: it ends in an error that names it, or inside.
import assert from 'node:assert/strict';
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { UnbakeError } from '../../../src/model/error.ts';
import { unpackedLayers } from '../../../src/shim/layers/layer-store.ts';
import {
  directory,
  entry,
  file,
  gnuLongLink,
  gnuLongName,
  gnuSparse,
  hardlink,
  header,
  opaque,
  pax,
  symlink,
  tar,
  whiteout,
} from '../../support/raw-tar.ts';
import { scratch } from '../../support/scratch.ts';
import { layer, layerOf, listing, newHome, unpack, ways } from './unpacking.ts';

interface Attack {
  readonly entries: readonly Buffer[];
  /** What the error says. Without it the layer is unpacked, and `inside` is there. */
  readonly refused?: RegExp;
  readonly inside?: readonly string[];
}

const device = (name: string, major: number, minor: number) =>
  entry({
    name,
    type: '3',
    patches: [
      { at: 329, bytes: Buffer.from(`${major.toString(8).padStart(7, '0')}\0`) },
      { at: 337, bytes: Buffer.from(`${minor.toString(8).padStart(7, '0')}\0`) },
    ],
  });

/** `outside` is the folder of the canaries; up is a way to it. */
function attacks(outside: string): Readonly<Record<string, Attack>> {
  const up = '../'.repeat(12);
  return {
    'a name that climbs': { entries: [file(`${up}tmp/climbed`, 'x')], inside: ['tmp/climbed'] },
    'an absolute name': { entries: [file(`${outside}/canary`, 'x')], inside: [`${outside}/canary`.slice(1)] },
    'a link out and a file through it': { entries: [symlink('l', outside), file('l/canary', 'x')], inside: [`${outside}/canary`.slice(1)] },
    'a link up and a file through it': { entries: [symlink('l', `${up}${outside}`), file('l/canary', 'x')], inside: [`${outside}/canary`.slice(1)] },
    'links on links': {
      entries: [symlink('a', 'b/c'), directory('b'), symlink('b/c', `..${outside}/..`), file('a/canary', 'x')],
      inside: [join(outside, '../canary').slice(1)],
    },
    'a link and a file of the same name': { entries: [symlink('l', `${outside}/canary`), file('l', 'x')], inside: ['l'] },
    'a directory that becomes a link': {
      entries: [directory('d'), directory('d/e'), file('d/e/canary', 'old'), symlink('d', outside), file('d/e/canary', 'x')],
      inside: [`${outside}/e/canary`.slice(1)],
    },
    'directories whose modes come last, one a link by then': {
      entries: [directory('d', { mode: 0o700 }), directory('d/folder', { mode: 0o777, mtime: 1 }), symlink('d', outside)],
      inside: ['d'],
    },
    'a hard link out by its name': { entries: [hardlink('h', `${up}${outside}/canary`)], refused: /hard link to .* which is not in this layer/ },
    'a hard link out through a link': {
      entries: [symlink('l', outside), hardlink('h', 'l/canary'), file('h', 'x')],
      refused: /entry 1 \(\/h\).*not in this layer/,
    },
    'a hard link to a link, and a file through it': {
      entries: [symlink('l', `${outside}/canary`), hardlink('h', 'l'), file('h', 'x')],
      inside: ['l', 'h'],
    },
    'a hard link to a directory': { entries: [directory('d'), hardlink('h', 'd')], refused: /hard link to the directory \/d/ },
    'a hard link to the root': { entries: [hardlink('h', '/')], refused: /hard link to the directory \// },
    'a hard link before its target': { entries: [hardlink('h', 'f'), file('f', '')], refused: /not in this layer before it/ },
    'a hard link that replaces the directory of its target': {
      entries: [file('d/f', ''), hardlink('d', 'd/f')],
      refused: /entry 1 \(\/d\).*not in this layer/,
    },
    'a link circle as a parent': { entries: [symlink('a', 'b'), symlink('b', 'a'), file('a/x', '')], refused: /more than 40 symbolic links/ },
    'a file as a parent': { entries: [file('f', ''), file('f/x', '')], refused: /\/f on its path is no directory/ },
    'a device as a parent': { entries: [entry({ name: 'f', type: '6' }), file('f/x', '')], refused: /\/f on its path is no directory/ },
    'a file in the place of the root': { entries: [file('.', 'x')], refused: /take the place of the root/ },
    'a link in the place of the root': { entries: [symlink('x/..', outside)], refused: /take the place of the root/ },
    'a hard link in the place of the root': { entries: [file('f', ''), hardlink('/', 'f')], refused: /take the place of the root/ },
    'a root that nobody may enter': { entries: [directory('./', { mode: 0o000 }), file('f', 'x')], inside: ['f'] },
    'a whiteout of the directory above': { entries: [file('d/.wh...', '')], refused: /by one of its names/ },
    'a whiteout of the directory itself': { entries: [file('d/.wh..', '')], refused: /by one of its names/ },
    'a whiteout of the root': { entries: [file('.wh...', '')], refused: /by one of its names/ },
    'a whiteout through a link out': { entries: [symlink('l', outside), whiteout('l/canary'), opaque('l')], inside: ['l'] },
    'a name with a NUL': { entries: [pax([['path', 'a\0b']]), file('x', '')], refused: /NUL/ },
    'a link target with a NUL': { entries: [pax([['linkpath', 'a\0b']]), symlink('x', 'y')], refused: /no path/ },
    'a link to nothing': { entries: [symlink('x', '')], refused: /no path/ },
    'a link target that is too long': { entries: [gnuLongLink('x'.repeat(4096)), symlink('x', '')], refused: /no path/ },
    'a name that is too long': { entries: [gnuLongName(`d/${'x'.repeat(256)}`), file('x', '')], refused: /longer than 255/ },
    'a path that is too long': { entries: [gnuLongName('dir/'.repeat(1100) + 'x'), file('x', '')], refused: /longer than a file system takes/ },
    'a path that grows by links': {
      entries: [
        gnuLongName('dir/'.repeat(700) + 'x'),
        directory('x'),
        gnuLongLink('dir/'.repeat(700)),
        symlink('l', ''),
        gnuLongName('l/' + 'dir/'.repeat(500) + 'y'),
        file('y', ''),
      ],
      refused: /longer than a file system takes/,
    },
    'an owner that is none': { entries: [file('f', '', { uid: -1n })], refused: /owner or group/ },
    'a group beyond 32 bits': { entries: [file('f', '', { gid: 2n ** 40n })], refused: /owner or group/ },
    'times beyond all clocks': {
      entries: [file('f', '', { mtime: 2n ** 80n }), directory('d', { mtime: -(2n ** 80n) }), symlink('l', 'x', { mtime: -5n })],
      inside: ['f', 'd', 'l'],
    },
    'a device of overlays': { entries: [device('f', 0, 0)], inside: [] },
    'a sparse file whose length is no number': {
      entries: [gnuSparse('f', [{ offset: 0, data: Buffer.from('x') }], 2 ** 62)],
      refused: /cannot be read/,
    },
    'a sparse file larger than any file system': {
      entries: [gnuSparse('f', [{ offset: 0, data: Buffer.from('x') }], 2 ** 52)],
      refused: /takes no such file/,
    },
    'a sparse file with data behind its end': {
      entries: [gnuSparse('f', [{ offset: 5000, data: Buffer.from('x') }], 10)],
      refused: /behind its own end/,
    },
    'attributes that steer overlays': {
      entries: [
        pax([
          ['SCHILY.xattr.trusted.overlay.redirect', '/etc'],
          ['SCHILY.xattr.user.overlay.opaque', 'y'],
        ]),
        directory('d'),
      ],
      inside: ['d'],
    },
    'a name that is an option of programs': {
      entries: [
        device('--help', 1, 3),
        entry({ name: '-rf', type: '6' }),
        opaque('-d'),
        whiteout('-w'),
        pax([['SCHILY.xattr.user.x', 'y']]),
        file('--restore=x', ''),
      ],
      inside: ['--restore=x', '-rf'],
    },
    'names with line feeds and attributes': {
      entries: [
        pax([['SCHILY.xattr.user.x', 'y\n\n# file: /etc/passwd\nuser.pwned=1\n']]),
        file(`n\n\n# file: ${outside}/canary\nuser.pwned="1"\n`, ''),
      ],
      inside: ['n\n\n# file: '],
    },
  };
}

describe('a hostile layer', () => {
  const { newFolder } = scratch();

  /** A folder with things that must stay as they are. */
  function canaries(): string {
    const folder = newFolder();
    mkdirSync(join(folder, 'folder'), { mode: 0o750 });
    writeFileSync(join(folder, 'canary'), 'alive', { mode: 0o640 });
    writeFileSync(join(folder, 'folder/canary'), 'alive');
    linkSync(join(folder, 'canary'), join(folder, 'second'));
    symlinkSync('canary', join(folder, 'link'));
    return folder;
  }

  for (const way of ways) {
    for (const name of Object.keys(attacks('/tmp/x'))) {
      it(`with ${name} touches nothing outside (${way})`, async () => {
        const base = newFolder();
        const outside = canaries();
        const home = await newHome(join(base, 'home'));
        writeFileSync(join(base, 'canary'), 'beside the home');
        writeFileSync(join(home.layers, 'canary'), 'beside the layers');
        const { entries, refused, inside = [] } = attacks(outside)[name]!;
        const before = [listing(outside), listing(base)['canary'], listing(home.layers)];
        const outcome = await unpack(way, home, layer(...entries)).catch((thrown: unknown) => thrown);
        assert.deepEqual(listing(outside), before[0]);
        assert.equal(listing(base)['canary'], before[1]);
        assert.equal(listing(base)['home/layers/canary']?.startsWith('file'), true);
        if (refused !== undefined) {
          assert.ok(outcome instanceof UnbakeError, String(outcome));
          assert.equal(outcome.code, 'damaged');
          assert.match(outcome.message, refused);
          assert.deepEqual(listing(home.layers), before[2], 'nothing is kept');
          assert.deepEqual(listing(home.containers), {});
          return;
        }
        if (outcome instanceof Error) throw outcome;
        const found = listing((outcome as { tree: string }).tree);
        for (const path of inside) assert.ok(path in found, `${path} in ${Object.keys(found).join(' ')}`);
      });
    }
  }

  it('that is no tar, cut short or not what its name says is refused, and nothing is kept', async () => {
    const home = await newHome(newFolder());
    const whole = tar(file('f', 'x'.repeat(2000)));
    const broken = Buffer.from(whole);
    broken[0] = 0x41;
    const cases: readonly (readonly [Buffer, RegExp])[] = [
      [Buffer.from('no tar at all'.repeat(100)), /no tar archive/],
      [whole.subarray(0, 1500), /truncated/],
      [Buffer.concat([file('a', ''), broken]), /wrong checksum/],
      [Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('garbage')]), /damaged/],
      [Buffer.concat([header({ name: 'f', size: Buffer.from('9999999zzzz\0') })]), /size/],
    ];
    for (const way of ways) {
      for (const [bytes, message] of cases)
        await assert.rejects(
          unpack(way, home, layerOf(bytes)),
          (error) => error instanceof UnbakeError && error.code === 'damaged' && message.test(error.message),
        );
      const wrong = { ...layerOf(whole), diffId: layerOf(broken).diffId };
      await assert.rejects(unpack(way, home, wrong), { code: 'damaged', message: /is not what the config of its image says/ });
    }
    assert.deepEqual(listing(home.layers), {});
    assert.deepEqual(listing(home.containers), {});
    assert.deepEqual(await unpackedLayers(home), []);
  });

  it('of any headers ends in a tree or in an error of ours', async () => {
    const home = await newHome(newFolder());
    const outside = canaries();
    const before = listing(outside);
    const parts = [
      directory('d'),
      symlink('d/l', outside),
      file('d/f', 'body'),
      hardlink('h', 'd/f'),
      whiteout('d/gone'),
      device('null', 1, 3),
      pax([
        ['SCHILY.xattr.user.a', 'b'],
        ['path', 'long'],
      ]),
      file('x', 'y'),
      gnuSparse('sparse', [{ offset: 10, data: Buffer.from('z') }], 100),
    ];
    const change = fc.record({ part: fc.nat(parts.length - 1), at: fc.nat(511), bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), fc.constantFrom(...ways), async (changes, way) => {
        const changed = parts.map((part) => Buffer.from(part));
        for (const { part, at, bytes } of changes) changed[part]!.set(bytes.subarray(0, 512 - at), at);
        changed.forEach(correctChecksum);
        const outcome = await unpack(way, home, layer(...changed)).catch((thrown: unknown) => thrown);
        if (outcome instanceof Error) assert.ok(outcome instanceof UnbakeError, outcome.stack);
        assert.deepEqual(listing(outside), before);
      }),
      { numRuns: 300 },
    );
  });

  it('cannot reach a lower layer through links either (merged)', async () => {
    const home = await newHome(newFolder());
    const outside = canaries();
    const before = listing(outside);
    const { tree } = await unpack(
      'merged',
      home,
      layer(symlink('l', outside), symlink('w', outside)),
      layer(file('l/canary', 'x'), whiteout('w/canary'), hardlink('again', 'l/canary')),
    );
    assert.deepEqual(listing(outside), before);
    assert.deepEqual(Object.keys(listing(tree)), ['again', 'l', 'l/canary', 'w']);
  });
});

function correctChecksum(block: Buffer): void {
  block.fill(' ', 148, 156);
  const sum = block.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}
