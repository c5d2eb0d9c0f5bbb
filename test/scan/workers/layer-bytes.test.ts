// A layer that another thread reads: the same bytes, the same digest, and what stands beside the stream told at the same place.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { renameSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { defaultLimits, type Limits } from '../../../src/model/limits.ts';
import { type OpenSource, openHere, type SourceTerms } from '../../../src/scan/layer-source.ts';
import { BytesThread } from '../../../src/scan/workers/bytes-thread.ts';
import { Ring } from '../../../src/scan/workers/ring.ts';
import { pathBlob } from '../../../src/store/path-blob.ts';
import type { Blob } from '../../../src/model/blob.ts';
import { compressed, gzipInMembers, gzipMember } from '../../support/compressed.ts';
import { randomNumbers } from '../../support/random.ts';
import { scratch } from '../../support/scratch.ts';

function noise(seed: number, size: number): Buffer {
  const random = randomNumbers(seed);
  return Buffer.from(Uint8Array.from({ length: size }, () => random() * 64));
}

/** All that a scan is given of a layer, in order; runs of bytes that nothing stands between are one. */
async function given(open: OpenSource, blob: Blob, changes: Partial<SourceTerms> = {}) {
  const events: { readonly at: number; readonly what: string }[] = [];
  const hash = createHash('sha256');
  let length = 0;
  const told = (what: string) => void events.push({ at: length, what });
  const source = await open(
    blob,
    { limits: defaultLimits, ...changes },
    {
      stray: async (bytes, what, offset) => told(`${what} ${offset} ${bytes.length} ${createHash('sha256').update(bytes).digest('hex')}`),
      damage: (detail, offset) => told(`damage ${detail} ${offset}`),
      limit: (name, detail, offset) => told(`limit ${name} ${detail} ${offset}`),
    },
  );
  for await (const chunk of source.bytes) {
    hash.update(chunk);
    length += chunk.length;
  }
  return { compression: source.compression, digest: source.digest(), length, content: hash.digest('hex'), events };
}

describe('a layer that another thread reads', function () {
  this.timeout(60_000);
  const files = scratch();
  const threads: BytesThread[] = [];
  afterEach(async () => {
    for (const thread of threads.splice(0)) await thread.stop();
  });

  const apart: OpenSource = (blob, terms, aside) => {
    const thread = new BytesThread();
    threads.push(thread);
    return thread.open(blob, terms, aside);
  };

  const layer = noise(1, 3_000_000);
  const cases: Readonly<Record<string, readonly [bytes: Buffer, changes?: Partial<SourceTerms>, limits?: Partial<Limits>]>> = {
    'is plain': [layer],
    'is empty': [Buffer.alloc(0)],
    'is gzip with texts in its header': [gzipMember(layer, { name: 'a name', comment: 'a comment', extra: noise(2, 5000) })],
    'is gzip in members': [gzipInMembers(10, 1_000_000, 2_000_000)(layer)],
    'is cut off': [gzipMember(layer).subarray(0, 1_000_000)],
    'has a wrong checksum': [gzipMember(layer, { crc: 1 })],
    'has more behind it than fits a slot': [Buffer.concat([gzipMember(layer), noise(3, 700_000)])],
    'has another stream behind it': [Buffer.concat([gzipMember(layer), compressed(noise(4, 600_000), 'zstd')])],
    'is zstd with a frame to skip': [
      Buffer.concat([compressed(layer, 'zstd'), Buffer.from('502a4d1804000000', 'hex'), Buffer.from('text'), compressed(layer, 'zstd')]),
    ],
    'is larger than a limit': [gzipMember(layer), {}, { layerBytes: 1_500_000 }],
    'is named by its SHA-512': [gzipMember(layer), { algorithm: 'sha512' }],
  };
  for (const [how, [bytes, changes, limits]] of Object.entries(cases)) {
    it(`gives what this thread gives: it ${how}`, async () => {
      const blob = pathBlob(files.file(bytes), bytes.length);
      const terms = { ...changes, limits: { ...defaultLimits, ...limits } };
      const expected = await given(openHere, blob, terms);
      assert.deepEqual(await given(apart, blob, terms), expected);
    });
  }

  it('tells how far it has read, and ends when it is told to', async () => {
    const bytes = gzipMember(layer);
    const blob = pathBlob(files.file(bytes), bytes.length);
    const read: number[] = [];
    await given(apart, blob, { onProgress: (so) => read.push(so) });
    assert.equal(read.at(-1), bytes.length);
    assert.deepEqual(
      read,
      read.toSorted((a, b) => a - b),
    );
    const controller = new AbortController();
    await assert.rejects(given(apart, blob, { signal: controller.signal, onProgress: () => controller.abort(new Error('enough')) }), {
      message: 'enough',
    });
  });

  it('gives the error of a file that cannot be read, and one of its own when its thread is lost', async () => {
    const path = files.file(gzipMember(layer));
    renameSync(path, `${path}.gone`);
    await assert.rejects(given(apart, pathBlob(path, 100)), (error: NodeJS.ErrnoException) => {
      assert.equal(error.code, 'io');
      assert.equal((error.cause as NodeJS.ErrnoException).code, 'ENOENT');
      return true;
    });
    const large = files.file(noise(5, 8_000_000));
    const source = await apart(pathBlob(large, 8_000_000), { limits: defaultLimits }, {} as never);
    await threads.at(-1)!.stop();
    await assert.rejects(
      async () => {
        for await (const chunk of source.bytes) assert.ok(chunk.length > 0);
      },
      { code: 'unread' },
    );
  });
});

describe('a ring between two threads', function () {
  this.timeout(60_000);

  it('gives every record whole and in order, whatever their sizes', async () => {
    const ringUrl = new URL('../../../src/scan/workers/ring.ts', import.meta.url).href;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.nat({ max: 100 }), fc.nat({ max: 1_000_000 }), fc.constant(256 * 1024)), { maxLength: 30 }),
        async (sizes) => {
          const ring = new Ring();
          const worker = new Worker(
            `const { workerData } = require('node:worker_threads');
import(workerData.ringUrl).then(({ Ring }) => {
  const ring = new Ring(workerData.memory);
  workerData.sizes.forEach((size, index) => ring.write(index % 7, Buffer.alloc(size, index + 1)));
  ring.close();
});`,
            { eval: true, workerData: { ringUrl, sizes, memory: ring.memory } },
          );
          try {
            for (const [index, size] of sizes.entries()) {
              const record = await ring.next();
              assert.equal(record?.kind, index % 7);
              assert.ok(Buffer.alloc(size, index + 1).equals(record!.bytes), `record ${index}`);
            }
            assert.equal(await ring.next(), undefined);
          } finally {
            await worker.terminate();
          }
        },
      ),
      { numRuns: 20 },
    );
  });
});
