import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { UnbakeError } from '../../src/model/error.ts';
import { readFileInRoot } from '../../src/shim/read-in-root.ts';
import { resolveInRoot } from '../../src/shim/rooted.ts';
import { scratch } from '../support/scratch.ts';
import { needs, skip, tool } from '../support/tool.ts';

describe('paths inside an image', () => {
  const { newFolder } = scratch();

  /** A tree in a folder, beside which stands a file that nothing may reach. `name -> target` is a link. */
  function tree(files: Readonly<Record<string, string>>): string {
    const root = join(newFolder(), 'root');
    mkdirSync(root);
    writeFileSync(join(root, '../outside'), 'outside');
    for (const [name, content] of Object.entries(files)) {
      const [path, target] = name.split(' -> ');
      mkdirSync(join(root, dirname(path!)), { recursive: true });
      if (target === undefined) writeFileSync(join(root, path!), content);
      else symlinkSync(target, join(root, path!));
    }
    return root;
  }

  const resolved = (root: string, path: string, follow = true) => resolveInRoot(root, path, { follow });
  const text = (root: string, path: string) => readFileInRoot(root, path, 1000)?.toString();

  it('are read where they stand', () => {
    const root = tree({ 'etc/passwd': 'root' });
    for (const path of ['etc/passwd', '/etc/passwd', './etc//passwd', 'etc/../etc/passwd', '../../../etc/passwd'])
      assert.equal(text(root, path), 'root', path);
  });

  it('are never read outside of the root, whatever is put in place meanwhile', async () => {
    const root = tree({ 'p/passwd': 'inside', 'etc/passwd -> /p/passwd': '' });
    writeFileSync(join(root, '../passwd'), 'outside');
    symlinkSync(join(root, '..'), join(root, 'b'));
    const script = "for (;;) { fs.renameSync('p', 'a'); fs.renameSync('b', 'p'); fs.renameSync('p', 'b'); fs.renameSync('a', 'p'); }";
    const swapping = spawn(process.execPath, ['-e', `console.log('on'); ${script}`], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await once(swapping.stdout, 'data');
      const seen = new Set<string | undefined>();
      for (let tries = 0; tries < 20_000; tries++) seen.add(text(root, 'etc/passwd'));
      assert.deepEqual([...seen].sort(), ['inside', undefined]);
    } finally {
      swapping.kill('SIGKILL');
      await once(swapping, 'close');
    }
  });

  it('follow links inside the root only', () => {
    const root = tree({
      'real/passwd': 'inside',
      'etc -> real': '',
      'absolute -> /real/passwd': '',
      'up -> ../../../../real/passwd': '',
      'deep/er -> ../absolute': '',
      'host -> /../outside': '',
      'beside -> ../outside': '',
    });
    for (const path of ['etc/passwd', 'absolute', 'up', 'deep/er', 'deep/../etc/passwd']) assert.equal(text(root, path), 'inside', path);
    for (const path of ['host', 'beside', '../outside', 'etc/../../outside']) assert.equal(text(root, path), undefined, path);
    assert.equal(resolved(root, 'host').path.toString(), join(root, 'outside'));
  });

  it('keep a link at their end when asked to', () => {
    const root = tree({ 'a/file': '', 'dir -> a': '', 'a/link -> file': '' });
    const kept = resolved(root, 'dir/link', false);
    assert.equal(kept.path.toString(), join(root, 'a/link'));
    assert.ok(kept.stats!.isSymbolicLink());
    assert.equal(resolved(root, 'dir/link').path.toString(), join(root, 'a/file'));
  });

  it('are told when nothing is there, with their parents resolved as far as they go', () => {
    const root = tree({ 'a/file': '', 'dir -> a': '', 'dangling -> /new/place': '' });
    for (const [path, expected] of [
      ['dir/new/file', 'a/new/file'],
      ['a/file/below', 'a/file/below'],
      ['dangling', 'new/place'],
      ['missing/../a/file', 'a/file'],
    ] as const)
      assert.equal(resolved(root, path).path.toString(), join(root, expected), path);
    assert.equal(resolved(root, 'dir/new/file').stats, undefined);
    assert.equal(resolved(root, 'a/file/below').stats, undefined);
    assert.equal(resolved(root, 'x'.repeat(300)).stats, undefined);
  });

  it('that lead in a circle are an error', () => {
    const root = tree({ 'a -> b': '', 'b -> /a': '', 'self -> self/self': '' });
    for (const path of ['a', 'b/x', 'self'])
      assert.throws(
        () => resolved(root, path),
        (error) => error instanceof UnbakeError && error.code === 'damaged' && /255 symbolic links/.test(error.message),
        path,
      );
    assert.throws(() => resolved(root, 'a\0b'), { code: 'damaged' });
  });

  it('are bytes', () => {
    const root = tree({ plain: '' });
    const name = Buffer.from([0xe4, 0xff]);
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), name]), 'bytes');
    assert.equal(text(root, name.toString('latin1')), 'bytes');
  });

  it('that are no regular file are not read, and none hangs', function () {
    needs(this, 'mkfifo');
    const root = tree({ 'dir/file': '', 'link -> fifo': '' });
    tool('mkfifo', [join(root, 'fifo')]);
    for (const path of ['fifo', 'link', 'dir', 'missing', '']) assert.equal(text(root, path), undefined, path);
  });

  it('lead to files of a bounded size', () => {
    const root = tree({ five: '12345', empty: '' });
    assert.equal(readFileInRoot(root, 'five', 5)!.toString(), '12345');
    assert.equal(readFileInRoot(root, 'empty', 0)!.length, 0);
    assert.throws(() => readFileInRoot(root, 'five', 4), { code: 'limit' });
  });

  it('lead where they lead for who has the root as its own', function () {
    needs(this, 'chroot', 'realpath', 'busybox');
    if (process.getuid!() !== 0) skip(this, 'only root may change its root');
    const names = fc.constantFrom('a', 'b', 'c', '..', '.');
    const path = fc.array(names, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
    const target = fc.tuple(fc.boolean(), path).map(([isAbsolute, to]) => (isAbsolute ? `/${to}` : to));
    const links = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd/a', 'd/b', 'd/e/c'), target), { maxLength: 5 });
    const busybox = tool('sh', ['-c', 'command -v busybox']);
    fc.assert(
      fc.property(links, fc.tuple(fc.constantFrom('', 'd/', 'd/e/'), path), (made, [from, to]) => {
        const root = tree(Object.fromEntries([...new Map(made)].map(([name, at]) => [`${name} -> ${at}`, ''])));
        mkdirSync(join(root, 'd/e'), { recursive: true });
        mkdirSync(join(root, 'bin'));
        writeFileSync(join(root, 'bin/busybox'), '');
        tool('cp', [busybox, join(root, 'bin/busybox')]);
        let expected: string | undefined;
        try {
          expected = tool('chroot', [root, '/bin/busybox', 'realpath', `${from}${to}`]);
        } catch {
          return;
        }
        const found = resolved(root, `${from}${to}`);
        if (found.stats !== undefined) assert.equal(found.path.toString(), join(root, expected).replace(/\/$/, ''));
      }),
      { numRuns: 60 },
    );
  });
});
