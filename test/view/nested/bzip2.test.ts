// The decoder of bzip2 against the tool: all block sizes, many streams, runs of any length, and every kind of damage.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { blobOf, type Blob } from '../../../src/model/blob.ts';
import { bunzipping } from '../../../src/view/nested/bzip2/bzip2.ts';
import { noise } from '../../support/hostile.ts';
import { needs } from '../../support/tool.ts';
import { inChunks } from './walked.ts';

function bzip2(bytes: Buffer, level = 9): Buffer {
  return execFileSync('bzip2', ['-c', `-${level}`], { input: bytes, maxBuffer: 1 << 30 });
}

async function decoded(stored: Buffer | Blob): Promise<{ bytes: Buffer; told: string[]; tail: number | undefined }> {
  const told: string[] = [];
  const { bytes, tailStart } = bunzipping(Buffer.isBuffer(stored) ? blobOf(stored) : stored, (detail) => told.push(detail));
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return { bytes: Buffer.concat(chunks), told, tail: tailStart() };
}

async function assertDecodes(stored: Buffer | Blob, expected: Buffer): Promise<void> {
  const { bytes, told, tail } = await decoded(stored);
  assert.deepEqual(told, []);
  assert.ok(bytes.equals(expected), `${bytes.length} bytes, expected ${expected.length}`);
  assert.equal(tail, undefined);
}

describe('bunzipping', () => {
  before(function () {
    needs(this, 'bzip2');
  });

  it('gives what the tool was given, in blocks of each size', async () => {
    const words = Buffer.from(Array.from({ length: 60_000 }, (_, index) => `word ${index % 977} of ${index}\n`).join(''));
    for (let level = 1; level <= 9; level++) await assertDecodes(bzip2(words, level), words);
    const mixed = Buffer.concat([noise(300_000), words, Buffer.alloc(500_000), noise(1000)]);
    await assertDecodes(bzip2(mixed, 1), mixed);
    await assertDecodes(inChunks(bzip2(mixed, 2), 5000), mixed);
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

  it('goes on with streams that follow, and stops before anything else', async () => {
    const one = bzip2(Buffer.from('one '));
    await assertDecodes(Buffer.concat([one, bzip2(Buffer.alloc(0)), bzip2(Buffer.from('two'), 1)]), Buffer.from('one two'));
    const { bytes, told, tail } = await decoded(Buffer.concat([one, Buffer.from('BZh is no stream')]));
    assert.deepEqual([bytes.toString(), told, tail], ['one ', [], one.length]);
  });

  it('gives whole blocks in front of a break, and tells where it is', async () => {
    const stored = bzip2(noise(350_000), 1);
    for (const length of [stored.length - 1, stored.length - 12, 300_000, 20, 4]) {
      const { bytes, told } = await decoded(stored.subarray(0, length));
      assert.match(told.join(), /^the bzip2 stream is truncated; at compressed byte \d+$/);
      assert.ok(noise(350_000).subarray(0, bytes.length).equals(bytes));
    }
    assert.ok((await decoded(stored.subarray(0, 300_000))).bytes.length > 190_000);
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
          const { bytes, told, tail } = await decoded(damaged);
          if (told.length === 0 && tail === undefined) assert.ok(bytes.equals(plain));
        },
      ),
      { numRuns: 1000 },
    );
  });
});
