// Compressed bytes that are lent a chunk at a time: what comes out, and what is told, is the same as of bytes that stay.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { blobOf } from '../../src/model/blob.ts';
import { defaultLimits } from '../../src/model/limits.ts';
import { ByteReader } from '../../src/tar/byte-reader.ts';
import { openCompressed } from '../../src/tar/decompress.ts';
import { compressed, gzipInMembers, gzipMember, skippableFrame } from '../support/compressed.ts';
import { lent, whileOverwriting } from '../support/lent.ts';
import { randomNumbers } from '../support/random.ts';
import { needs } from '../support/tool.ts';

/** Without zeros. */
function noise(seed: number, size: number): Buffer {
  const random = randomNumbers(seed);
  return Buffer.from(Uint8Array.from({ length: size }, () => 1 + random() * 40));
}

/** What comes out and what is told on the way, each copied at once; stretches of zeros beside the stream are not told, so there are none. */
async function given(bytes: Buffer, chunks: AsyncIterable<Uint8Array>, isLent?: true): Promise<readonly (string | Buffer)[]> {
  const told: (string | Buffer)[] = [];
  const aside = {
    stray: async (stray: Uint8Array, what: string, offset: number) => void told.push(`${what} ${offset}`, Buffer.from(stray)),
    damage: (detail: string, offset: number) => void told.push(`${detail} ${offset}`),
    limit: (name: string, detail: string, offset: number) => void told.push(`${name} ${detail} ${offset}`),
  };
  const borrowing = isLent === undefined ? {} : { isLent, isBorrowing: isLent };
  const opened = await openCompressed(chunks, blobOf(bytes), aside, defaultLimits, borrowing);
  const output: Buffer[] = [];
  for await (const chunk of opened.bytes) output.push(Buffer.from(chunk));
  // Strays may come in other pieces.
  const strays = new Map<string, Buffer[]>();
  let last = '';
  for (const each of told)
    if (typeof each === 'string') strays.set((last = each.replace(/ \d+$/, '')), strays.get(last) ?? []);
    else strays.get(last)!.push(each);
  return [Buffer.concat(output), ...[...strays].flatMap(([what, pieces]) => [what, Buffer.concat(pieces)])];
}

describe('compressed bytes that are lent', function () {
  this.timeout(60_000);
  const data = noise(1, 90_000);
  const cases: Readonly<Record<string, () => Buffer>> = {
    'no compression': () => data,
    gzip: () => gzipMember(data, { name: 'a name', comment: 'a comment', extra: noise(2, 3000) }),
    'gzip in members': () => gzipInMembers(500, 20_000, 50_000)(data),
    'gzip with text behind it': () => Buffer.concat([gzipMember(data), noise(3, 5000)]),
    'gzip with another stream behind it': () => Buffer.concat([gzipMember(data), compressed(data, 'zstd')]),
    'gzip that is cut off': () => gzipMember(data).subarray(0, 30_000),
    zstd: () => compressed(data, 'zstd'),
    'zstd in frames': () => Buffer.concat([compressed(data, 'zstd'), skippableFrame(Buffer.from('in between')), compressed(noise(4, 2000), 'zstd')]),
    xz: () => compressed(data, 'xz'),
    bzip2: () => compressed(data, 'bzip2'),
  };
  for (const [what, make] of Object.entries(cases)) {
    it(`come to the same: ${what}`, async function () {
      if (what === 'xz' || what === 'bzip2') needs(this, what);
      const bytes = make();
      const expected = await given(bytes, blobOf(bytes).open());
      for (const length of [1, 700, 8192, 65_536])
        assert.deepEqual(await whileOverwriting(length, () => given(bytes, lent(bytes, length), true)), expected, `chunks of ${length}`);
    });
  }
});

describe('a reader of bytes that are lent', () => {
  it('gives each byte once and in order, however it is asked', async () => {
    const steps = fc.array(fc.tuple(fc.constantFrom('peek', 'take', 'takeExactly', 'putBack'), fc.nat({ max: 900 })), { maxLength: 60 });
    const bytes = noise(5, 4000);
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 500 }), async (asked, length) => {
        const reader = new ByteReader(lent(bytes, length), 0, true);
        let at = 0;
        for (const [how, count] of asked) {
          const start = at;
          const ready = how === 'peek' ? await reader.peek(count) : how === 'take' ? await reader.take(count) : await reader.takeExactly(count);
          assert.ok(ready.equals(bytes.subarray(start, start + ready.length)), `${how} ${count} at ${start}`);
          if (how !== 'peek') at += ready.length;
          if (how === 'putBack') {
            reader.putBack(ready.subarray(ready.length >> 1));
            at = start + (ready.length >> 1);
          }
          assert.equal(reader.offset, at);
        }
      }),
    );
  });
});
