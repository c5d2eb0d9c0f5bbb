// Compressed streams, read back by node, by unbake and by the tools of this world.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { deflateRawSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { recompressed } from '../../src/tar/compress.ts';
import { randomNumbers } from '../support/random.ts';
import { scratch } from '../support/scratch.ts';
import { needs, tool } from '../support/tool.ts';
import { decompressed, text } from './decompressed.ts';
import { chunksOf } from './recorded.ts';

const kinds = ['gzip', 'zstd'] as const;
const undo = { gzip: gunzipSync, zstd: zstdDecompressSync };

async function* stream(bytes: Buffer, sizes: readonly number[] = []): AsyncGenerator<Uint8Array> {
  yield* chunksOf(bytes, sizes);
}

async function compressedWhole(bytes: Buffer, kind: 'none' | 'gzip' | 'zstd', sizes: readonly number[] = []): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const chunk of recompressed(stream(bytes, sizes), kind)) pieces.push(Buffer.from(chunk));
  return Buffer.concat(pieces);
}

function noise(length: number): Buffer {
  const next = randomNumbers(length);
  return Buffer.from(Array.from({ length }, () => Math.floor(next() * 256)));
}

/** Below, at and beyond the length of the blocks that are fed at once, compressible and not. */
const samples = [
  Buffer.alloc(0),
  Buffer.from('x'),
  text(128 * 1024),
  text(400_001),
  noise(128 * 1024 - 1),
  noise(300_000),
  Buffer.concat([noise(200_000), Buffer.alloc(2_000_000)]),
];

describe('recompressed', () => {
  const files = scratch();

  it('gives back what went in', async () => {
    for (const bytes of samples) {
      assert.ok((await compressedWhole(bytes, 'none', [700])).equals(bytes));
      for (const kind of kinds) {
        const result = await compressedWhole(bytes, kind);
        assert.ok(undo[kind](result).equals(bytes));
        const read = await decompressed(result);
        assert.ok(read.output.equals(bytes));
        assert.deepEqual([read.compression, read.stray, read.damage], [kind, [], []]);
      }
    }
  });

  it('does not depend on the chunks', async () => {
    for (const bytes of samples)
      for (const kind of kinds) {
        const result = await compressedWhole(bytes, kind);
        for (const sizes of [[997], [65_536], [131_072], [131_073], [1, 300_000]])
          assert.ok((await compressedWhole(bytes, kind, sizes)).equals(result), `${kind} of ${bytes.length} bytes, in chunks of ${sizes.join(', ')}`);
      }
    await fc.assert(
      fc.asyncProperty(
        fc.nat(400_000),
        fc.array(fc.integer({ min: 1, max: 200_000 }), { minLength: 1 }),
        fc.constantFrom(...kinds),
        async (length, sizes, kind) => {
          const bytes = text(length, sizes[0]);
          // Chunks of a byte or two are slow, and no different from those of a hundred.
          const result = await compressedWhole(
            bytes,
            kind,
            sizes.map((size) => size + 100),
          );
          assert.ok(result.equals(await compressedWhole(bytes, kind)));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('writes gzip at level 6 with nothing in its header', async () => {
    const bytes = text(300_000);
    const result = await compressedWhole(bytes, 'gzip');
    assert.equal(result.subarray(0, 10).toString('hex'), '1f8b08000000000000ff');
    assert.ok(result.subarray(10, -8).equals(deflateRawSync(bytes, { level: 6 })));
  });

  it('writes one zstd frame with a checksum', async () => {
    const result = await compressedWhole(text(300_000), 'zstd');
    assert.equal(result.readUInt32LE(0), 0xfd2fb528);
    assert.equal(result[4] & 4, 4, 'Content_Checksum_flag (RFC 8878, section 3.1.1.1.1)');
    const broken = Buffer.from(result);
    broken[broken.length - 1] ^= 1;
    assert.throws(() => zstdDecompressSync(broken));
    assert.throws(() => zstdDecompressSync(result.subarray(0, -1)));
  });

  for (const kind of kinds) {
    it(`writes what ${kind} takes for whole`, async function () {
      needs(this, kind);
      const suffix = { gzip: 'gz', zstd: 'zst' }[kind];
      for (const [index, bytes] of samples.entries()) {
        const path = files.file(await compressedWhole(bytes, kind), `${index}.${suffix}`);
        tool(kind, ['-t', path]);
        tool(kind, ['-d', '-k', '-f', path]);
        assert.ok(readFileSync(path.slice(0, -suffix.length - 1)).equals(bytes));
      }
    });

    it(`reads little more than is asked of ${kind}, and closes the source when the reader stops`, async () => {
      let asked = 0;
      let read = 0;
      let isClosed = false;
      async function* endless(): AsyncGenerator<Uint8Array> {
        try {
          for (;;) {
            // Each of another length, and so of other bytes: noise that comes twice shrinks.
            const chunk = noise(100_000 + asked++);
            read += chunk.length;
            yield chunk;
          }
        } finally {
          isClosed = true;
        }
      }
      const output = recompressed(endless(), kind);
      let given = 0;
      while (given < 1_000_000) given += (await output.next()).value!.length;
      const before = asked;
      // Nothing of it was saved: what was read and not given yet stands between.
      assert.ok(read - given < 1_000_000, `${read} bytes were read for ${given}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      assert.equal(asked, before, 'the source is read although nobody asks');
      await output.return(undefined);
      assert.ok(isClosed);
      assert.deepEqual(await output.next(), { done: true, value: undefined });
    });

    it(`closes the source when the reader of ${kind} stops at the first chunk`, async () => {
      let isClosed = false;
      async function* endless(): AsyncGenerator<Uint8Array> {
        try {
          for (;;) yield noise(1000);
        } finally {
          isClosed = true;
        }
      }
      for await (const first of recompressed(endless(), kind)) {
        assert.ok(first.length > 0);
        break;
      }
      assert.ok(isClosed);
    });

    it(`passes on the error of the source of ${kind}`, async () => {
      for (const length of [0, 10, 128 * 1024, 500_000]) {
        const error = new Error('the source broke');
        async function* breaking(): AsyncGenerator<Uint8Array> {
          if (length > 0) yield noise(length);
          throw error;
        }
        await assert.rejects(
          async () => {
            for await (const chunk of recompressed(breaking(), kind)) assert.ok(chunk.length > 0);
          },
          (thrown) => thrown === error,
        );
      }
    });
  }
});
