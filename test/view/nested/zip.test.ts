// Zips of real tools and of strangers: what the directory names, what it hides, and what cannot be read.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { compressed } from '../../support/compressed.ts';
import { noise } from '../../support/hostile.ts';
import { file, tar } from '../../support/raw-tar.ts';
import { scratch } from '../../support/scratch.ts';
import { needs, tool } from '../../support/tool.ts';
import { localPart, rawZip, type RawMember } from './raw-zip.ts';
import { documentsOf, inChunks, walked } from './walked.ts';

const a: RawMember = { name: 'a.txt', data: 'the text of a\n'.repeat(30) };
const b: RawMember = { name: 'folder/b.txt', data: 'the text of b', method: 0 };

/** Documents as text, under their ways. */
async function textsOf(bytes: Buffer): Promise<Record<string, string>> {
  return Object.fromEntries([...(await documentsOf(bytes))].map(([way, document]) => [way, document.toString()]));
}

const both = { 'a.txt': a.data, 'folder/b.txt': b.data };

describe('a zip', () => {
  it('shows each of its members, in chunks of any size', async () => {
    const zip = rawZip({ members: [a, b], comment: 'of the archive' });
    assert.deepEqual(await textsOf(zip), both);
    for (const length of [1, 7, 100]) assert.deepEqual([...(await documentsOf(inChunks(zip, length))).keys()], ['a.txt', 'folder/b.txt']);
  });

  it('is read with sizes behind the data, in each of their forms', async () => {
    for (const descriptor of ['signed', 'plain', 'wide'] as const)
      assert.deepEqual(await textsOf(rawZip({ members: [{ ...a, descriptor }, b] })), both);
  });

  it('is read in its form of 64 bits', async () => {
    assert.deepEqual(await textsOf(rawZip({ members: [{ ...a, isZip64: true }, b], isZip64: true })), both);
    assert.deepEqual(await textsOf(rawZip({ members: [{ ...a, isZip64: true, descriptor: 'wide' }, b], isZip64: true, comment: 'c' })), both);
    assert.deepEqual(await textsOf(rawZip({ members: [a, b], isZip64: true, prefix: Buffer.from('#!/bin/false\n') })), both);
  });

  it('is read behind a program, whichever way offsets are counted', async () => {
    const prefix = Buffer.from('#!/usr/bin/env python3\n');
    for (const areOffsetsAbsolute of [true, false]) assert.deepEqual(await textsOf(rawZip({ members: [a, b], prefix, areOffsetsAbsolute })), both);
    const program = rawZip({ members: [a, b], prefix: noise(300_000) });
    assert.deepEqual([...(await walked(program, {}, 'zip')).documents.keys()], ['a.txt', 'folder/b.txt']);
  });

  it('is walked into where members are containers themselves', async () => {
    const library = rawZip({ members: [{ name: 'settings.properties', data: 'password=inner' }] });
    const zip = rawZip({
      members: [
        { name: 'lib/stored.jar', data: library, method: 0 },
        { name: 'lib/packed.jar', data: library },
        { name: 'data.tar', data: tar(file('log.gz', gzipSync('line'))) },
      ],
    });
    assert.deepEqual(
      [...(await documentsOf(zip)).keys()],
      [
        'lib/stored.jar',
        'lib/stored.jar > settings.properties',
        'lib/packed.jar',
        'lib/packed.jar > settings.properties',
        'data.tar',
        'data.tar > log.gz > gunzip',
      ],
    );
  });

  it('gives members of one name different ways', async () => {
    const zip = rawZip({ members: [a, { ...a, data: 'second' }, { ...a, name: 'a.txt (2)', data: 'third' }, { ...a, data: 'fourth' }] });
    assert.deepEqual(await textsOf(zip), { 'a.txt': a.data, 'a.txt (2)': 'second', 'a.txt (2) (2)': 'third', 'a.txt (3)': 'fourth' });
  });

  it('gives names that can be printed', async () => {
    const members = [Buffer.from('\x1b[31mred\n'), Buffer.from([0x66, 0xfc, 0x72]), Buffer.from('größe')].map((name) => ({ ...a, name }));
    assert.deepEqual([...(await documentsOf(rawZip({ members }))).keys()], ['\\x1b[31mred\\n', 'f\\xfcr', 'größe']);
  });

  it('may be empty, and may hold empty members', async () => {
    assert.deepEqual(await textsOf(rawZip({ members: [] })), {});
    assert.deepEqual(await textsOf(rawZip({ members: [{ name: 'folder/', data: '', method: 0 }, a] })), { 'a.txt': a.data });
  });

  it('of large members is read in pieces', async () => {
    const large = Buffer.concat([noise(3_000_000), Buffer.alloc(3_000_000, 'compressible ')]);
    const documents = await documentsOf(rawZip({ members: [{ name: 'large', data: large }, a] }));
    assert.ok(documents.get('large')!.equals(large));
    assert.equal(documents.get('a.txt')!.toString(), a.data);
  });
});

describe('methods of compression in a zip', () => {
  before(function () {
    needs(this, 'xz', 'bzip2');
  });

  it('that are usual elsewhere are read', async () => {
    const data = Buffer.from('some text '.repeat(500));
    const zip = rawZip({
      members: [
        { name: 'bzip2', data, method: 12, stored: compressed(data, 'bzip2') },
        { name: 'zstd', data, method: 93, stored: zstdCompressSync(data) },
        { name: 'xz', data, method: 95, stored: compressed(data, 'xz') },
      ],
    });
    assert.deepEqual(await textsOf(zip), { bzip2: String(data), zstd: String(data), xz: String(data) });
  });

  it('that are not known are told, the others are read', async () => {
    const { documents, told } = await walked(rawZip({ members: [{ name: 'old', data: 'x', method: 9, stored: Buffer.from('??') }, a] }));
    assert.deepEqual([...documents.keys()], ['a.txt']);
    assert.deepEqual(told, [
      { way: 'old', reason: 'unsupported', detail: 'its compression is not known here: zip method 9 (deflate64)', limit: undefined },
    ]);
  });

  it('do not help where data is encrypted', async () => {
    for (const member of [{ flags: 1 }, { flags: 1 | 0x40 }, { method: 99, stored: Buffer.from('aes') }]) {
      const { documents, told } = await walked(rawZip({ members: [{ ...a, ...member }, b] }));
      assert.deepEqual([...documents.keys()], ['folder/b.txt']);
      assert.deepEqual(
        told.map(({ way, reason }) => [way, reason]),
        [['a.txt', 'encrypted']],
      );
    }
  });
});

describe('a zip with members that its directory does not name', () => {
  const hidden: RawMember = { name: 'hidden.txt', data: 'the hidden text\n'.repeat(30), isHidden: true };
  const all = { ...both, 'hidden.txt': hidden.data };

  it('shows them wherever they stand', async () => {
    for (const members of [
      [hidden, a, b],
      [a, hidden, b],
      [a, b, hidden],
    ])
      assert.deepEqual(await textsOf(rawZip({ members })), all);
  });

  it('shows them with their sizes behind the data, and with those of 64 bits', async () => {
    for (const descriptor of ['signed', 'plain', 'wide'] as const)
      assert.deepEqual(await textsOf(rawZip({ members: [a, { ...hidden, descriptor }, b] })), all);
    assert.deepEqual(await textsOf(rawZip({ members: [a, { ...hidden, isZip64: true }, b] })), all);
    assert.deepEqual(await textsOf(rawZip({ members: [a, { ...hidden, method: 0 }, b] })), all);
  });

  it('shows them in an archive that stands in front, behind, and in the comment', async () => {
    const other = rawZip({ members: [{ name: 'hidden.txt', data: hidden.data }] });
    assert.deepEqual(await textsOf(Buffer.concat([other, rawZip({ members: [a, b] })])), all);
    assert.deepEqual(await textsOf(Buffer.concat([rawZip({ members: [a, b] }), localPart(hidden), Buffer.from('the end')])), all);
    const commented = rawZip({ members: [a, b] });
    const comment = localPart(hidden);
    commented.writeUInt16LE(comment.length, commented.length - 2);
    assert.deepEqual(await textsOf(Buffer.concat([commented, comment])), all);
  });

  it('is not disturbed by what only looks like one', async () => {
    const gap = Buffer.concat([Buffer.from('PK\x03\x04'), noise(1000), Buffer.from('PK\x03\x04 and PK\x03\x04')]);
    assert.deepEqual(await textsOf(rawZip({ members: [a, b], gap })), both);
    // A header of a deflated member whose data is none, and which does not say how long it is.
    const broken = localPart({ ...hidden, descriptor: 'signed', stored: Buffer.from('\xff\xff\xff\xff no deflated data', 'latin1') });
    assert.deepEqual(await textsOf(rawZip({ members: [a, b], gap: broken })), both);
  });
});

describe('a damaged zip', () => {
  it('without its end is told, and what is there of its members is shown', async () => {
    const zip = rawZip({ members: [a, { name: 'second', data: noise(20_000) }, b] });
    const { documents, told } = await walked(zip.subarray(0, 15_000));
    assert.deepEqual([...documents.keys()], ['a.txt', 'second']);
    assert.ok(noise(20_000).subarray(0, 10_000).equals(documents.get('second')!.subarray(0, 10_000)));
    assert.deepEqual(
      told.map(({ way, reason }) => [way, reason]),
      [['', 'damaged']],
    );
  });

  it('whose directory leads nowhere is told, and its members are found', async () => {
    const zip = rawZip({ members: [a, b] });
    zip.writeUInt32LE(0x7fffffff, zip.length - 6);
    const { documents, told } = await walked(zip);
    assert.deepEqual([...documents.keys()], ['a.txt', 'folder/b.txt']);
    assert.deepEqual(told, []);
    zip.writeUInt32LE(0x7fffffff, zip.length - 10);
    const lost = await walked(zip);
    assert.deepEqual([...lost.documents.keys()], ['a.txt', 'folder/b.txt']);
  });

  it('with a member whose data is wrong is told with its name', async () => {
    for (const member of [
      { ...a, crc: 1 },
      { ...b, crc: 1 },
      { ...a, claims: { size: 5 } },
      { ...a, stored: deflateRawSync('short').subarray(0, 3) },
    ]) {
      const { told } = await walked(rawZip({ members: [member, { ...a, name: 'other' }] }));
      assert.deepEqual(
        told.map(({ way, reason }) => [way, reason]),
        [[String(member.name), 'damaged']],
        JSON.stringify(told),
      );
    }
  });

  it('with a member that has no header is told, and shows the others', async () => {
    const { documents, told } = await walked(rawZip({ members: [{ ...a, claims: { localStart: 1 } }, b] }));
    assert.deepEqual(
      told.map(({ way, reason }) => [way, reason]),
      [['a.txt', 'damaged']],
    );
    // Where it really stands no directory names it.
    assert.deepEqual([...documents.keys()].sort(), ['a.txt (2)', 'folder/b.txt']);
  });

  it('with a member that ends behind the end is shown as far as it goes', async () => {
    const { documents, told } = await walked(rawZip({ members: [a, { ...b, claims: { compressedSize: 1e9, size: 1e9 } }] }));
    assert.ok(documents.get('folder/b.txt')!.toString().startsWith('the text of b'));
    assert.equal(told[0].way, 'folder/b.txt');
  });
});

describe('a zip that is a bomb', () => {
  it('of members that share one body comes to an end', async () => {
    const kernel: RawMember = { name: 'kernel', data: Buffer.alloc(20 * 2 ** 20) };
    const claims = { localStart: 0, compressedSize: deflateRawSync(kernel.data as Buffer).length, size: kernel.data.length };
    const crc = crc32(kernel.data);
    const copies = Array.from({ length: 200 }, (_, index): RawMember => ({ name: `copy ${index}`, data: '', crc, claims }));
    const members = [kernel, ...copies];
    const { told, documents } = await walked(rawZip({ members }), { ratio: 2000 });
    assert.ok(documents.size < 20, `${documents.size} documents`);
    assert.deepEqual(told.map(({ limit }) => limit).filter(Boolean), ['ratio']);
  });

  it('of very many members comes to an end', async () => {
    const members = Array.from({ length: 500 }, (_, index) => ({ ...b, name: `${index}` }));
    const { told, documents } = await walked(rawZip({ members }), { members: 100 });
    assert.equal(documents.size, 100);
    assert.deepEqual(
      told.map(({ reason, limit }) => [reason, limit]),
      [['limit', 'members']],
    );
  });

  it('of hidden members without an end comes to one', async () => {
    // Each header begins a stream that goes on through all the others and breaks at the very end.
    const gap = Buffer.concat(
      Array.from({ length: 300 }, () => localPart({ name: 'x', data: Buffer.alloc(0), descriptor: 'signed', stored: Buffer.from([0]) })),
    );
    const zeros = deflateRawSync(Buffer.alloc(2 ** 20)).subarray(0, -10);
    const { told } = await walked(rawZip({ members: [b], gap: Buffer.concat([gap, zeros]) }), { bytes: 2 ** 22 });
    assert.ok(told.every(({ reason }) => reason === 'limit'));
  });
});

describe('zips of real tools', () => {
  const files = scratch();

  function sources(): string {
    const folder = files.newFolder();
    writeFileSync(join(folder, 'a.txt'), a.data as string);
    writeFileSync(join(folder, 'noise'), noise(100_000));
    return folder;
  }

  const expected = new Map([
    ['a.txt', Buffer.from(a.data as string)],
    ['noise', noise(100_000)],
  ]);

  async function assertRead(path: string): Promise<void> {
    assert.deepEqual(new Map([...(await documentsOf(readFileSync(path)))].sort(([one], [other]) => one.localeCompare(other))), expected);
  }

  it('by zip', async function () {
    needs(this, 'zip');
    const folder = sources();
    tool('zip', ['-q', 'plain.zip', 'a.txt', 'noise'], { cwd: folder });
    await assertRead(join(folder, 'plain.zip'));
    tool('zip', ['-q', '-0', 'stored.zip', 'a.txt', 'noise'], { cwd: folder });
    await assertRead(join(folder, 'stored.zip'));
    tool('sh', ['-c', 'zip -q - a.txt noise | cat > piped.zip'], { cwd: folder });
    await assertRead(join(folder, 'piped.zip'));
    tool('zip', ['-q', '-fz', 'wide.zip', 'a.txt', 'noise'], { cwd: folder });
    await assertRead(join(folder, 'wide.zip'));
    tool('sh', ['-c', 'cat noise plain.zip > behind.zip && zip -q -A behind.zip'], { cwd: folder });
    assert.deepEqual([...(await walked(readFileSync(join(folder, 'behind.zip')), {}, 'zip')).documents.keys()], ['a.txt', 'noise']);
    tool('zip', ['-q', '-P', 'password', 'closed.zip', 'a.txt'], { cwd: folder });
    assert.deepEqual(
      (await walked(readFileSync(join(folder, 'closed.zip')))).told.map(({ reason }) => reason),
      ['encrypted'],
    );
  });

  it('by the zipfile of Python, with a deleted member left behind', async function () {
    needs(this, 'python3');
    const folder = sources();
    tool('python3', ['-m', 'zipfile', '-c', 'p.zip', 'a.txt', 'noise'], { cwd: folder });
    await assertRead(join(folder, 'p.zip'));
    const script = `
import sys, zipfile
class Pipe:
    def write(self, data): return sys.stdout.buffer.write(data)
    def flush(self): pass
with zipfile.ZipFile(Pipe(), 'w', zipfile.ZIP_DEFLATED) as z:
    z.write('a.txt'); z.write('noise')
`;
    tool('sh', ['-c', 'python3 -c "$0" > piped.zip', script], { cwd: folder });
    await assertRead(join(folder, 'piped.zip'));
    const forget = `
import zipfile
with zipfile.ZipFile('p.zip', 'a') as z:
    del z.filelist[0]; z._didModify = True
`;
    tool('python3', ['-c', forget], { cwd: folder });
    assert.equal(tool('python3', ['-m', 'zipfile', '-l', 'p.zip'], { cwd: folder }).includes('a.txt'), false);
    await assertRead(join(folder, 'p.zip'));
  });

  it('by jar', async function () {
    needs(this, 'jar');
    const folder = sources();
    tool('jar', ['-c', '-f', 'x.jar', '-M', 'a.txt', 'noise'], { cwd: folder });
    await assertRead(join(folder, 'x.jar'));
  });
});
