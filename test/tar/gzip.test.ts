import assert from 'node:assert/strict';
import { constants, deflateRawSync, gunzipSync, gzipSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { gzipInMembers, gzipMember } from '../support/compressed.ts';
import { noise } from '../support/hostile.ts';
import { defaultLimits } from '../../src/model/limits.ts';
import { decompressed, text } from './decompressed.ts';

const chunks = fc.array(fc.oneof(fc.integer({ min: 1, max: 400 }), fc.constantFrom(1, 65_536)), { minLength: 1, maxLength: 6 });
const data = fc.oneof(
  fc.record({ length: fc.nat(60_000), seed: fc.nat() }).map(({ length, seed }) => text(length, seed)),
  fc.nat(20_000).map(noise),
  fc.nat(200_000).map((length) => Buffer.alloc(length, 'zero')),
);

/** What zlib gives of a stream that stops here, and undefined when it is corrupt up to here. */
function inflatedUpTo(deflated: Buffer, end: number): Buffer | undefined {
  try {
    return inflateRawSync(deflated.subarray(0, end), { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return undefined;
  }
}

/** The output of the longest part of a stream in which zlib sees nothing wrong. */
function inflatedBeforeBreak(deflated: Buffer): { output: Buffer; isWhole: boolean } {
  const whole = inflatedUpTo(deflated, deflated.length);
  if (whole !== undefined) return { output: whole, isWhole: true };
  let good = 0;
  let bad = deflated.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (inflatedUpTo(deflated, middle) === undefined) bad = middle;
    else good = middle;
  }
  return { output: inflatedUpTo(deflated, good)!, isWhole: false };
}

describe('gzip', () => {
  it('gives the data of all members, whatever the chunks', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(data, { minLength: 1, maxLength: 4 }), chunks, async (members, sizes) => {
        const stream = Buffer.concat(members.map((member) => gzipMember(member)));
        const { compression, output, stray, damage } = await decompressed(stream, sizes);
        assert.equal(compression, 'gzip');
        assert.ok(output.equals(Buffer.concat(members)));
        assert.deepEqual([stray, damage], [[], []]);
      }),
      { numRuns: 50 },
    );
  });

  it('reads members of any level and strategy', async () => {
    const bytes = text(100_000);
    for (const options of [
      { level: 0 },
      { level: 1 },
      { level: 9 },
      { strategy: constants.Z_FIXED },
      { strategy: constants.Z_HUFFMAN_ONLY },
      { strategy: constants.Z_RLE },
    ]) {
      assert.ok((await decompressed(gzipSync(bytes, options), [1000])).output.equals(bytes));
    }
  });

  it('hands the free fields of the header aside', async () => {
    const bytes = text(1000);
    const stream = Buffer.concat([
      gzipMember(text(10)),
      gzipMember(bytes, { extra: Buffer.from('extra'), name: 'name', comment: 'comment', headerChecksum: true }),
    ]);
    for (const sizes of [[], [1], [13]]) {
      const { output, stray, damage } = await decompressed(stream, sizes);
      const start = gzipMember(text(10)).length;
      assert.ok(output.equals(Buffer.concat([text(10), bytes])));
      assert.deepEqual(stray, [
        { what: 'extra field of the gzip header', offset: start + 12, text: 'extra' },
        { what: 'name in the gzip header', offset: start + 17, text: 'name' },
        { what: 'comment in the gzip header', offset: start + 22, text: 'comment' },
      ]);
      assert.deepEqual(damage, []);
    }
  });

  it('reads names as long as a megabyte and stops at longer ones', async () => {
    const long = 'n'.repeat(700_000);
    assert.equal((await decompressed(gzipMember(text(10), { name: long }), [50_000])).stray[0].text, long);
    const endless = await decompressed(gzipMember(text(10), { name: 'n'.repeat(3_000_000) }), [65_536]);
    assert.equal(endless.output.length, 0);
    assert.equal(endless.damage.length, 1);
  });

  it('gives the data first and tells of a wrong checksum or length second', async () => {
    const bytes = text(5000);
    const wrong = await decompressed(gzipMember(bytes, { crc: 1 }));
    assert.ok(wrong.output.equals(bytes));
    assert.match(wrong.damage[0].detail, /checksum \(CRC-32\) does not match/);
    const short = await decompressed(gzipMember(bytes, { length: 4999 }));
    assert.ok(short.output.equals(bytes));
    assert.match(short.damage[0].detail, /length does not match the data: announced 4999, got 5000/);
  });

  it('goes on with the members behind a wrong trailer', async () => {
    const { output, damage } = await decompressed(Buffer.concat([gzipMember(text(10), { crc: 1 }), gzipMember(text(20))]));
    assert.ok(output.equals(Buffer.concat([text(10), text(20)])));
    assert.equal(damage.length, 1);
  });

  it('hands aside what stands behind the last member, zeros in front of it included', async () => {
    const stream = gzipMember(text(1000));
    for (const tail of ['token', '\0\0\0token', '\x1f\x8b', '\0'.repeat(600) + 'token']) {
      for (const sizes of [[], [1], [stream.length]]) {
        const { output, stray, damage } = await decompressed(Buffer.concat([stream, Buffer.from(tail, 'latin1')]), sizes);
        assert.ok(output.equals(text(1000)));
        assert.deepEqual(stray.map((piece) => piece.text.replaceAll('\0', '')).join(''), tail.replaceAll('\0', ''));
        assert.deepEqual(damage, []);
      }
    }
  });

  it('says nothing of zeros behind the end, as tapes have them', async () => {
    assert.deepEqual((await decompressed(Buffer.concat([gzipMember(text(1000)), Buffer.alloc(10_000)]), [700])).stray, []);
  });

  it('gives a truncated stream up to its end, and tells of it', async () => {
    await fc.assert(
      fc.asyncProperty(data, fc.nat(), chunks, async (bytes, where, sizes) => {
        const whole = gzipInMembers(Math.floor(bytes.length / 3))(bytes);
        const first = gzipMember(bytes.subarray(0, Math.floor(bytes.length / 3))).length;
        const cut = 1 + (where % (whole.length - 1));
        if (cut < 3 || cut === first) return;
        const { output, damage } = await decompressed(whole.subarray(0, cut), sizes);
        assert.ok(bytes.subarray(0, output.length).equals(output), 'a prefix of the data');
        const begun = cut > first + 10 ? [whole.subarray(10, first - 8), whole.subarray(first + 10, cut)] : cut > 10 ? [whole.subarray(10, cut)] : [];
        const expected = begun.reduce((sum, deflated) => sum + inflatedUpTo(deflated, deflated.length)!.length, 0);
        assert.ok(output.length >= expected, `cut at ${cut} of ${whole.length}: ${output.length} bytes and zlib gives ${expected}`);
        assert.equal(damage.length + (cut > first && cut < first + 3 ? 1 : 0), 1, `cut at ${cut}`);
        assert.match(damage[0]?.detail ?? 'truncated', /truncated/);
      }),
      { numRuns: 80 },
    );
  });

  it('gives a corrupt stream up to the break, as far as zlib follows it, and tells of it', async () => {
    await fc.assert(
      fc.asyncProperty(data, fc.nat(), fc.integer({ min: 1, max: 255 }), chunks, async (bytes, where, change, sizes) => {
        const deflated = deflateRawSync(bytes);
        const stream = gzipMember(bytes);
        const at = 10 + (where % (stream.length - 10));
        stream[at] ^= change;
        const { output, damage } = await decompressed(stream, sizes);
        if (at >= 10 + deflated.length) {
          assert.ok(output.equals(bytes), 'the trailer alone is wrong');
        } else {
          const reference = inflatedBeforeBreak(stream.subarray(10));
          assert.ok(output.subarray(0, reference.output.length).equals(reference.output), 'what zlib gives is given');
          if (reference.isWhole && reference.output.length > 0) assert.equal(output.length, reference.output.length);
          assert.ok(output.length <= reference.output.length + 2048, 'nothing is made up');
        }
        // Bits behind the last code of a deflate stream mean nothing: then the data is what it was.
        assert.ok(damage.length > 0 || output.equals(bytes), 'nothing is said');
      }),
      { numRuns: 80 },
    );
  });

  it('gives several hundred kilobytes before a break in a stream that expands a thousandfold', async () => {
    const bytes = Buffer.alloc(20_000_000, 'a');
    const stream = gzipSync(bytes);
    const { output, damage } = await decompressed(stream.subarray(0, stream.length >> 1));
    assert.ok(output.length > 9_000_000, `${output.length}`);
    assert.equal(damage.length, 1);
    assert.match(damage[0].detail, new RegExp(`after ${output.length} uncompressed bytes`));
  });

  it('tells the rest behind the end but for its last zeros, however it is cut', async () => {
    const rest = Buffer.concat([Buffer.from('rest'), Buffer.alloc(70_000), Buffer.from('more'), Buffer.alloc(9)]);
    const bytes = Buffer.concat([gzipMember(text(100)), rest]);
    for (const sizes of [[], [bytes.length - 9], [bytes.length - 70_013, 30_000], [bytes.length - 5]]) {
      const { stray } = await decompressed(bytes, sizes);
      assert.deepEqual(
        stray.map(({ offset, text: told }) => [offset, told]),
        [[bytes.length - rest.length, rest.subarray(0, -9).toString('latin1')]],
        sizes.join(),
      );
    }
  });

  it('gives and tells the same by the core and by node:zlib, its own or borrowed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(data, { minLength: 1, maxLength: 3 }),
        fc.option(fc.record({ at: fc.nat(), change: fc.integer({ min: 1, max: 255 }) })),
        fc.nat(),
        chunks,
        async (members, flaw, cut, sizes) => {
          const stream = Buffer.concat(members.map((member) => gzipMember(member, { name: 'n' })));
          if (flaw !== null) stream[10 + (flaw.at % (stream.length - 10))] ^= flaw.change;
          const given = stream.subarray(0, cut % 2 === 0 ? stream.length : 18 + (cut % (stream.length - 18)));
          const byCore = await decompressed(given, sizes);
          assert.deepEqual(await decompressed(given, sizes, defaultLimits, { inflate: 'node' }), byCore);
          assert.deepEqual(await decompressed(given, sizes, defaultLimits, { isBorrowing: true }), byCore);
          assert.deepEqual(await decompressed(given, [], defaultLimits, { isBorrowing: true }), byCore);
        },
      ),
      { numRuns: 80 },
    );
  });

  it('tells at which byte a stream breaks', async () => {
    const sound = deflateRawSync(text(5000), { finishFlush: constants.Z_FULL_FLUSH });
    for (const inflate of ['core', 'node'] as const) {
      // A header of ten bytes, a whole block, and three bits that are no block.
      const { output, damage } = await decompressed(
        Buffer.concat([gzipMember(Buffer.alloc(0)).subarray(0, 10), sound, Buffer.alloc(40, 7)]),
        [777],
        defaultLimits,
        {
          inflate,
        },
      );
      assert.ok(output.equals(text(5000)));
      assert.deepEqual(damage, [
        { detail: 'the gzip stream is corrupt (invalid block type), after 5000 uncompressed bytes', offset: 10 + sound.length + 1 },
      ]);
    }
  });

  it('reads thousands of small members, as eStargz has them', async () => {
    const bytes = text(600_000);
    const offsets = Array.from({ length: 2999 }, (_, index) => (index + 1) * 200);
    const { output, damage } = await decompressed(gzipInMembers(...offsets)(bytes), [65_536]);
    assert.ok(output.equals(bytes));
    assert.deepEqual(damage, []);
  });

  it('agrees with gunzip on what tools write', () => {
    const bytes = text(10_000);
    assert.ok(gunzipSync(gzipMember(bytes, { name: 'n', comment: 'c' })).equals(bytes));
  });
});
