import assert from 'node:assert/strict';
import { open } from 'node:fs/promises';
import { bytesOf } from '../../src/model/blob.ts';
import { defaultLimits } from '../../src/model/limits.ts';
import { ArchiveMembers } from '../../src/store/archive-members.ts';
import { Around } from '../../src/store/around.ts';
import { directory, end, file, gnuLongName, hardlink, pax, paxSparse, symlink, tar } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';

describe('ArchiveMembers', () => {
  const files = scratch();
  const opened: ArchiveMembers[] = [];
  afterEach(async () => {
    for (const members of opened.splice(0)) await members.close();
  });

  async function read(archive: Buffer): Promise<ArchiveMembers | undefined> {
    const handle = await open(files.file(archive), 'r');
    const members = await ArchiveMembers.read(handle, archive.length, defaultLimits, new Around());
    if (members === undefined) await handle.close();
    else opened.push(members);
    return members;
  }

  async function membersOf(...parts: readonly Buffer[]): Promise<ArchiveMembers> {
    const members = await read(tar(...parts));
    assert.ok(members);
    return members;
  }

  async function textOf(members: ArchiveMembers, name: string): Promise<string | undefined> {
    const blob = await members.get(name);
    return blob === undefined ? undefined : (await bytesOf(blob)).toString();
  }

  async function unused(members: ArchiveMembers): Promise<Record<string, string>> {
    const rest: Record<string, string> = {};
    for await (const { name, blob } of members.unused()) rest[name] = (await bytesOf(blob)).toString('latin1');
    return rest;
  }

  it('gives files by their names, however they are spelled on either side', async () => {
    const members = await membersOf(file('./manifest.json', 'm'), file('/blobs//a', 'a'), file('x/../b', 'b'), file('größe', 'g'));
    for (const name of ['manifest.json', './manifest.json', '/manifest.json', '../manifest.json'])
      assert.equal(await textOf(members, name), 'm', name);
    assert.equal(await textOf(members, 'blobs/a'), 'a');
    assert.equal(await textOf(members, 'b'), 'b');
    assert.equal(await textOf(members, 'größe'), 'g');
    assert.equal(await textOf(members, 'c'), undefined);
    assert.equal(await textOf(members, '__proto__'), undefined);
    assert.equal(await textOf(members, 'constructor'), undefined);
  });

  it('reads bodies at their places, whatever their lengths', async () => {
    const bodies = [0, 1, 511, 512, 513, 65_535, 65_536, 65_537, 200_000].map((length) => Buffer.alloc(length, `body of ${length} `));
    const members = await membersOf(...bodies.flatMap((body, index) => [gnuLongName(`long/${'n'.repeat(120)}${index}`), file('cut', body)]));
    for (const [index, body] of bodies.entries()) assert.equal(await textOf(members, `long/${'n'.repeat(120)}${index}`), body.toString());
  });

  it('takes the last of several files of one name, and keeps the others to be searched', async () => {
    const members = await membersOf(file('a', 'first'), file('./a', 'second'), file('a', 'third'));
    assert.equal(await textOf(members, 'a'), 'third');
    const rest = await unused(members);
    assert.ok(Object.values(rest).includes('first') || Object.values(rest).includes('second'));
  });

  it('follows symbolic and hard links inside the archive', async () => {
    const members = await membersOf(
      file('d/layer.tar', 'layer'),
      symlink('one/layer.tar', '../d/layer.tar'),
      symlink('two', 'one/layer.tar'),
      hardlink('three', './d/layer.tar'),
      symlink('absolute', '/d/layer.tar'),
      symlink('above', '../../../d/layer.tar'),
    );
    for (const name of ['one/layer.tar', 'two', 'three', 'absolute', 'above']) assert.equal(await textOf(members, name), 'layer', name);
    assert.ok(!Object.values(await unused(members)).includes('layer'));
  });

  it('goes round no loop and through no link that leads nowhere', async () => {
    const members = await membersOf(
      symlink('a', 'b'),
      symlink('b', 'a'),
      symlink('self', 'self'),
      hardlink('hard', 'hard'),
      symlink('nowhere', 'missing'),
      directory('dir'),
      symlink('to-dir', 'dir'),
      symlink('passwd', '/etc/passwd'),
    );
    for (const name of ['a', 'b', 'self', 'hard', 'nowhere', 'dir', 'to-dir', 'passwd']) {
      assert.equal(members.has(name), false, name);
      assert.equal(await textOf(members, name), undefined, name);
    }
  });

  it('gives what nobody asked for, and what stands between the files', async () => {
    const members = await read(
      Buffer.concat([pax([['comment', 'in a header']]), file('a', 'asked'), file('b\nc', 'rest'), file('empty', ''), end(), Buffer.from('the tail')]),
    );
    assert.ok(members);
    await members.get('a');
    const rest = await unused(members);
    assert.equal(rest['b\\nc'], 'rest');
    assert.ok(!('a' in rest) && !('empty' in rest));
    assert.match(rest['headers of the archive'], /in a header/);
    assert.match(rest['archive: after the end-of-archive marker'], /the tail/);
  });

  it('is undefined where there is no archive', async () => {
    assert.equal(await read(Buffer.from('no archive at all '.repeat(100))), undefined);
    assert.equal(await read(Buffer.from('short')), undefined);
  });

  it('says at which byte an archive is broken, and gives the rest', async () => {
    const members = await read(tar(file('a', '1'), file('b', '2', { checksum: 3 }), file('c', '3')).subarray(0, -1024 - 400));
    assert.ok(members);
    assert.deepEqual(members.names, ['a', 'c']);
    assert.deepEqual(
      members.skipped.map(({ reason, place }) => `${reason} ${place}`),
      ['damaged archive, byte 1024'],
    );
    const cut = await read(file('large', 'x'.repeat(5000)).subarray(0, 3000));
    assert.match(cut!.skipped[0].detail, /truncated/);
    assert.equal((await textOf(cut!, 'large'))?.length, 3000 - 512);
  });

  it('gives a member whose header announces more than there is as far as it goes', async () => {
    const members = await membersOf(file('a', 'body', { size: 2n ** 60n }));
    const blob = (await members.get('a'))!;
    assert.ok(blob.size < 10_000);
  });

  it('gives the body of a sparse file or of a body with a map at its place', async () => {
    const members = await membersOf(paxSparse('1.0', 'sparse', [{ offset: 0, data: Buffer.from('data of it') }], 10));
    assert.equal(await textOf(members, 'sparse'), 'data of it');
  });
});
