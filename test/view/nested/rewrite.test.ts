// A text is taken out of containers in containers: what held it is put together anew, everything else is as it was.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { blobOf } from '../../../src/model/blob.ts';
import { rewriteNested } from '../../../src/view/nested/rewrite.ts';
import { compressed, gzipInMembers, gzipMember, zstdInFrames } from '../../support/compressed.ts';
import { noise } from '../../support/hostile.ts';
import { directory, file, gnuLongName, pax, symlink, tar } from '../../support/raw-tar.ts';
import { scratch } from '../../support/scratch.ts';
import { needs, tool } from '../../support/tool.ts';
import { walked as walkedTar } from '../../tar/recorded.ts';
import { rawZip } from './raw-zip.ts';
import { assertOnlyCrossedOut, crossedOut, documentsOf, generous, hold, rewritten, tryRewriting, whyNot } from './walked.ts';

/** What is to be taken out. */
const secret = 'planted-value-0123456789';
const crossed = 'x'.repeat(secret.length);
const guilty = Buffer.from(`before\ntoken=${secret}\nbehind\n`);
const clean = Buffer.from(`before\ntoken=${crossed}\nbehind\n`);
const innocent = Buffer.from('nothing to see\n'.repeat(50));

/** Rewrites what holds the secret, and gives the result, which has to show the same documents without it. */
async function cleaned(bytes: Buffer): Promise<Buffer> {
  const before = await documentsOf(bytes);
  const touched = [...before].filter(([, document]) => document.includes(secret)).map(([way]) => way);
  assert.notDeepEqual(touched, []);
  const result = await rewritten(bytes, { touched, transform: crossedOut(secret) });
  assertOnlyCrossedOut(before, await documentsOf(result), secret);
  return result;
}

async function whyNotCleaned(bytes: Buffer): Promise<string> {
  const touched = [...(await documentsOf(bytes))].filter(([, document]) => document.includes(secret)).map(([way]) => way);
  return whyNot(bytes, { touched, transform: crossedOut(secret) });
}

describe('rewriting a gzip file', () => {
  it('changes its content and keeps its time, system, name and comment', async () => {
    const stored = gzipMember(guilty, { name: 'settings.env', comment: 'of somebody', headerChecksum: true, extra: Buffer.from('table') });
    stored.writeUInt32LE(1_700_000_000, 4);
    stored[9] = 3;
    const result = await cleaned(stored);
    assert.deepEqual(gunzipSync(result), clean);
    assert.equal(result.readUInt32LE(4), 1_700_000_000);
    assert.equal(result[9], 3);
    // Name and comment follow at once: what the extra field said of the compressed bytes is no longer true.
    assert.equal(result[3], 8 | 16);
    assert.equal(result.toString('latin1', 10, 10 + 25), 'settings.env\0of somebody\0');
  });

  it('of several members gives one', async () => {
    assert.deepEqual(gunzipSync(await cleaned(gzipInMembers(3, 20)(guilty))), clean);
  });

  it('leaves what stands behind it', async () => {
    const result = await cleaned(Buffer.concat([gzipSync(guilty), Buffer.from('not compressed')]));
    assert.ok(result.toString('latin1').endsWith('not compressed'));
    const twice = await cleaned(Buffer.concat([gzipSync(guilty), zstdCompressSync(guilty)]));
    assert.deepEqual([...(await documentsOf(twice)).values()], [clean, clean]);
    // Only what stands behind is concerned.
    const behind = await cleaned(Buffer.concat([gzipSync(innocent), zstdCompressSync(guilty)]));
    assert.ok(behind.subarray(0, gzipSync(innocent).length).equals(gzipSync(innocent)));
  });

  it('that is damaged is not done', async () => {
    const stored = gzipSync(Buffer.concat([guilty, noise(10_000)]));
    const touched = ['gunzip'];
    assert.match(await whyNot(stored.subarray(0, 5000), { touched }), /truncated/);
    assert.match(await whyNot(gzipMember(guilty, { crc: 5 }), { touched }), /checksum/);
  });

  it('that is a bomb is not done', async () => {
    const bomb = gzipSync(Buffer.concat([guilty, Buffer.alloc(50 * 2 ** 20)]));
    assert.match(await whyNot(bomb, { touched: ['gunzip'], limits: { bytes: 2 ** 20 } }), /more than 1048576 bytes/);
  });
});

describe('rewriting a zstd file', () => {
  it('gives one frame with a checksum', async () => {
    for (const how of [zstdCompressSync, zstdInFrames([5, 30], { 1: Buffer.from('table') })]) {
      const result = await cleaned(how(guilty));
      assert.deepEqual(zstdDecompressSync(result), clean);
      assert.equal(result[4] & 4, 4);
    }
  });
});

describe('rewriting a zip', () => {
  it('keeps attributes, extra fields, comments and order', async () => {
    const extra = Buffer.from([0x75, 0x78, 4, 0, 1, 2, 3, 4]);
    const members = [
      { name: 'first', data: innocent, comment: 'one', extra, attributes: 0o100755 * 0x10000 },
      { name: 'second', data: guilty, comment: 'two', extra, attributes: 0o100600 * 0x10000 },
      { name: 'third', data: innocent, method: 0, comment: 'three' },
    ];
    const result = await cleaned(rawZip({ members, comment: 'of the archive' }));
    assert.deepEqual(result, rawZip({ members: [members[0], { ...members[1], data: clean }, members[2]], comment: 'of the archive' }));
  });

  it('fits each form of header that a member may have', async () => {
    for (const form of [
      { method: 0 },
      { descriptor: 'signed' },
      { descriptor: 'plain' },
      { descriptor: 'wide', isZip64: true },
      { isZip64: true },
      { method: 0, descriptor: 'signed' },
    ] as const) {
      const zipOf = (data: Buffer) => {
        const members = [
          { name: 'a', data: innocent, ...form },
          { name: 'b', data, ...form },
          { name: 'c', data: innocent, ...form },
        ];
        return ['PK', '#!/bin/false\n'].map((start) =>
          rawZip({ members, isZip64: 'isZip64' in form, ...(start === 'PK' ? {} : { prefix: Buffer.from(start) }) }),
        );
      };
      // The same data gives the same compressed bytes: the result is what would have been written in the first place.
      for (const [index, zip] of zipOf(guilty).entries()) assert.deepEqual(await cleaned(zip), zipOf(clean)[index], JSON.stringify(form));
    }
  });

  it('moves offsets also where they count from the start of the file', async () => {
    const zipOf = (data: Buffer) =>
      rawZip({
        members: [
          { name: 'a', data },
          { name: 'b', data: innocent },
        ],
        prefix: Buffer.from('#!/bin/false\n'),
        areOffsetsAbsolute: true,
      });
    assert.deepEqual(await cleaned(zipOf(guilty)), zipOf(clean));
  });

  it('changes members that no directory names', async () => {
    const zipOf = (data: Buffer) =>
      rawZip({
        members: [
          { name: 'a', data: innocent },
          { name: 'h', data, isHidden: true },
          { name: 'b', data: innocent },
        ],
      });
    assert.deepEqual(await cleaned(zipOf(guilty)), zipOf(clean));
    // In an archive in front of the one that readers see.
    const other = (data: Buffer) => rawZip({ members: [{ name: 'h', data }] });
    const visible = rawZip({ members: [{ name: 'a', data: innocent }] });
    const result = await cleaned(Buffer.concat([other(guilty), visible]));
    assert.ok(result.subarray(-visible.length).equals(visible));
  });

  it('goes down to containers in containers and up again', async () => {
    const library = rawZip({
      members: [
        { name: 'application.properties', data: guilty },
        { name: 'Main.class', data: noise(2000) },
      ],
    });
    const jar = rawZip({
      members: [
        { name: 'lib/library.jar', data: library, method: 0 },
        { name: 'lib/other.jar', data: rawZip({ members: [{ name: 'x', data: innocent }] }), method: 0 },
      ],
    });
    const image = gzipSync(tar(directory('srv'), file('srv/app.jar', jar), file('srv/app.conf', innocent)));
    const result = gunzipSync(await cleaned(image));
    const { entries, damage } = walkedTar(result);
    assert.deepEqual(damage, []);
    assert.deepEqual(
      entries.map(({ entry }) => entry.path),
      ['srv', 'srv/app.jar', 'srv/app.conf'],
    );
    assert.deepEqual(Buffer.concat(entries[2].body.map(({ bytes }) => bytes)), innocent);
  });

  it('that is signed is not done', async () => {
    const members = [
      { name: 'META-INF/MANIFEST.MF', data: 'x' },
      { name: 'META-INF/SIGNER.SF', data: 'x' },
      { name: 'a', data: guilty },
    ];
    assert.match(await whyNotCleaned(rawZip({ members })), /signed/);
    const gap = Buffer.concat([noise(40), Buffer.from('APK Sig Block 42')]);
    assert.match(await whyNotCleaned(rawZip({ members: [{ name: 'a', data: guilty }], gap })), /signed/);
  });

  it('whose members share data is not done', async () => {
    const zip = rawZip({
      members: [
        { name: 'a', data: guilty },
        { name: 'b', data: guilty, claims: { localStart: 0 } },
      ],
    });
    const touched = ['a', 'b'];
    assert.match(await whyNot(zip, { touched, transform: crossedOut(secret) }), /overlaps/);
    assert.match(await whyNot(zip, { touched: ['a'], transform: crossedOut(secret) }), /overlaps/);
    assert.match(await whyNot(zip, { touched: ['b'], transform: crossedOut(secret) }), /overlaps/);
  });

  it('with two answers to how a member is compressed is not done', async () => {
    // Stored says the directory, deflated says the header in front of the data.
    const zip = rawZip({ members: [{ name: 'a', data: guilty, method: 8, stored: guilty, claims: { method: 0 } }] });
    assert.match(await whyNotCleaned(zip), /do not agree/);
  });

  it('with methods that cannot be written is not done', async function () {
    needs(this, 'bzip2', 'xz');
    const zip = (method: number, how: 'bzip2' | 'xz') => rawZip({ members: [{ name: 'a', data: guilty, method, stored: compressed(guilty, how) }] });
    assert.match(await whyNotCleaned(zip(12, 'bzip2')), /bzip2/);
    assert.match(await whyNotCleaned(zip(95, 'xz')), /xz/);
    const zstd = await cleaned(
      rawZip({
        members: [
          { name: 'a', data: guilty, method: 93, stored: zstdCompressSync(guilty) },
          { name: 'b', data: innocent },
        ],
      }),
    );
    assert.deepEqual((await documentsOf(zstd)).get('a'), clean);
  });

  it('that is damaged is not done', async () => {
    const zip = rawZip({
      members: [
        { name: 'a', data: guilty },
        { name: 'b', data: noise(10_000) },
      ],
    });
    assert.match(await whyNot(zip.subarray(0, 5000), { touched: ['a'] }), /truncated/);
    assert.match(await whyNot(rawZip({ members: [{ name: 'a', data: guilty, crc: 1 }] }), { touched: ['a'] }), /checksum/);
    // Another member's damage is its own.
    const other = rawZip({
      members: [
        { name: 'a', data: guilty },
        { name: 'b', data: innocent, crc: 1 },
      ],
    });
    const result = await rewritten(other, { touched: ['a'], transform: crossedOut(secret) });
    assert.deepEqual(
      result,
      rawZip({
        members: [
          { name: 'a', data: clean },
          { name: 'b', data: innocent, crc: 1 },
        ],
      }),
    );
  });
});

describe('rewriting a tar', () => {
  const inner = gzipSync(Buffer.concat([guilty, Buffer.alloc(1500, 'long ')]), { level: 0 });
  const innerTar = (gz: Buffer) =>
    tar(
      pax([
        ['SCHILY.xattr.user.note', 'kept'],
        ['mtime', '1700000000.5'],
      ]),
      file('a.txt', innocent, { mode: 0o640, uid: 1000, userName: 'user' }),
      gnuLongName(`long/${'n'.repeat(120)}.gz`),
      file('cut', gz, { mode: 0o600, uid: 7, mtime: 1_600_000_000 }),
      symlink('link', 'a.txt'),
      file('z.txt', innocent),
    );

  it('exchanges a member and keeps the others, byte for byte', async () => {
    const before = innerTar(inner);
    const result = await cleaned(before);
    const { entries } = walkedTar(result);
    const changed = Buffer.concat(entries[1].body.map(({ bytes }) => bytes));
    assert.notEqual(changed.length, inner.length);
    assert.deepEqual(result, innerTar(changed));
  });

  it('is done where the tar is compressed, and in a tar in it', async () => {
    for (const pack of [gzipSync, zstdCompressSync]) {
      await cleaned(pack(innerTar(inner)));
      await cleaned(pack(tar(file('one.tar', innerTar(inner)), file('behind', innocent))));
    }
  });

  it('changes its own bytes with its stream, and makes the checksums of its headers right', async () => {
    const archive = (value: string) => tar(file(`etc/${value}.conf`, `token=${value}\n`), file('b.gz', gzipSync(innocent)), file(`c-${value}`, 'c'));
    const before = gzipSync(archive(secret));
    const result = await rewritten(before, { touched: ['gunzip'], transform: crossedOut(secret) });
    assert.deepEqual(gunzipSync(result), archive(crossed));
  });

  it('does so in a tar that stands in it as well', async () => {
    const one = (value: string) => tar(file(`${value}/one`, 'x'), file('long.gz', gzipSync(`token=${value}`)));
    const archive = (value: string) => tar(file('plain', value), file('one.tar', one(value)), file(`${value}-behind`, 'y'));
    const before = gzipSync(archive(secret));
    const touched = ['gunzip', 'gunzip > one.tar > long.gz > gunzip'];
    const { entries, damage } = walkedTar(gunzipSync(await rewritten(before, { touched, transform: crossedOut(secret) })));
    assert.deepEqual(damage, []);
    const inside = walkedTar(Buffer.concat(entries[1].body.map(({ bytes }) => bytes)));
    assert.deepEqual(inside.damage, []);
    assert.deepEqual(
      [...entries, ...inside.entries].map(({ entry }) => entry.path),
      ['plain', 'one.tar', `${crossed}-behind`, `${crossed}/one`, 'long.gz'],
    );
  });

  it('changes its own bytes where it is the outermost file', async () => {
    const archive = (value: string) => tar(file(`${value}`, `token=${value}\n`), file('b.txt', innocent));
    assert.deepEqual(await rewritten(archive(secret), { touched: [''], transform: crossedOut(secret) }), archive(crossed));
  });

  it('changes plain bytes, names in a zip and packed members at once', async () => {
    const zip = (value: string) =>
      rawZip({
        members: [
          { name: `${value}.txt`, data: `token=${value}\n`, method: 0 },
          { name: 'packed', data: `token=${value}\n` },
        ],
      });
    const archive = (value: string) => tar(file('plain', `token=${value}\n`), file('x.zip', zip(value)), file('behind', innocent));
    const before = gzipSync(archive(secret));
    const touched = [...(await documentsOf(before))].filter(([, document]) => document.includes(secret)).map(([way]) => way);
    assert.deepEqual(touched, ['gunzip', `gunzip > x.zip > ${secret}.txt`, 'gunzip > x.zip > packed']);
    const result = await rewritten(before, { touched, transform: crossedOut(secret) });
    assert.deepEqual(gunzipSync(result), archive(crossed));
  });

  it('that breaks off inside the member is not done', async () => {
    const archive = tar(file('a.gz', gzipSync(guilty)), file('b.gz', inner));
    const cut = archive.subarray(0, archive.length - 2500);
    assert.match(await whyNot(cut, { touched: ['b.gz > gunzip'] }), /truncated/);
    await rewritten(cut, { touched: ['a.gz > gunzip'], transform: crossedOut(secret) });
  });
});

describe('what is not rewritten', () => {
  before(function () {
    needs(this, 'xz', 'bzip2');
  });

  it('is told in plain words, with the way to it', async () => {
    assert.match(await whyNotCleaned(compressed(guilty, 'xz')), /^it is compressed with xz, which cannot be written here$/);
    assert.match(await whyNotCleaned(compressed(guilty, 'bzip2')), /bzip2/);
    const object = deflateSync(Buffer.concat([Buffer.from(`blob ${guilty.length}\0`), guilty]));
    assert.match(await whyNotCleaned(object), /hash of its content/);
    assert.match(await whyNotCleaned(gzipSync(tar(file('.git/objects/00/11', object)))), /^gunzip > .git\/objects\/00\/11: it is an object of git/);
    const name = `${'a.gz/'.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'644'.padEnd(8)}`;
    const body = gzipSync(guilty);
    const ar = Buffer.concat([Buffer.from(`!<arch>\n${name}${String(body.length).padEnd(10)}\`\n`), body]);
    assert.match(await whyNotCleaned(ar), /ar archive/);
  });

  it('does not hinder when it is not concerned', async () => {
    const object = deflateSync(Buffer.from('blob 1\0x'));
    await cleaned(tar(file('object', object), file('x.xz', compressed(innocent, 'xz')), file('a.gz', gzipSync(guilty))));
  });

  it('is the same blob when nothing is touched', async () => {
    const blob = blobOf(gzipSync(guilty));
    const rewriting = { hold, limits: generous, skipped: () => undefined, isTouched: () => false, transform: crossedOut(secret) };
    assert.deepEqual(await rewriteNested(blob, 'gzip', rewriting), { blob });
    assert.deepEqual(await tryRewriting(gzipSync(guilty), { touched: ['no such way'] }), { bytes: gzipSync(guilty) });
  });

  it('is left when the caller interrupts', async () => {
    const controller = new AbortController();
    const rewriting = {
      hold,
      limits: generous,
      skipped: () => undefined,
      isTouched: () => true,
      transform: (bytes: AsyncIterable<Uint8Array>) => {
        controller.abort(new Error('enough'));
        return bytes;
      },
      signal: controller.signal,
    };
    await assert.rejects(rewriteNested(blobOf(gzipSync(noise(1_000_000))), 'gzip', rewriting), /enough/);
  });
});

describe('rewritten files', () => {
  const files = scratch();

  function sources(): string {
    const folder = files.newFolder();
    mkdirSync(join(folder, 'META-INF'));
    writeFileSync(join(folder, 'META-INF/MANIFEST.MF'), 'Manifest-Version: 1.0\n');
    writeFileSync(join(folder, 'settings'), guilty);
    writeFileSync(join(folder, 'noise'), noise(200_000));
    writeFileSync(join(folder, 'text'), innocent);
    return folder;
  }

  async function cleanFile(folder: string, name: string): Promise<string> {
    writeFileSync(join(folder, `clean.${name}`), await cleaned(readFileSync(join(folder, name))));
    return `clean.${name}`;
  }

  it('are whole for gzip and zstd', async function () {
    needs(this, 'gzip', 'zstd');
    const folder = sources();
    tool('gzip', ['-k', 'settings'], { cwd: folder });
    tool('zstd', ['-q', '-k', 'settings'], { cwd: folder });
    const gzip = await cleanFile(folder, 'settings.gz');
    tool('gzip', ['-t', gzip], { cwd: folder });
    assert.match(tool('gzip', ['-lvN', gzip], { cwd: folder }), /settings/);
    tool('zstd', ['-q', '-t', await cleanFile(folder, 'settings.zst')], { cwd: folder });
  });

  it('are whole for unzip, Python and Java, whoever made them', async function () {
    needs(this, 'zip', 'unzip', 'python3', 'jar');
    const folder = sources();
    const all = ['META-INF/MANIFEST.MF', 'text', 'settings', 'noise'];
    tool('zip', ['-q', 'zip.zip', ...all], { cwd: folder });
    tool('zip', ['-q', '-0', 'stored.zip', ...all], { cwd: folder });
    tool('sh', ['-c', `zip -q - ${all.join(' ')} | cat > piped.zip`], { cwd: folder });
    tool('zip', ['-q', '-fz', 'wide.zip', ...all], { cwd: folder });
    tool('python3', ['-m', 'zipfile', '-c', 'python.zip', ...all], { cwd: folder });
    tool('jar', ['-c', '-f', 'java.jar', '-M', ...all], { cwd: folder });
    for (const name of ['zip.zip', 'stored.zip', 'piped.zip', 'wide.zip', 'python.zip', 'java.jar']) {
      const result = await cleanFile(folder, name);
      tool('unzip', ['-tqq', result], { cwd: folder });
      tool('python3', ['-m', 'zipfile', '-t', result], { cwd: folder });
      assert.equal(tool('unzip', ['-p', result, 'settings'], { cwd: folder }), clean.toString().trim());
      // By the directory, and by the headers in front of the data.
      const byDirectory = tool('jar', ['-t', '-f', result], { cwd: folder });
      if (name === 'piped.zip') continue;
      const byHeaders = tool('sh', ['-c', `mkdir out.${name} && cd out.${name} && jar -x < ../${result} && cat settings`], { cwd: folder });
      assert.equal(byHeaders, clean.toString().trim());
      assert.ok(byDirectory.includes('settings'));
    }
  });

  it('are whole for tar, with the same listing but for the size', async function () {
    needs(this, 'tar', 'gzip');
    const folder = sources();
    tool('gzip', ['-k', 'settings'], { cwd: folder });
    tool('tar', ['-czf', 'all.tgz', '--format=pax', 'text', 'settings', 'settings.gz', 'noise'], { cwd: folder });
    const before = tool('tar', ['-tvzf', 'all.tgz'], { cwd: folder });
    const result = await cleanFile(folder, 'all.tgz');
    const withoutSizes = (listing: string) => listing.replaceAll(/ +\d+ (?=\d{4}-)/g, ' ');
    assert.equal(withoutSizes(tool('tar', ['-tvzf', result], { cwd: folder })), withoutSizes(before));
    tool('sh', ['-c', `tar -xOzf ${result} settings.gz | gzip -t`], { cwd: folder });
  });
});
