// Compressed streams in files, what stands behind them, and those that never end.
import assert from 'node:assert/strict';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { readNested } from '../../../src/view/nested/nested.ts';
import { blobOf } from '../../../src/model/blob.ts';
import { compressed, type Compression, gzipInMembers, gzipMember, skippableFrame, zstdInFrames } from '../../support/compressed.ts';
import { noise } from '../../support/hostile.ts';
import { file, tar } from '../../support/raw-tar.ts';
import { needs } from '../../support/tool.ts';
import { rawZip } from './raw-zip.ts';
import { documentsOf, generous, hold, inChunks, walked } from './walked.ts';

const text = Buffer.from('TOKEN=value of the token\n'.repeat(2000));

describe('a compressed file', () => {
  before(function () {
    needs(this, 'xz', 'bzip2');
  });

  const cases: readonly (readonly [name: string, step: string, how: Compression])[] = [
    ['gzip', 'gunzip', 'gzip'],
    ['gzip in members', 'gunzip', gzipInMembers(100, 3000)],
    ['zstd', 'unzstd', 'zstd'],
    ['zstd in frames', 'unzstd', zstdInFrames([100, 3000], { 0: Buffer.from('table'), 2: Buffer.from('table') })],
    ['xz', 'unxz', 'xz'],
    ['bzip2', 'bunzip2', 'bzip2'],
  ];
  for (const [name, step, how] of cases) {
    it(`of ${name} is one document`, async () => {
      const stored = compressed(text, how);
      for (const blob of [stored, inChunks(stored, 1), inChunks(stored, 1000)]) assert.deepEqual([...(await documentsOf(blob))], [[step, text]]);
    });
  }

  it('is walked into as deep as there is something', async () => {
    const inner = tar(
      file('notes.txt', 'plain'),
      file('app/log.gz', gzipSync('a line of the log')),
      file('app/log.zst', zstdCompressSync('another')),
    );
    const documents = await documentsOf(gzipSync(tar(file('backup.tar.xz', compressed(inner, 'xz')))));
    assert.deepEqual(
      [...documents.keys()],
      [
        'gunzip',
        'gunzip > backup.tar.xz > unxz',
        'gunzip > backup.tar.xz > unxz > app/log.gz > gunzip',
        'gunzip > backup.tar.xz > unxz > app/log.zst > unzstd',
      ],
    );
    assert.equal(documents.get('gunzip > backup.tar.xz > unxz > app/log.gz > gunzip')!.toString(), 'a line of the log');
  });

  it('that breaks off is shown up to the break', async () => {
    for (const how of ['gzip', 'zstd', 'xz'] as const) {
      const body = Buffer.concat([Buffer.from('the first line\n'), noise(600_000), Buffer.from('the last line\n')]);
      const stored = compressed(body, how);
      const { documents, told } = await walked(stored.subarray(0, stored.length - 100_000));
      const [shown] = [...documents.values()];
      assert.ok(shown.length > 300_000 && body.subarray(0, shown.length).equals(shown), how);
      assert.deepEqual(
        told.map(({ way, reason }) => [way, reason]),
        [[[...documents.keys()][0], 'damaged']],
      );
    }
  });

  it('is shown whole when only its checksum is wrong', async () => {
    const { documents, told } = await walked(gzipMember(text, { crc: 1 }));
    assert.deepEqual(documents.get('gunzip'), text);
    assert.match(told[0].detail, /checksum/);
  });

  it('that holds nothing is an empty document', async () => {
    assert.deepEqual([...(await documentsOf(gzipSync('')))], [['gunzip', Buffer.alloc(0)]]);
  });
});

describe('what stands behind a compressed stream', () => {
  it('is walked into when it is a container', async () => {
    const stored = Buffer.concat([gzipSync('first'), zstdCompressSync('second')]);
    assert.deepEqual(
      [...(await documentsOf(stored))],
      [
        ['gunzip', Buffer.from('first')],
        ['behind the end > unzstd', Buffer.from('second')],
      ],
    );
    const zip = rawZip({ members: [{ name: 'a', data: 'third' }] });
    assert.deepEqual([...(await documentsOf(Buffer.concat([gzipSync('first'), zip]))).keys()], ['gunzip', 'behind the end > a']);
  });

  it('is walked into behind bzip2 as well, after all streams of it', async function () {
    needs(this, 'bzip2');
    const streams = Buffer.concat([compressed(Buffer.from('first '), 'bzip2'), compressed(Buffer.from('stream'), 'bzip2')]);
    const zip = rawZip({ members: [{ name: 'a', data: 'third' }] });
    assert.deepEqual(
      [...(await documentsOf(Buffer.concat([streams, zip])))],
      [
        ['bunzip2', Buffer.from('first stream')],
        ['behind the end > a', Buffer.from('third')],
      ],
    );
    assert.deepEqual([...(await documentsOf(Buffer.concat([streams, Buffer.from('BZh9 is no stream')]))).keys()], ['bunzip2']);
  });

  it('is left alone when it is plain', async () => {
    assert.deepEqual([...(await documentsOf(Buffer.concat([gzipSync('first'), Buffer.from('plain text')]))).keys()], ['gunzip']);
    assert.deepEqual([...(await documentsOf(Buffer.concat([gzipSync('first'), Buffer.alloc(5000)]))).keys()], ['gunzip']);
    assert.deepEqual([...(await documentsOf(Buffer.concat([zstdCompressSync('first'), skippableFrame(Buffer.from('x'))]))).keys()], ['unzstd']);
  });
});

describe('the limits', () => {
  const zeros = Buffer.alloc(100 * 2 ** 20);

  it('end a stream that gives more bytes than may be', async () => {
    const { documents, told } = await walked(gzipSync(zeros), { bytes: 10 * 2 ** 20 });
    const length = documents.get('gunzip')!.length;
    assert.ok(length >= 10 * 2 ** 20 && length < 12 * 2 ** 20, `${length} bytes`);
    assert.deepEqual(
      told.map(({ way, reason, limit }) => ({ way, reason, limit })),
      [{ way: 'gunzip', reason: 'limit', limit: 'bytes' }],
    );
  });

  it('end a stream that gives too many bytes for those that are stored', async () => {
    const { documents, told } = await walked(gzipSync(zeros), { ratio: 100 });
    assert.ok(documents.get('gunzip')!.length < 70 * 2 ** 20);
    assert.deepEqual(
      told.map(({ limit }) => limit),
      ['ratio'],
    );
    // Beyond 64 MiB of decoded bytes only: small files of one letter are no bombs.
    assert.deepEqual((await walked(gzipSync(zeros.subarray(0, 2 ** 20)), { ratio: 100 })).told, []);
  });

  it('count all levels of a file together', async () => {
    // 16 files of 16 files of 16 files, each of the last 1 MiB of zeros: 4 GiB in a few KiB.
    let level: Buffer = gzipSync(zeros.subarray(0, 2 ** 20));
    for (let depth = 0; depth < 3; depth++) {
      const members = Array.from({ length: 16 }, (_, index) => ({ name: `${index}.gz`, data: level }));
      level = rawZip({ members });
    }
    assert.ok(level.length < 100_000);
    const { told, documents } = await walked(level, { ratio: 1000 });
    assert.deepEqual(
      told.map(({ reason, limit }) => ({ reason, limit })),
      [{ reason: 'limit', limit: 'ratio' }],
    );
    assert.ok([...documents.values()].reduce((sum, { length }) => sum + length, 0) < 2 ** 27);
  });

  it('hold for what stands behind a stream as well', async () => {
    const bomb = Buffer.concat([gzipSync('first'), zstdCompressSync(zeros)]);
    const { told } = await walked(bomb, { bytes: 2 ** 20 });
    assert.deepEqual(
      told.map(({ limit }) => limit),
      ['bytes'],
    );
  });

  it('end what unfolds to itself without end', async () => {
    let quine = Buffer.from('deepest');
    for (let depth = 0; depth < 40; depth++) quine = gzipSync(quine);
    const { told, documents } = await walked(quine, { depth: 5 });
    assert.deepEqual([...documents.keys()].at(-1), Array.from({ length: 5 }, () => 'gunzip').join(' > '));
    assert.equal(documents.size, 5);
    assert.deepEqual(
      told.map(({ reason, limit }) => ({ reason, limit })),
      [{ reason: 'limit', limit: 'depth' }],
    );
  });

  it('let nothing through when nothing may be decoded', async () => {
    const { told } = await walked(gzipSync('text'), { bytes: 0 });
    assert.deepEqual(
      told.map(({ limit }) => limit),
      ['bytes'],
    );
    assert.deepEqual((await walked(gzipSync('text'), { depth: 0 })).documents.size, 0);
  });

  it('keep a bomb of bzip2 in bounds', async function () {
    needs(this, 'bzip2');
    const { told, documents } = await walked(compressed(Buffer.alloc(100 * 2 ** 20), 'bzip2'), { bytes: 10 * 2 ** 20 });
    assert.ok(documents.get('bunzip2')!.length < 11 * 2 ** 20);
    assert.deepEqual(
      told.map(({ limit }) => limit),
      ['bytes'],
    );
  });
});

describe('a visitor', () => {
  const archive = gzipSync(tar(file('a.gz', gzipSync(noise(500_000))), file('b.gz', gzipSync('text'))));
  const reading = { hold, limits: generous, skipped: () => assert.fail('nothing to be told') };

  it('may leave a document unread or in the middle', async () => {
    const ways: string[] = [];
    await readNested(
      blobOf(archive),
      'gzip',
      async ({ way, bytes }) => {
        ways.push(way.join(' > '));
        if (ways.length === 2) for await (const chunk of bytes) if (chunk.length > 0) break;
      },
      reading,
    );
    assert.deepEqual(ways, ['gunzip', 'gunzip > a.gz > gunzip', 'gunzip > b.gz > gunzip']);
  });

  it('that throws ends the walk with its error', async () => {
    const failing = readNested(blobOf(archive), 'gzip', async () => Promise.reject(new Error('of the visitor')), reading);
    await assert.rejects(failing, /of the visitor/);
  });

  it('can be interrupted', async () => {
    const controller = new AbortController();
    const visit = async () => controller.abort(new Error('enough'));
    await assert.rejects(readNested(blobOf(archive), 'gzip', visit, { ...reading, signal: controller.signal }), /enough/);
  });
});
