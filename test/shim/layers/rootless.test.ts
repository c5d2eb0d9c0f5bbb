// What other users than root get: the same trees, all theirs, and an overlay in a user namespace of their own.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { directory, entry, file, hardlink, opaque, pax, symlink, tar, whiteout } from '../../support/raw-tar.ts';
import { scratch } from '../../support/scratch.ts';
import { needs, skip } from '../../support/tool.ts';
import { isRoot, listing, type Way } from './unpacking.ts';

const child = new URL('unpacking-child.ts', import.meta.url).pathname;
const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];

describe('unpacking without root', () => {
  const { folder, newFolder, file: written } = scratch();

  before(function () {
    needs(this, 'setpriv', 'unshare', 'mknod');
    if (!isRoot) skip(this, 'only root can become somebody else');
    chmodSync(folder, 0o755);
    if (as('unshare', '-U', '-r', '-m', 'true').status !== 0) skip(this, 'no user namespaces here');
  });

  function as(program: string, ...args: readonly string[]) {
    const { status, stdout, stderr } = spawnSync('setpriv', [...nobody, program, ...args], { cwd: '/' });
    return { status, stdout: stdout.toString('latin1'), stderr: stderr.toString() };
  }

  function unpackAs(way: Way, ...tars: readonly Buffer[]) {
    const root = newFolder();
    chmodSync(root, 0o777);
    const paths = tars.map((bytes) => written(bytes));
    paths.forEach((path) => chmodSync(path, 0o644));
    const { status, stdout, stderr } = as(process.execPath, child, join(root, 'home'), way, 'lives', ...paths);
    assert.equal(status, 0, stderr);
    const { trees, notices } = JSON.parse(stdout) as { trees: string[]; notices: { detail: string }[] };
    return { home: join(root, 'home'), trees, details: notices.map(({ detail }) => detail) };
  }

  const lower = tar(
    directory('d', { mode: 0o555, uid: 7 }),
    file('d/old', 'old', { mode: 0o400 }),
    directory('e/f'),
    file('e/f/old', ''),
    file('gone', ''),
  );
  const upper = tar(
    file('d/new', ''),
    opaque('e'),
    file('e/new', ''),
    whiteout('gone'),
    whiteout('d/old'),
    symlink('l', 'd'),
    hardlink('h', 'e/new'),
  );

  it('gives all files to the user, with their modes', () => {
    for (const way of ['layer', 'merged'] as const) {
      const { trees } = unpackAs(
        way,
        tar(
          directory('d', { mode: 0o555, uid: 7, mtime: 5 }),
          file('d/f', 'x', { mode: 0o4755, uid: 8, gid: 9, mtime: 6 }),
          entry({ name: 'p', type: '6', mtime: 7 }),
        ),
      );
      const found = listing(trees[0]!);
      assert.equal(found['d'], 'directory 555 65534:65534 5');
      assert.match(found['d/f']!, /^file 4755 65534:65534 6 /);
      assert.equal(found['p'], 'fifo 644 65534:65534 7');
    }
  });

  it('says what only root can make', () => {
    const odd = tar(
      entry({ name: 'dev/sda', type: '4' }),
      pax([
        ['SCHILY.xattr.user.x', 'y'],
        ['SCHILY.xattr.user.z', 'y'],
      ]),
      file('f', ''),
    );
    for (const way of ['layer', 'merged'] as const) {
      const { trees, details } = unpackAs(way, odd);
      assert.deepEqual(Object.keys(listing(trees[0]!)), ['dev', 'f']);
      assert.deepEqual(details, [
        '1 device node left out, which only root can make (first: /dev/sda)',
        '2 extended attributes left out, as only root can set all of them (first: /f)',
      ]);
    }
  });

  it('makes one tree of layers whose directories may not be written to', () => {
    const { trees } = unpackAs('merged', lower, upper);
    assert.deepEqual(Object.keys(listing(trees[0]!)), ['d', 'd/new', 'e', 'e/new', 'h', 'l']);
  });

  it('makes layers for an overlay of the user', function () {
    const mount = 'mount -t overlay overlay -o "userxattr,lowerdir=$1" "$2" && cd "$2" && find . -mindepth 1 -printf "%P %y %m\\n" | LC_ALL=C sort';
    const probe = newFolder();
    chmodSync(probe, 0o755);
    for (const name of ['a', 'b', 'm']) mkdirSync(join(probe, name));
    if (as('unshare', '-U', '-r', '-m', 'sh', '-c', mount, 'sh', `${probe}/a:${probe}/b`, `${probe}/m`).status !== 0)
      skip(this, 'no overlay in a user namespace here');
    const { trees, home } = unpackAs('layer', lower, upper);
    as('mkdir', join(home, 'merged'));
    const { stdout, stderr } = as('unshare', '-U', '-r', '-m', 'sh', '-c', mount, 'sh', trees.toReversed().join(':'), join(home, 'merged'));
    assert.equal(stdout, 'd d 555\nd/new f 644\ne d 755\ne/new f 644\nh f 644\nl l 777\n', stderr);
  });

  it('removes what may not be written to', () => {
    const { home, trees } = unpackAs('layer', lower);
    const script = `import { homeAt } from ${JSON.stringify(new URL('../../../src/shim/home.ts', import.meta.url).href)};
      import { removeLayer, unpackedLayers } from ${JSON.stringify(new URL('../../../src/shim/layers/layer-store.ts', import.meta.url).href)};
      const home = await homeAt(${JSON.stringify(home)});
      for (const { diffId } of await unpackedLayers(home)) await removeLayer(home, diffId);`;
    const { status, stderr } = as(process.execPath, '--input-type=module-typescript', '-e', script);
    assert.equal(status, 0, stderr);
    assert.equal(trees.length, 1);
    assert.deepEqual(readdirSync(join(home, 'layers')), ['sha256']);
    assert.deepEqual(readdirSync(join(home, 'layers/sha256')), []);
  });
});
