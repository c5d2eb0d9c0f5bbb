// Files and folders that appear whole or not at all: what was at their place, who may read them, and where links and devices lead.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { blobOf } from '../../src/model/blob.ts';
import { UnbakeError } from '../../src/model/error.ts';
import { type FolderMember, stageFile, stageFolder } from '../../src/store/staged.ts';
import { asNobody } from '../support/nobody.ts';
import { namesIn } from '../support/output.ts';
import { scratch } from '../support/scratch.ts';
import { needs, tool } from '../support/tool.ts';

const is = (code: string, words: RegExp) => (thrown: unknown) =>
  thrown instanceof UnbakeError && thrown.code === code && words.test(`${thrown.message} ${thrown.hint ?? ''}`);
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
const umask = process.umask();
const ours = () => namesIn(tmpdir()).filter((name) => /^unbake-[0-9a-f]{24}$/.test(name));

async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

describe('stageFile', () => {
  const files = scratch();

  it('a new file is not there before commit, and then it is', async () => {
    const folder = files.newFolder();
    const path = join(folder, 'report');
    const staged = await stageFile(path, pieces('one ', '', 'two'), { mode: 0o644 });
    assert.equal(existsSync(path), false);
    assert.equal(readFileSync(staged.path, 'utf8'), 'one two');
    await staged.commit();
    assert.equal(readFileSync(path, 'utf8'), 'one two');
    assert.equal(modeOf(path), (0o644 & ~umask).toString(8));
    assert.deepEqual(namesIn(folder), ['report']);
  });

  it('text, and no text at all', async () => {
    const path = join(files.newFolder(), 'x');
    await (await stageFile(path, 'text', { mode: 0o644 })).commit();
    assert.equal(readFileSync(path, 'utf8'), 'text');
    await (await stageFile(path, '', { mode: 0o644 })).commit();
    assert.equal(readFileSync(path, 'utf8'), '');
  });

  it('a private file is private from its first byte, a file that is there keeps its mode and owner', async () => {
    const path = join(files.newFolder(), 'x');
    const modes: string[] = [];
    const looking = async function* (folder: string): AsyncGenerator<Uint8Array> {
      yield Buffer.from('a');
      modes.push(...namesIn(folder).map((name) => modeOf(join(folder, name))));
    };
    await (await stageFile(path, looking(join(path, '..')), { mode: 0o600 })).commit();
    assert.deepEqual([modes, modeOf(path)], [['600'], '600']);
    await (await stageFile(path, 'next', { mode: 0o644 })).commit();
    assert.equal(modeOf(path), '600', 'it was private');
    chmodSync(path, 0o664);
    if (process.getuid!() === 0) chownSync(path, 1234, 2345);
    const { uid, gid } = statSync(path);
    await (await stageFile(path, 'next', { mode: 0o644 })).commit();
    assert.equal(modeOf(path), '664');
    assert.deepEqual([statSync(path).uid, statSync(path).gid], [uid, gid]);
    await (await stageFile(path, 'secret', { mode: 0o600 })).commit();
    assert.equal(modeOf(path), '600', 'what is private stays private');
  });

  it('follows symbolic links to their end, also where nothing is yet', async () => {
    const folder = files.newFolder();
    mkdirSync(join(folder, 'a/b'), { recursive: true });
    symlinkSync('a/b', join(folder, 'inner'));
    // Read as text this would lead to FOLDER/real; `inner/..` is FOLDER/a.
    symlinkSync('inner/../real', join(folder, 'link'));
    symlinkSync(join(folder, 'link'), join(folder, 'link to link'));
    for (const text of ['first', 'second']) {
      await (await stageFile(join(folder, 'link to link'), text, { mode: 0o644 })).commit();
      assert.equal(readFileSync(join(folder, 'a/real'), 'utf8'), text);
    }
    assert.equal(readlinkSync(join(folder, 'link')), 'inner/../real');
    assert.deepEqual(
      [namesIn(folder), namesIn(join(folder, 'a'))],
      [
        ['a', 'inner', 'link', 'link to link'],
        ['b', 'real'],
      ],
    );
  });

  it('who holds the old file under another name or open keeps it', async () => {
    const folder = files.newFolder();
    const path = join(folder, 'x');
    writeFileSync(path, 'old');
    linkSync(path, join(folder, 'other'));
    const open = openSync(path, 'r');
    await (await stageFile(path, 'new', { mode: 0o644 })).commit();
    assert.deepEqual([readFileSync(path, 'utf8'), readFileSync(join(folder, 'other'), 'utf8'), readFileSync(open, 'utf8')], ['new', 'old', 'old']);
  });

  it('what the source throws is passed on, and nothing is left', async () => {
    const folder = files.newFolder();
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('some');
      throw new TypeError('a bug');
    };
    await assert.rejects(stageFile(join(folder, 'x'), broken(), { mode: 0o644 }), TypeError);
    assert.deepEqual(namesIn(folder), []);
  });

  it('what may not be written is told before anything is read', async () => {
    const folder = files.newFolder();
    chmodSync(files.folder, 0o755);
    chmodSync(folder, 0o777);
    const path = join(folder, 'x');
    writeFileSync(path, 'old');
    chmodSync(path, 0o444);
    mkdirSync(join(folder, 'closed'), 0o555);
    if (process.getuid!() === 0) chownSync(path, 65534, 65534);
    await asNobody(async () => {
      const never = (): AsyncIterable<Uint8Array> => ({ [Symbol.asyncIterator]: () => assert.fail('it was read') });
      await assert.rejects(stageFile(path, never(), { mode: 0o644 }), is('io', /permission denied.*may write/));
      await assert.rejects(stageFile(join(folder, 'closed/x'), never(), { mode: 0o644 }), is('io', /closed\/x cannot be written: EACCES.*may write/));
      await assert.rejects(stageFolder(join(folder, 'closed/x'), [], { isPrivate: true }), is('io', /closed\/x cannot be written: EACCES/));
    });
    assert.deepEqual([readFileSync(path, 'utf8'), namesIn(folder)], ['old', ['closed', 'x']]);
  });

  it('into a device, which is not replaced', async () => {
    const before = ours();
    const { rdev, ino } = statSync('/dev/null');
    const staged = await stageFile('/dev/null', pieces('gone'), { mode: 0o644 });
    assert.equal(readFileSync(staged.path, 'utf8'), 'gone');
    assert.equal(modeOf(staged.path), '600');
    await staged.commit();
    assert.deepEqual([statSync('/dev/null').rdev, statSync('/dev/null').ino], [rdev, ino]);
    assert.deepEqual(ours(), before);
  });

  it('into a named pipe, once somebody reads it; a reader that does not come can be waited for no more', async function () {
    needs(this, 'mkfifo');
    const before = ours();
    const path = join(files.newFolder(), 'pipe');
    tool('mkfifo', [path]);
    const text = 'x'.repeat(300_000);
    const committed = (await stageFile(path, text, { mode: 0o644 })).commit();
    await sleep(120);
    const reader = spawn('cat', [path]);
    let read = '';
    reader.stdout.on('data', (chunk: Buffer) => (read += chunk.toString()));
    await Promise.all([committed, once(reader, 'close')]);
    assert.equal(read, text);

    const controller = new AbortController();
    const waiting = (await stageFile(path, text, { mode: 0o644, signal: controller.signal })).commit();
    setTimeout(() => controller.abort(new UnbakeError('interrupted', 'interrupted')), 100);
    await assert.rejects(waiting, { code: 'interrupted' });
    assert.ok(lstatSync(path).isFIFO());
    assert.deepEqual(ours(), before);
  });

  const source = new URL('../../src/store/staged.ts', import.meta.url).pathname;
  const toStandardOutput = `import { stageFile } from ${JSON.stringify(source)}; const staged = await stageFile(process.argv[1], 'by path', { mode: 0o644 }); await staged.commit();`;
  for (const path of ['/dev/stdout', '/dev/fd/1', '/proc/self/fd/1']) {
    it(`${path} is a pipe, or a file that is appended to`, function () {
      if (process.platform !== 'linux') this.skip();
      const args = ['--input-type=module', '-e', toStandardOutput, path];
      assert.equal(spawnSync('sh', ['-c', '"$@" | cat', 'sh', process.execPath, ...args]).stdout.toString(), 'by path');
      const file = files.file(Buffer.from('before '));
      spawnSync(process.execPath, args, { stdio: ['ignore', openSync(file, 'a'), 'inherit'] });
      assert.equal(readFileSync(file, 'utf8'), 'before by path');
    });
  }
});

describe('stageFolder', () => {
  const files = scratch();
  const members: readonly FolderMember[] = [
    { name: 'manifest.json', content: '{}', mode: 0o600 },
    { name: 'files/0001', content: blobOf(Buffer.from('a body')), mode: 0o600 },
    { name: 'deep/er/run.sh', content: () => pieces('#!', '/bin/sh'), mode: 0o755 },
    { name: 'empty', content: '', mode: 0o644 },
  ];
  const contentsIn = (path: string) => members.map(({ name }) => [readFileSync(join(path, name), 'utf8'), modeOf(join(path, name))]);
  const expected = [
    ['{}', '600'],
    ['a body', '600'],
    ['#!/bin/sh', (0o755 & ~umask).toString(8)],
    ['', (0o644 & ~umask).toString(8)],
  ];

  for (const [isPrivate, mode] of [
    [true, '700'],
    [false, (0o777 & ~umask).toString(8)],
  ] as const) {
    it(`${isPrivate ? 'its owner alone' : 'others, too,'} may enter it, from its beginning`, async () => {
      const folder = files.newFolder();
      const path = join(folder, 'a "vault"\n');
      const modes: string[] = [];
      const looking = async function* (): AsyncGenerator<Uint8Array> {
        modes.push(...namesIn(folder).map((name) => modeOf(join(folder, name))));
        yield Buffer.from('seen');
      };
      const staged = await stageFolder(path, [...members, { name: 'last', content: looking, mode: 0o600 }], { isPrivate });
      assert.deepEqual([modes, existsSync(path)], [[mode], false]);
      await staged.commit();
      assert.deepEqual(contentsIn(path), expected);
      assert.equal(modeOf(path), mode);
      assert.equal(modeOf(join(path, 'deep/er')), mode);
      assert.deepEqual([namesIn(folder), namesIn(path)], [['a "vault"\n'], ['deep', 'empty', 'files', 'last', 'manifest.json']]);
      await staged.discard();
      assert.ok(existsSync(path));
    });
  }

  it('takes the place of an empty folder, also through a link, and makes a private one of it', async () => {
    const folder = files.newFolder();
    mkdirSync(join(folder, 'empty'), 0o755);
    symlinkSync('empty', join(folder, 'link'));
    await (await stageFolder(join(folder, 'link'), members, { isPrivate: true })).commit();
    assert.deepEqual(contentsIn(join(folder, 'empty')), expected);
    assert.equal(modeOf(join(folder, 'empty')), '700');
    assert.deepEqual(namesIn(folder), ['empty', 'link']);
  });

  it('does not touch what is there', async () => {
    const folder = files.newFolder();
    writeFileSync(join(folder, 'file'), 'mine');
    await assert.rejects(stageFolder(folder, members, { isPrivate: true }), is('usage', /not empty/));
    await assert.rejects(stageFolder(join(folder, 'file'), members, { isPrivate: true }), is('usage', /no folder/));
    await assert.rejects(stageFolder('/dev/null', members, { isPrivate: true }), is('usage', /no folder/));
    await assert.rejects(stageFolder(join(folder, 'no/such'), members, { isPrivate: true }), is('usage', /mkdir -p/));
    assert.deepEqual(namesIn(folder), ['file']);
  });

  for (const name of ['', '/etc/passwd', '../out', 'a/../../out', 'a//b', './a', 'a/']) {
    it(`${JSON.stringify(name)} is no path inside it`, async () => {
      const folder = files.newFolder();
      await assert.rejects(stageFolder(join(folder, 'x'), [{ name, content: '', mode: 0o600 }], { isPrivate: true }), is('usage', /no path inside/));
      assert.deepEqual(namesIn(folder), []);
    });
  }

  it('stops when it is told to, and when a member cannot be read, and leaves nothing', async () => {
    const folder = files.newFolder();
    const controller = new AbortController();
    const stage = (content: FolderMember['content']) =>
      stageFolder(join(folder, 'x'), [...members, { name: 'x', content, mode: 0o600 }], { isPrivate: true, signal: controller.signal });
    await assert.rejects(
      stage(() => {
        throw new UnbakeError('damaged', 'no body');
      }),
      { code: 'damaged' },
    );
    await assert.rejects(
      stage(async function* () {
        controller.abort(new UnbakeError('interrupted', 'interrupted'));
        yield Buffer.from('x');
      }),
      { code: 'interrupted' },
    );
    assert.deepEqual(namesIn(folder), []);
  });
});
