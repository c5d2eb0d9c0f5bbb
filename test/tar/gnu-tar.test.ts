// Archives that GNU tar makes of a folder, in each of its formats: held against the folder itself and against another reader.
import assert from 'node:assert/strict';
import {
  closeSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import { type Scratch, scratch } from '../support/scratch.ts';
import { needs, tool } from '../support/tool.ts';
import { assertEveryByteOnce, assertTiled, contentOf, essence, type Recording, type RecordedEntry, walked } from './recorded.ts';

let files: Scratch;
const latin1 = (path: string) => Buffer.from(path).toString('latin1');

/** Names up to what v7 can say; `long` ones beyond. */
function makeFolder(isLong: boolean): string {
  const folder = files.newFolder();
  const put = (name: string, content: string | Buffer) => {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content, { mode: 0o640 });
    utimesSync(join(folder, name), 1_700_000_000, 1_700_000_000);
  };
  put('empty', '');
  put('srv/small', 'some text\n');
  put('srv/block', Buffer.alloc(512, 'b'));
  put('srv/larger', Buffer.alloc(70_001, 'larger '));
  put('srv/größe', 'umlaut');
  put('srv/with space\nand line', 'odd name');
  mkdirSync(join(folder, 'srv/directory'));
  symlinkSync('../srv/small', join(folder, 'srv/symlink'));
  linkSync(join(folder, 'srv/small'), join(folder, 'srv/zz-hardlink'));
  if (isLong) {
    put(`${'d'.repeat(80)}/${'n'.repeat(99)}`, 'fits a prefix');
    put(`${'d'.repeat(200)}/${'n'.repeat(200)}`, 'fits nowhere');
    symlinkSync('t'.repeat(180), join(folder, 'srv/long-symlink'));
    linkSync(join(folder, 'd'.repeat(200), 'n'.repeat(200)), join(folder, 'zz-long-hardlink'));
  }
  return folder;
}

function archiveOf(folder: string, ...flags: string[]): Buffer {
  const path = join(files.folder, `made-${Math.random()}.tar`);
  tool('tar', ['--sort=name', '--numeric-owner', '-C', folder, ...flags, '-cf', path, '.']);
  return readFileSync(path);
}

/** Each entry against the file of its name. */
function assertIsFolder(recording: Recording, folder: string): void {
  assert.deepEqual(recording.damage, []);
  assert.deepEqual(recording.notices, []);
  const names = tool('find', ['.', '-mindepth', '1', '-printf', '%P\\0'], { cwd: folder })
    .split('\0')
    .filter((name) => name !== '');
  assert.deepEqual(
    recording.entries
      .map(({ entry }) => entry.path)
      .filter((path) => path !== '')
      .sort(),
    names.map(latin1).sort(),
  );
  for (const recorded of recording.entries) assertIsFile(recorded, folder);
}

function assertIsFile(recorded: RecordedEntry, folder: string): void {
  const { entry } = recorded;
  const path = join(folder, Buffer.from(entry.path, 'latin1').toString());
  const stats = lstatSync(path);
  assert.deepEqual(
    [entry.mode & 0o7777, entry.uid, entry.gid, entry.mtime],
    [stats.mode & 0o7777, stats.uid, stats.gid, Math.floor(stats.mtimeMs / 1000)],
    entry.path,
  );
  if (stats.isDirectory()) assert.equal(entry.kind, 'directory');
  else if (stats.isSymbolicLink()) assert.deepEqual([entry.kind, entry.linkTarget], ['symlink', latin1(readlinkSync(path))]);
  else if (entry.kind === 'hardlink') assert.equal(lstatSync(join(folder, Buffer.from(entry.linkTarget!, 'latin1').toString())).ino, stats.ino);
  else {
    assert.equal(entry.kind, 'file');
    assert.ok(contentOf(recorded, stats.size).equals(readFileSync(path)), `the content of ${entry.path}`);
  }
}

describe('TarWalk, over what GNU tar writes', () => {
  files = scratch();
  before(function () {
    needs(this, 'tar', 'find');
  });

  for (const format of ['v7', 'oldgnu', 'gnu', 'ustar', 'posix']) {
    it(`reads ${format} like the folder itself and like tar-stream`, async () => {
      const folder = makeFolder(format !== 'v7' && format !== 'ustar');
      const archive = archiveOf(folder, `--format=${format}`);
      const recording = walked(archive);
      assertIsFolder(recording, folder);
      assertEveryByteOnce(archive, recording);
      assertTiled(recording);
      for (const cuts of [[1], [511], [513, 70_000], [65_536]]) assert.deepEqual(essence(walked(archive, cuts)), essence(recording));
      const theirs = await readByTarStream(archive);
      assert.deepEqual(
        recording.entries.map(({ entry }) => entry.rawPath.replace(/\/$/, '')),
        theirs.map(({ name }) => latin1(name).replace(/\/$/, '')),
      );
      assert.deepEqual(
        recording.entries.map((each) => contentOf(each).toString('latin1')),
        theirs.map(({ body }) => body.toString('latin1')),
      );
    });
  }

  for (const flags of [
    ['--format=oldgnu'],
    ['--format=gnu'],
    ['--format=posix', '--sparse-version=0.1'],
    ['--format=posix', '--sparse-version=1.0'],
    ['--format=posix', '--sparse-version=0.0'],
  ]) {
    it(`reads sparse files of ${flags.join(' ')} like the files themselves`, () => {
      const folder = files.newFolder();
      const put = (name: string, size: number, pieces: readonly number[]) => {
        const descriptor = openSync(join(folder, name), 'w');
        for (const offset of pieces) writeSync(descriptor, `a piece at ${offset} `.repeat(300), offset);
        if (size > 0) writeSync(descriptor, '\0', size - 1);
        closeSync(descriptor);
        utimesSync(join(folder, name), 1_700_000_000, 1_700_000_000);
      };
      put('few', 400_000, [65_536]);
      put(
        'many',
        4_000_000,
        Array.from({ length: 40 }, (_, index) => index * 98_304 + 8192),
      );
      put('hole only', 1_000_000, []);
      const archive = archiveOf(folder, '-S', ...flags);
      assert.ok(archive.length < 1_500_000, 'the file system keeps no holes');
      const recording = walked(archive);
      assertIsFolder(recording, folder);
      assertEveryByteOnce(archive, recording);
      assertTiled(recording);
      assert.deepEqual(essence(walked(archive, [700, 13])), essence(recording));
    });
  }

  it('reads incremental archives', () => {
    const folder = makeFolder(true);
    const archive = archiveOf(folder, '--format=gnu', `--listed-incremental=${join(files.folder, 'snapshot')}`);
    const recording = walked(archive);
    assertEveryByteOnce(archive, recording);
    assertTiled(recording);
    assert.deepEqual(recording.damage, []);
    assert.ok(recording.entries.some(({ entry, body }) => entry.kind === 'directory' && body.length > 0));
  });
});

async function readByTarStream(archive: Buffer): Promise<{ name: string; body: Buffer }[]> {
  const seen: { name: string; body: Buffer }[] = [];
  const reader = extract({ allowUnknownFormat: true } as Parameters<typeof extract>[0]);
  reader.end(archive);
  for await (const member of reader) seen.push({ name: member.header.name, body: await buffer(member) });
  return seen;
}
