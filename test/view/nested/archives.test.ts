// Archives whose members stand in them as they are: only what is packed in the members is shown.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { noise } from '../../support/hostile.ts';
import { file, gnuLongName, gnuSparse, hardlink, pax, paxSparse, tar } from '../../support/raw-tar.ts';
import { scratch } from '../../support/scratch.ts';
import { needs, tool } from '../../support/tool.ts';
import { ar, arMember, cpio, rpm } from './raw-archives.ts';
import { rawZip } from './raw-zip.ts';
import { documentsOf, inChunks, walked } from './walked.ts';

const packed = gzipSync('packed text');
const text = Buffer.from('packed text');

describe('a tar inside a file', () => {
  it('shows what is packed in its members, under any form of name', async () => {
    const archive = tar(
      file('plain.txt', 'plain'),
      file('./a.gz', packed),
      gnuLongName(`deep/${'n'.repeat(150)}.gz`),
      file('cut', packed),
      pax([['path', 'größe.gz']]),
      file('cut', packed),
      hardlink('link.gz', 'a.gz'),
      file('a.gz', packed),
    );
    for (const blob of [archive, inChunks(archive, 13), inChunks(archive, 512)])
      assert.deepEqual(
        [...(await documentsOf(blob)).keys()],
        ['a.gz > gunzip', `deep/${'n'.repeat(150)}.gz > gunzip`, 'größe.gz > gunzip', 'a.gz (2) > gunzip'],
      );
  });

  it('passes over large members and does not lose its place', async () => {
    const members = [file('large', noise(3_000_000)), file('a.gz', packed), file('larger.gz', gzipSync(noise(2_500_000))), file('b.gz', packed)];
    const documents = await documentsOf(tar(...members));
    assert.deepEqual([...documents.keys()], ['a.gz > gunzip', 'larger.gz > gunzip', 'b.gz > gunzip']);
    assert.ok(documents.get('larger.gz > gunzip')!.equals(noise(2_500_000)));
  });

  it('in a tar in a tar has a way of three steps', async () => {
    assert.deepEqual(
      [...(await documentsOf(tar(file('one.tar', tar(file('two.tar', tar(file('a.gz', packed)))))))).keys()],
      ['one.tar > two.tar > a.gz > gunzip'],
    );
  });

  it('tells of sparse files that would have to be put together', async () => {
    const segments = [{ offset: 0, data: packed }];
    for (const sparse of [
      gnuSparse('s.gz', segments, 100_000),
      paxSparse('0.1', 's.gz', segments, 100_000),
      paxSparse('1.0', 's.gz', segments, 100_000),
    ]) {
      const { documents, told } = await walked(tar(sparse, file('a.gz', packed)));
      assert.deepEqual([...documents.keys()], ['a.gz > gunzip']);
      assert.deepEqual(
        told.map(({ way, reason }) => [way, reason]),
        [['s.gz', 'unsupported']],
      );
    }
  });

  it('that breaks off shows what is there', async () => {
    const archive = tar(file('a.gz', packed), file('b.gz', gzipSync(noise(100_000))));
    const { documents, told } = await walked(archive.subarray(0, 60_000));
    assert.deepEqual([...documents.keys()], ['a.gz > gunzip', 'b.gz > gunzip']);
    assert.deepEqual(
      told.map(({ way, reason }) => [way, reason]),
      [
        ['b.gz > gunzip', 'damaged'],
        ['', 'damaged'],
      ],
    );
  });

  it('whose member announces more than any file holds is told', async () => {
    const { told } = await walked(tar(file('a.gz', packed), file('huge.gz', packed, { size: 2n ** 62n })));
    assert.ok(told.length > 0 && told.every(({ reason }) => reason === 'damaged'));
  });

  it('of very many members comes to an end', async () => {
    const archive = tar(...Array.from({ length: 300 }, (_, index) => file(`${index}.gz`, packed)));
    const { documents, told } = await walked(archive, { members: 50 });
    assert.equal(documents.size, 50);
    assert.deepEqual(
      told.map(({ limit }) => limit),
      ['members'],
    );
  });
});

describe('an ar archive', () => {
  const files = scratch();

  it('is read as ar writes it, with long names', async function () {
    needs(this, 'ar');
    const folder = files.newFolder();
    const long = 'a member with a long name.gz';
    for (const name of ['short.gz', long]) writeFileSync(join(folder, name), packed);
    writeFileSync(join(folder, 'odd.txt'), 'odd');
    tool('ar', ['rc', 'x.a', 'odd.txt', 'short.gz', long], { cwd: folder });
    assert.deepEqual([...(await documentsOf(readFileSync(join(folder, 'x.a')))).keys()], ['short.gz > gunzip', `${long} > gunzip`]);
  });

  it('of Debian is read down to the files in its tars', async function () {
    needs(this, 'dpkg-deb');
    const folder = files.newFolder();
    mkdirSync(join(folder, 'p/DEBIAN'), { recursive: true });
    mkdirSync(join(folder, 'p/usr/share/doc/p'), { recursive: true });
    writeFileSync(join(folder, 'p/DEBIAN/control'), 'Package: p\nVersion: 1\nArchitecture: all\nMaintainer: m <m@example.org>\nDescription: d\n');
    writeFileSync(join(folder, 'p/usr/share/doc/p/changelog.gz'), packed);
    for (const [compression, step] of [
      ['xz', 'unxz'],
      ['gzip', 'gunzip'],
    ]) {
      tool('dpkg-deb', ['--root-owner-group', `-Z${compression}`, '-b', 'p', `${compression}.deb`], { cwd: folder });
      const ways = [...(await documentsOf(readFileSync(join(folder, `${compression}.deb`)))).keys()];
      const data = ways.find((way) => way.startsWith('data.tar'))!;
      assert.ok(data.endsWith(` > ${step}`));
      assert.ok(ways.some((way) => way.startsWith('control.tar')));
      assert.ok(ways.includes(`${data} > usr/share/doc/p/changelog.gz > gunzip`));
    }
  });

  it('may have names of BSD', async () => {
    const name = Buffer.from('a long name of BSD.gz\0\0\0');
    assert.deepEqual([...(await documentsOf(ar([`#1/${name.length}`, Buffer.concat([name, packed])]))).keys()], ['a long name of BSD.gz > gunzip']);
  });

  it('that is damaged is told, and what stands before is shown', async () => {
    for (const broken of [
      Buffer.from('no header at all'.repeat(10)),
      arMember('b.gz', packed, 10_000),
      Buffer.from('short'),
      arMember('b', packed, NaN),
    ]) {
      const { documents, told } = await walked(Buffer.concat([ar(['a.gz/', packed]), broken]));
      assert.deepEqual(documents.get('a.gz > gunzip'), text);
      assert.deepEqual(
        told.filter(({ way }) => way === '').map(({ reason }) => reason),
        ['damaged'],
      );
    }
  });
});

describe('a cpio archive and a package of RPM', () => {
  const archive = cpio(['./etc/plain', Buffer.from('plain')], ['./usr/share/man/a.1.gz', packed]);

  it('show what is packed in their members', async () => {
    assert.deepEqual([...(await documentsOf(archive)).keys()], ['usr/share/man/a.1.gz > gunzip']);
    for (const signatureLength of [5, 8]) {
      const bytes = rpm('of the header', zstdCompressSync(archive), signatureLength);
      assert.deepEqual([...(await documentsOf(bytes)).keys()], ['payload > unzstd', 'payload > unzstd > usr/share/man/a.1.gz > gunzip']);
      assert.deepEqual(
        (await walked(bytes.subarray(0, 150))).told.map(({ reason }) => reason),
        ['damaged'],
      );
    }
  });

  it('that are damaged are told', async () => {
    const { documents, told } = await walked(archive.subarray(0, archive.length - 150));
    assert.equal(documents.size, 1);
    assert.deepEqual(
      told.map(({ reason }) => reason),
      ['damaged', 'damaged'],
    );
  });
});

describe('a container of another kind than it seems', () => {
  it('is read by what it is', async () => {
    const zip = rawZip({ members: [{ name: 'really.tar', data: packed }] });
    assert.deepEqual(
      [...(await documentsOf(tar(file('picture.png', zip)))).keys()],
      ['picture.png > really.tar', 'picture.png > really.tar > gunzip'],
    );
  });
});
