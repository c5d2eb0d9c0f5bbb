// The builders themselves, held against the tools whose formats they write.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { gzipInMembers, gzipMember, skippableFrame, zstdInFrames } from './compressed.ts';
import * as planted from './planted.ts';
import { base256, entry, file, gnuLongName, gnuSparse, hardlink, numberField, pax, paxRecord, paxSparse, tar } from './raw-tar.ts';
import { isInstalled, skip } from './tool.ts';

describe('raw-tar', () => {
  const body = Buffer.alloc(700, 'body ');
  const archive = tar(
    file('plain', body),
    file('name', 'prefixed', { prefix: 'deep' }),
    gnuLongName(`long/${'n'.repeat(150)}`),
    file('cut', 'long name', { magic: 'gnu' }),
    pax([
      ['path', 'pax/päth'],
      ['comment', 'x'],
    ]),
    file('short', 'pax name'),
    hardlink('link', 'plain'),
    entry({ name: 'big numbers', uid: 3_000_000_000, mtime: 2 ** 33, magic: 'gnu' }, 'b'),
  );

  it('is read by tar-stream', async () => {
    const seen: Record<string, string> = {};
    const reader = extract();
    reader.end(archive);
    for await (const member of reader) seen[member.header.name] = await text(member);
    assert.deepEqual(seen, {
      plain: body.toString(),
      'deep/name': 'prefixed',
      [`long/${'n'.repeat(150)}`]: 'long name',
      'pax/päth': 'pax name',
      link: '',
      'big numbers': 'b',
    });
  });

  it('is read by GNU tar, sparse files included', function () {
    if (!isInstalled('tar')) return skip(this, 'not installed: tar');
    const segments = Array.from({ length: 30 }, (_, index) => ({ offset: index * 8192, data: Buffer.alloc(512, 65 + index) }));
    const expanded = Buffer.alloc(300_000);
    for (const { offset, data } of segments) data.copy(expanded, offset);
    const versions = ['0.0', '0.1', '1.0'] as const;
    const sparse = tar(gnuSparse('old', segments, 300_000), ...versions.map((version) => paxSparse(version, `pax-${version}`, segments, 300_000)));
    const folder = mkdtempSync(join(tmpdir(), 'unbake-test-'));
    try {
      for (const bytes of [archive, sparse]) {
        const { status, stderr } = spawnSync('tar', ['-x', '-f', '-', '-C', folder, '--no-same-owner'], { input: bytes });
        assert.equal(status, 0, stderr.toString());
      }
      assert.equal(readFileSync(join(folder, 'pax/päth'), 'utf8'), 'pax name');
      for (const name of ['old', ...versions.map((version) => `pax-${version}`)]) assert.ok(readFileSync(join(folder, name)).equals(expanded), name);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('writes numbers in octal, and in base 256 when they do not fit', () => {
    assert.equal(numberField(8, 8).toString('latin1'), '0000010\0');
    assert.equal(numberField(-1, 12).toString('hex'), 'ff'.repeat(12));
    assert.equal(base256(2n ** 63n - 1n, 12).toString('hex'), '800000007fffffffffffffff');
  });

  it('writes PAX records whose length counts itself', () => {
    for (const length of [1, 5, 6, 7, 90, 91, 92, 93, 94, 990, 991, 992]) {
      const record = paxRecord('k', 'v'.repeat(length));
      assert.equal(Number.parseInt(record.toString(), 10), record.length);
    }
  });
});

describe('compressed', () => {
  const bytes = Buffer.from('some bytes '.repeat(1000));

  it('gzip members are read by zlib, whatever their headers hold', () => {
    const member = gzipMember(bytes, { name: 'n', comment: 'c', extra: Buffer.from('ab\x02\0xy'), headerChecksum: true });
    assert.ok(gunzipSync(member).equals(bytes));
    assert.ok(gunzipSync(gzipInMembers(10, 5000)(bytes)).equals(bytes));
  });

  it('zstd frames, skippable ones between them, are read by zstd', function () {
    if (!isInstalled('zstd')) return skip(this, 'not installed: zstd');
    const note = Buffer.from('note');
    for (const input of [
      zstdInFrames([10, 5000], { 0: note, 1: note, 3: note })(bytes),
      Buffer.concat([skippableFrame(note, 15), zstdInFrames([])(bytes)]),
    ]) {
      assert.ok(spawnSync('zstd', ['-dcq'], { input }).stdout.equals(bytes));
    }
  });
});

describe('planted', () => {
  it('depends on the seed alone', () => {
    for (const kind of [
      planted.githubToken,
      planted.npmToken,
      planted.awsKeyId,
      planted.awsSecretKey,
      planted.slackToken,
      planted.stripeKey,
      planted.password,
      planted.jwt,
    ]) {
      assert.equal(kind('a'), kind('a'));
      assert.notEqual(kind('a'), kind('b'));
    }
  });

  it('has the forms of the real ones', () => {
    assert.match(planted.githubToken('a'), /^ghp_[0-9A-Za-z]{36}$/);
    assert.match(planted.awsKeyId('a'), /^AKIA[A-Z2-7]{16}$/);
    assert.match(planted.awsSecretKey('a'), /^[0-9A-Za-z/+]{40}$/);
    assert.match(planted.slackToken('a'), /^xoxb-\d{12}-\d{12}-[0-9A-Za-z]{24}$/);
  });
});
