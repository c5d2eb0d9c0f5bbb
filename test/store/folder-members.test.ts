import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesOf } from '../../src/model/blob.ts';
import { FolderMembers } from '../../src/store/folder-members.ts';
import { scratch } from '../support/scratch.ts';
import { tool } from '../support/tool.ts';

describe('FolderMembers', () => {
  const files = scratch();

  function folder(): { root: string; outside: string } {
    const parent = files.newFolder();
    const root = join(parent, 'layout');
    mkdirSync(join(root, 'blobs/sha256'), { recursive: true });
    mkdirSync(join(parent, 'layout-beside'));
    const outside = join(parent, 'outside');
    writeFileSync(outside, 'outside');
    writeFileSync(join(parent, 'layout-beside/x'), 'outside');
    writeFileSync(join(root, 'index.json'), 'index');
    writeFileSync(join(root, 'blobs/sha256/a'), 'a blob');
    return { root, outside };
  }

  async function textOf(members: FolderMembers, name: string): Promise<string | undefined> {
    const blob = await members.get(name);
    return blob === undefined ? undefined : (await bytesOf(blob)).toString();
  }

  it('holds no file open but the one that is read', async function () {
    if (!existsSync('/proc/self/fd')) this.skip();
    const { root } = folder();
    for (let index = 0; index < 100; index++) writeFileSync(join(root, `blobs/sha256/more${index}`), `content ${index}`);
    const members = await FolderMembers.read(root);
    const before = readdirSync('/proc/self/fd').length;
    for (let index = 0; index < 100; index++) assert.equal(await textOf(members, `blobs/sha256/more${index}`), `content ${index}`);
    assert.ok(readdirSync('/proc/self/fd').length < before + 10);
    await members.close();
  });

  it('gives files by their names, however they are spelled', async () => {
    const members = await FolderMembers.read(folder().root);
    for (const name of ['index.json', './index.json', '/index.json', 'blobs/../index.json', '../index.json'])
      assert.equal(await textOf(members, name), 'index', name);
    assert.equal(await textOf(members, 'blobs/sha256/a'), 'a blob');
    assert.deepEqual(members.names, ['blobs/sha256/a', 'index.json']);
    assert.ok(members.has('./blobs//sha256/a') && !members.has('blobs') && !members.has('blobs/sha256/b'));
    await members.close();
  });

  it('gives ranges of files', async () => {
    const members = await FolderMembers.read(folder().root);
    const blob = (await members.get('blobs/sha256/a'))!;
    const chunks: Uint8Array[] = [];
    for await (const chunk of blob.open(2)) chunks.push(chunk);
    assert.deepEqual([blob.size, Buffer.concat(chunks).toString()], [6, 'blob']);
    await members.close();
  });

  it('never leaves its root by a name', async () => {
    const members = await FolderMembers.read(folder().root);
    for (const name of [
      '../outside',
      '/outside',
      '../../../../etc/passwd',
      '/etc/passwd',
      'blobs/../../outside',
      '../layout-beside/x',
      '',
      '.',
      '..',
    ])
      assert.equal(await textOf(members, name), undefined, name);
    await members.close();
  });

  it('follows links inside, and none that leads out', async () => {
    const { root, outside } = folder();
    for (const [name, target] of [
      ['inside', 'index.json'],
      ['out', outside],
      ['relative', '../outside'],
      ['beside', '../layout-beside/x'],
      ['passwd', '/etc/passwd'],
      ['loop', 'loop'],
      ['nowhere', 'missing'],
      ['directory', 'blobs'],
    ] as const)
      symlinkSync(target, join(root, name));
    symlinkSync('../layout-beside', join(root, 'linked-folder'));
    const members = await FolderMembers.read(root);
    assert.equal(await textOf(members, 'inside'), 'index');
    for (const name of ['out', 'relative', 'beside', 'passwd', 'loop', 'nowhere', 'directory', 'linked-folder', 'linked-folder/x'])
      assert.equal(await textOf(members, name), undefined, name);
    assert.deepEqual(members.skipped.map(({ reason, place }) => `${reason} ${place}`).sort(), [
      'missing loop',
      'missing nowhere',
      'unsupported beside',
      'unsupported directory',
      'unsupported linked-folder',
      'unsupported out',
      'unsupported passwd',
      'unsupported relative',
    ]);
    await members.close();
  });

  it('says of a link once that it is not followed', async () => {
    const { root } = folder();
    symlinkSync('/etc/passwd', join(root, 'out'));
    const members = await FolderMembers.read(root);
    await members.get('out');
    for await (const blob of members.unused()) await bytesOf(blob.blob);
    assert.equal(members.skipped.length, 1);
    await members.close();
  });

  it('does not wait for a pipe that nobody writes to', async () => {
    const { root } = folder();
    tool('mkfifo', [join(root, 'pipe')]);
    const members = await FolderMembers.read(root);
    assert.equal(await textOf(members, 'pipe'), undefined);
    await members.close();
  });

  it('gives what nobody asked for, empty files left out', async () => {
    const { root } = folder();
    writeFileSync(join(root, 'empty'), '');
    writeFileSync(join(root, '.hidden'), 'h');
    const members = await FolderMembers.read(root);
    await members.get('index.json');
    const names: string[] = [];
    for await (const { name } of members.unused()) names.push(name);
    assert.deepEqual(names.sort(), ['.hidden', 'blobs/sha256/a']);
    await members.close();
  });

  it('gives files whose names hold line ends and control characters', async () => {
    const { root } = folder();
    for (const name of ['a\nb', 'c\u001b[31m', 'd\\e']) writeFileSync(join(root, name), name);
    const members = await FolderMembers.read(root);
    for (const name of ['c\u001b[31m', 'd\\e', 'a\nb']) assert.equal(await textOf(members, name), name);
    await members.close();
  });

  it('reads a folder whose own path holds the characters of patterns', async () => {
    const parent = files.newFolder();
    const root = join(parent, 'a [b] {c,d} (e) *!');
    mkdirSync(root);
    writeFileSync(join(root, 'x[1]'), 'x');
    const members = await FolderMembers.read(root);
    assert.equal(await textOf(members, 'x[1]'), 'x');
    await members.close();
  });
});
