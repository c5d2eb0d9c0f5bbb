// What a container is taken for, by its first bytes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { endsAsZip, headLength, nestedKindOf } from '../../../src/view/nested/nested.ts';
import { skippableFrame } from '../../support/compressed.ts';
import { file, gnuLongName, pax, tar } from '../../support/raw-tar.ts';
import { rawZip } from './raw-zip.ts';

function kindOfWhole(bytes: Buffer | string): string | undefined {
  return nestedKindOf(Buffer.from(bytes as Buffer).subarray(0, headLength));
}

const member = { name: 'a.txt', data: 'text' };

describe('nestedKindOf', () => {
  it('knows each kind by its first bytes', () => {
    assert.equal(kindOfWhole(gzipSync('text')), 'gzip');
    assert.equal(kindOfWhole(zstdCompressSync('text')), 'zstd');
    assert.equal(kindOfWhole(Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4])), 'xz');
    assert.equal(kindOfWhole(Buffer.from('BZh91AY&SY\0\0\0\0')), 'bzip2');
    assert.equal(kindOfWhole(rawZip({ members: [member] })), 'zip');
    assert.equal(kindOfWhole(rawZip({ members: [] })), 'zip');
    assert.equal(kindOfWhole(rawZip({ members: [], isZip64: true })), 'zip');
    assert.equal(kindOfWhole('!<arch>\ndebian-binary   '), 'ar');
    assert.equal(kindOfWhole(deflateSync('blob 4\0text')), 'git-object');
    assert.equal(kindOfWhole(deflateSync('tree 0\0', { level: 1 })), 'git-object');
    assert.equal(kindOfWhole(Buffer.from('PACK\0\0\0\x02\0\0\0\x01')), 'git-pack');
    assert.equal(kindOfWhole('070701' + '0'.repeat(104)), 'cpio');
    assert.equal(kindOfWhole(Buffer.concat([Buffer.from([0xed, 0xab, 0xee, 0xdb, 3, 0]), Buffer.alloc(90)])), 'rpm');
  });

  it('knows a tar of any dialect, whatever its first name begins with', () => {
    for (const name of ['a', 'PK\x03', 'BZ', '!x', 'x\x01', '(', '0707', '#!', '\x1f']) assert.equal(kindOfWhole(tar(file(name, 'b'))), 'tar', name);
    assert.equal(kindOfWhole(tar(file('a', 'b', { magic: 'v7' }))), 'tar');
    assert.equal(kindOfWhole(tar(file('a', 'b', { magic: 'gnu' }))), 'tar');
    assert.equal(kindOfWhole(tar(gnuLongName('a'.repeat(200)), file('a', 'b'))), 'tar');
    assert.equal(kindOfWhole(tar(pax([['path', 'a']]), file('', 'b'))), 'tar');
  });

  it('takes no tar whose first checksum is wrong', () => {
    const broken = tar(file('a', 'b'));
    broken[0] ^= 1;
    assert.equal(kindOfWhole(broken), undefined);
    assert.equal(kindOfWhole(Buffer.alloc(512)), undefined);
    assert.equal(kindOfWhole(tar(file('a', 'b')).subarray(0, 511)), undefined);
  });

  it('sees skippable frames in front of zstd, of each of the sixteen kinds', () => {
    for (let variant = 0; variant < 16; variant++)
      assert.equal(kindOfWhole(Buffer.concat([skippableFrame(Buffer.from('x'), variant), zstdCompressSync('text')])), 'zstd');
  });

  it('takes a zlib stream for an object of git only when it begins like one', () => {
    assert.equal(kindOfWhole(deflateSync('some other text')), undefined);
    assert.equal(kindOfWhole(deflateSync('blob four\0text')), undefined);
    assert.equal(kindOfWhole(deflateSync('')), undefined);
    assert.equal(kindOfWhole('x^2 + y^2 = z^2'), undefined);
    // A head is enough: the stream goes on behind it.
    assert.equal(kindOfWhole(deflateSync(Buffer.concat([Buffer.from('blob 100000\0'), Buffer.alloc(100_000, 'abc')]))), 'git-object');
  });

  it('sees a zip behind the first line of a script', () => {
    const zip = rawZip({ members: [member], prefix: Buffer.from('#!/usr/bin/env python3\n') });
    assert.equal(kindOfWhole(zip), 'zip');
    assert.equal(kindOfWhole('#!/bin/sh\necho PK\n'), undefined);
  });

  it('says nothing of texts, programs and pictures', () => {
    for (const text of ['', 'a', '{"auths":{}}', '# comment\n', '\x7fELF\x02\x01', '\x89PNG\r\n', 'PK', 'BZhang', '0707', 'PACKAGE=1\n', '(module)'])
      assert.equal(kindOfWhole(Buffer.from(text, 'latin1')), undefined, text);
    assert.equal(kindOfWhole(readFileSync(process.execPath).subarray(0, headLength)), undefined);
  });

  it('never throws, whatever the bytes', () => {
    const starts = [
      [],
      [0x1f, 0x8b],
      [0x28, 0xb5],
      [0xfd],
      [0x42, 0x5a],
      [0x50, 0x4b],
      [0x21],
      [0x78, 0x9c],
      [0x78, 0x01],
      [0xed],
      [0x23, 0x21],
      [0x30],
    ];
    fc.assert(
      fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 600 }), (start, rest) => {
        nestedKindOf(Buffer.concat([Buffer.from(start), rest]).subarray(0, headLength));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('endsAsZip', () => {
  it('sees a zip behind a program by the last bytes', () => {
    const zip = rawZip({ members: [member], prefix: Buffer.alloc(10_000, 'program') });
    assert.equal(nestedKindOf(zip.subarray(0, headLength)), undefined);
    assert.ok(endsAsZip(zip.subarray(-22)));
    assert.ok(!endsAsZip(Buffer.alloc(22)));
    assert.ok(!endsAsZip(zip.subarray(-21)));
  });
});
