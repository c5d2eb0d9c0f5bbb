// The decoder of bzip2 against the tool: all block sizes, many streams, runs of any length, bombs, and every kind of damage.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { ByteReader } from '../../../src/tar/byte-reader.ts';
import { bunzipped } from '../../../src/tar/bzip2/bzip2.ts';
import { blobOf } from '../../../src/model/blob.ts';
import { noise } from '../../support/hostile.ts';
import { needs } from '../../support/tool.ts';
import { decompressed } from '../decompressed.ts';

function bzip2(bytes: Buffer, level = 9): Buffer {
  return execFileSync('bzip2', ['-c', `-${level}`], { input: bytes, maxBuffer: 1 << 30 });
}

async function assertDecodes(stored: Buffer, expected: Buffer, chunkSizes: readonly number[] = []): Promise<void> {
  const { output, stray, damage } = await decompressed(stored, chunkSizes);
  assert.deepEqual([stray, damage], [[], []]);
  assert.ok(output.equals(expected), `${output.length} bytes, expected ${expected.length}`);
}

/** One stream, and where the reader stands behind it. */
async function oneStream(stored: Buffer) {
  const blob = blobOf(stored);
  const reader = new ByteReader(blob.open());
  const told: string[] = [];
  const aside = {
    stray: async () => assert.fail('a stream has nothing beside it'),
    damage: (detail: string, offset: number) => void told.push(`${detail} at ${offset}`),
    limit: () => assert.fail('nobody set a limit'),
  };
  const bytes = bunzipped({ reader, blob, aside });
  const pieces: Uint8Array[] = [];
  let step = await bytes.next();
  for (; !step.done; step = await bytes.next()) pieces.push(step.value);
  return { pieces, isIntact: step.value, told, end: reader.offset };
}

describe('bunzipped', () => {
  before(function () {
    needs(this, 'bzip2');
  });

  it('gives what the tool was given, in blocks of each size', async () => {
    const words = Buffer.from(Array.from({ length: 60_000 }, (_, index) => `word ${index % 977} of ${index}\n`).join(''));
    for (let level = 1; level <= 9; level++) await assertDecodes(bzip2(words, level), words);
    const mixed = Buffer.concat([noise(300_000), words, Buffer.alloc(500_000), noise(1000)]);
    await assertDecodes(bzip2(mixed, 1), mixed);
    await assertDecodes(bzip2(mixed, 2), mixed, [5000]);
    await assertDecodes(bzip2(words, 1), words, [1]);
  });

  it('gives several full blocks of bytes that do not compress', async () => {
    const bytes = noise(2_500_000);
    await assertDecodes(bzip2(bytes), bytes, [70_000]);
  });

  it('knows runs of every length', async () => {
    const runs = Buffer.concat(Array.from({ length: 600 }, (_, length) => Buffer.alloc(length, length % 3)));
    await assertDecodes(bzip2(runs), runs);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat({ max: 255 }), fc.nat({ max: 300 })), { maxLength: 20 }), async (pieces) => {
        const bytes = Buffer.concat(pieces.map(([value, length]) => Buffer.alloc(length, value)));
        await assertDecodes(bzip2(bytes, 1), bytes);
      }),
      { numRuns: 40 },
    );
  });

  it('ends with its stream, to the byte, whatever follows', async () => {
    const stored = bzip2(Buffer.from('one stream'));
    for (const behind of [Buffer.alloc(0), stored, Buffer.from('text'), Buffer.alloc(3)]) {
      const { pieces, isIntact, told, end } = await oneStream(Buffer.concat([stored, behind]));
      assert.deepEqual([Buffer.concat(pieces).toString(), isIntact, told, end], ['one stream', true, [], stored.length]);
    }
  });

  it('comes in pieces, however far a block unfolds', async () => {
    // 46 MB are as much as a block of the largest size holds.
    const bomb = bzip2(Buffer.alloc(45_000_000));
    assert.ok(bomb.length < 100);
    const { pieces, isIntact } = await oneStream(bomb);
    assert.ok(pieces.every(({ length }) => length > 0 && length <= 256 * 1024));
    assert.deepEqual([pieces.reduce((sum, { length }) => sum + length, 0), isIntact], [45_000_000, true]);
  });

  it('takes room for small blocks as small as they are', async () => {
    const { pieces } = await oneStream(bzip2(Buffer.from('ten bytes.')));
    assert.ok(pieces.every(({ buffer }) => buffer.byteLength < 1000));
  });

  it('gives whole blocks in front of a break, and tells where it is', async () => {
    const stored = bzip2(noise(350_000), 1);
    for (const length of [stored.length - 1, stored.length - 12, 300_000, 20, 4]) {
      const { pieces, told, isIntact } = await oneStream(stored.subarray(0, length));
      const bytes = Buffer.concat(pieces);
      assert.deepEqual(
        told.map((line) => line.replace(/\d+$/, 'N')),
        [`the bzip2 stream is truncated, after ${bytes.length} uncompressed bytes at N`],
      );
      assert.equal(isIntact, false);
      assert.ok(noise(350_000).subarray(0, bytes.length).equals(bytes));
    }
    assert.ok(Buffer.concat((await oneStream(stored.subarray(0, 300_000))).pieces).length > 190_000);
  });

  it('gives all when only the checksum behind the blocks is wrong, tells it, and goes on', async () => {
    const stored = bzip2(Buffer.from('one '));
    // A stream without a block: nothing but its head, the mark of the end and a checksum, which should be 0.
    const empty = Buffer.concat([Buffer.from('BZh9'), Buffer.from('177245385090', 'hex'), Buffer.from('00000001', 'hex')]);
    const { output, damage } = await decompressed(Buffer.concat([stored, empty, bzip2(Buffer.from('two'))]));
    assert.equal(output.toString(), 'one two');
    assert.deepEqual(damage, [{ detail: 'the bzip2 checksum of all blocks does not match the data', offset: stored.length + 4 }]);
  });

  it('never throws and never takes wrong bytes for right ones', async () => {
    const plain = Buffer.from('a text with some words, some words and others\n'.repeat(40));
    const stored = bzip2(plain, 1);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat({ max: stored.length - 5 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 3 }),
        async (changes) => {
          const damaged = Buffer.from(stored);
          for (const [at, value] of changes) damaged[4 + at] = value;
          const { pieces, told, isIntact, end } = await oneStream(damaged);
          // A changed magic number may end the stream early; what follows is then told by who asked for it.
          if (told.length === 0 && end === stored.length) assert.ok(Buffer.concat(pieces).equals(plain));
          if (!isIntact) assert.equal(told.length, 1);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('never throws on blocks made of noise', async () => {
    const head = Buffer.concat([Buffer.from('BZh9'), Buffer.from('314159265359', 'hex')]);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        const { isIntact, told } = await oneStream(Buffer.concat([head, bytes]));
        assert.deepEqual([isIntact, told.length], [false, 1]);
      }),
      { numRuns: 500 },
    );
  });
});
