import assert from 'node:assert/strict';
import { constants, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { skippableFrame, zstdInFrames } from '../support/compressed.ts';
import { noise } from '../support/hostile.ts';
import { needs, tool } from '../support/tool.ts';
import { decompressed, text } from './decompressed.ts';

const chunks = fc.array(fc.oneof(fc.integer({ min: 500, max: 5000 }), fc.constantFrom(65_536)), { minLength: 1, maxLength: 6 });
const data = fc.oneof(
  fc.record({ length: fc.nat(300_000), seed: fc.nat() }).map(({ length, seed }) => text(length, seed)),
  fc.nat(200_000).map(noise),
  fc.nat(500_000).map((length) => Buffer.alloc(length, 'zero')),
);
const withChecksum = { params: { [constants.ZSTD_c_checksumFlag]: 1 } };

/** Where the blocks of a frame end, by the letter of RFC 8878, and how many bytes its header has. */
function blocksOf(frame: Buffer): { header: number; ends: number[] } {
  const descriptor = frame[4];
  const isSingle = (descriptor & 0x20) !== 0;
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6];
  const header = 5 + (isSingle ? 0 : 1) + [0, 1, 2, 4][descriptor & 3] + sizeBytes;
  const ends: number[] = [];
  for (let at = header; ;) {
    const block = frame.readUIntLE(at, 3);
    at += 3 + (((block >> 1) & 3) === 1 ? 1 : block >> 3);
    ends.push(at);
    if (block & 1) return { header, ends };
  }
}

describe('zstd', () => {
  it('gives the data of all frames, whatever stands between them and whatever the chunks', async () => {
    const part = fc.oneof(
      { weight: 3, arbitrary: data.map((bytes) => ({ bytes, frame: zstdCompressSync(bytes), note: '' })) },
      {
        weight: 1,
        arbitrary: fc
          .record({ note: fc.string({ unit: fc.constantFrom(...'abc'), maxLength: 30 }), variant: fc.nat(15) })
          .map(({ note, variant }) => ({ bytes: Buffer.alloc(0), frame: skippableFrame(Buffer.from(note), variant), note })),
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 5 }), chunks, async (parts, sizes) => {
        const { compression, output, stray, damage } = await decompressed(Buffer.concat(parts.map(({ frame }) => frame)), sizes);
        assert.equal(compression, 'zstd');
        assert.ok(output.equals(Buffer.concat(parts.map(({ bytes }) => bytes))));
        assert.equal(stray.map((piece) => piece.text).join(''), parts.map(({ note }) => note).join(''));
        assert.deepEqual(damage, []);
      }),
      { numRuns: 40 },
    );
  });

  it('hands skippable frames aside with their places: first, between, last, alone', async () => {
    const bytes = text(1000);
    const [one, two] = [zstdCompressSync(bytes.subarray(0, 400)), zstdCompressSync(bytes.subarray(400))];
    const stream = zstdInFrames([400], { 0: Buffer.from('first'), 1: Buffer.from('between'), 2: Buffer.from('last') })(bytes);
    for (const sizes of [[], [1], [10]]) {
      const { output, stray, damage } = await decompressed(stream, sizes);
      assert.ok(output.equals(bytes));
      assert.deepEqual(stray, [
        { what: 'skippable frame of the zstd stream', offset: 8, text: 'first' },
        { what: 'skippable frame of the zstd stream', offset: 13 + one.length + 8, text: 'between' },
        { what: 'skippable frame of the zstd stream', offset: 13 + one.length + 15 + two.length + 8, text: 'last' },
      ]);
      assert.deepEqual(damage, []);
    }
    assert.deepEqual(
      (await decompressed(skippableFrame(Buffer.from('alone')))).stray.map((piece) => piece.text),
      ['alone'],
    );
    assert.deepEqual((await decompressed(skippableFrame(Buffer.alloc(0)))).damage, []);
  });

  it('reads thousands of small frames, as zstd:chunked layers have them', async () => {
    const bytes = text(600_000);
    const frames: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += 200)
      frames.push(zstdCompressSync(bytes.subarray(at, at + 200), { params: { [constants.ZSTD_c_compressionLevel]: 1 } }));
    const { output, damage } = await decompressed(Buffer.concat(frames), [65_536]);
    assert.ok(output.equals(bytes));
    assert.deepEqual(damage, []);
  });

  it('reads empty frames, frames with checksums, frames without a size', async () => {
    const bytes = text(300_000);
    for (const frame of [zstdCompressSync(bytes, withChecksum), zstdCompressSync(bytes, { params: { [constants.ZSTD_c_contentSizeFlag]: 0 } })]) {
      const { output, damage } = await decompressed(
        Buffer.concat([zstdCompressSync(Buffer.alloc(0)), frame, zstdCompressSync(Buffer.alloc(0))]),
        [1000],
      );
      assert.ok(output.equals(bytes));
      assert.deepEqual(damage, []);
    }
  });

  it('reads what the program zstd writes, long windows and many threads included', function () {
    needs(this, 'zstd');
    return Promise.all(
      [['-1'], ['-19', '--long=27'], ['-3', '-T2', '--rsyncable'], ['--no-check']].map(async (flags) => {
        const bytes = text(700_000, flags.length);
        const path = tool('sh', ['-c', 'file=$(mktemp) && cat > "$file" && echo "$file"'], { input: bytes });
        tool('zstd', ['-q', '--rm', ...flags, path]);
        const frame = Buffer.from(tool('sh', ['-c', 'base64 "$0" && rm "$0"', `${path}.zst`]), 'base64');
        const { output, damage } = await decompressed(frame, [10_000]);
        assert.ok(output.equals(bytes), flags.join(' '));
        assert.deepEqual(damage, []);
      }),
    );
  });

  it('gives every whole block of a truncated frame, and tells of it, wherever the cut is', async () => {
    const bytes = text(900_000);
    for (const frame of [zstdCompressSync(bytes, withChecksum), zstdCompressSync(bytes), zstdCompressSync(noise(500_000))]) {
      const { header, ends } = blocksOf(frame);
      const cuts = new Set([
        4,
        5,
        header - 1,
        header,
        header + 1,
        header + 3,
        ...ends.flatMap((end) => [end - 1, end, end + 1, end + 3]),
        frame.length - 1,
        frame.length - 4,
      ]);
      const whole = (await decompressed(frame)).output;
      for (const cut of cuts) {
        if (cut >= frame.length) continue;
        const { output, damage } = await decompressed(frame.subarray(0, cut), [1 << 20]);
        assert.ok(whole.subarray(0, output.length).equals(output), 'a prefix');
        const blocks = ends.filter((end) => end <= cut).length;
        assert.ok(output.length >= Math.min(whole.length, blocks * 128 * 1024), `cut at ${cut}, behind ${blocks} blocks: ${output.length} bytes`);
        assert.equal(damage.length, 1, `cut at ${cut}`);
      }
    }
  });

  it('tells of a truncated stream of frames, at random', async () => {
    await fc.assert(
      fc.asyncProperty(data, fc.nat(), chunks, async (bytes, where, sizes) => {
        const [one, two] = [Math.floor(bytes.length / 4), Math.floor(bytes.length / 2)];
        const stream = zstdInFrames([one, two], { 1: Buffer.from('a note') })(bytes);
        const borders = new Set<number>();
        for (let at = 0; at < stream.length; borders.add(at))
          at += stream.readUInt32LE(at) === 0xfd2fb528 ? frameLength(stream.subarray(at)) : 8 + stream.readUInt32LE(at + 4);
        const cut = 1 + (where % (stream.length - 1));
        if (cut < 4) return;
        const { output, damage, stray } = await decompressed(stream.subarray(0, cut), sizes);
        assert.ok(bytes.subarray(0, output.length).equals(output), 'a prefix');
        if (borders.has(cut)) assert.deepEqual(damage, []);
        else assert.ok(damage.length + stray.filter(({ what }) => what.startsWith('after')).length > 0, `cut at ${cut} of ${stream.length}`);
      }),
      { numRuns: 60 },
    );
  });

  it('gives a prefix of the data when a byte is changed, and tells of it where that can be known', async () => {
    await fc.assert(
      fc.asyncProperty(data, fc.nat(), fc.integer({ min: 1, max: 255 }), chunks, async (bytes, where, change, sizes) => {
        const stream = zstdCompressSync(bytes, withChecksum);
        const at = 4 + (where % (stream.length - 4));
        stream[at] ^= change;
        const { output, damage, stray } = await decompressed(stream, sizes);
        assert.ok(output.equals(bytes) || damage.length > 0 || stray.length > 0, `byte ${at} of ${stream.length}`);
      }),
      { numRuns: 80 },
    );
  });

  it('gives the data of a frame with a wrong checksum, and tells of it', async () => {
    for (const bytes of [text(1000), text(900_000)]) {
      const stream = zstdCompressSync(bytes, withChecksum);
      stream[stream.length - 1] ^= 1;
      const { output, damage } = await decompressed(stream);
      assert.equal(damage.length, 1);
      assert.equal(output.length, bytes.length, 'the data was there');
    }
  });

  it('hands aside what is no frame behind the last one', async () => {
    const { output, stray } = await decompressed(Buffer.concat([zstdCompressSync(text(500)), Buffer.from('the tail')]), [3]);
    assert.ok(output.equals(text(500)));
    assert.deepEqual(
      stray.map((piece) => [piece.what, piece.text]),
      [['after the end of the zstd stream', 'the tail']],
    );
  });

  it('tells of a truncated skippable frame and of one that announces gigabytes', async () => {
    const cut = await decompressed(skippableFrame(Buffer.from('a note of some length')).subarray(0, 14));
    assert.deepEqual(
      cut.stray.map((piece) => piece.text),
      ['a note'],
    );
    assert.equal(cut.damage.length, 1);
    const large = Buffer.concat([Buffer.from('502a4d18ffffffff', 'hex'), Buffer.from('all there is')]);
    assert.deepEqual(
      (await decompressed(large, [4])).stray.map((piece) => piece.text),
      ['all there is'],
    );
  });

  it('tells of a window that is too large and of a block of the reserved type', async () => {
    const huge = Buffer.concat([Buffer.from('28b52ffd00f8', 'hex'), Buffer.from('190000', 'hex'), Buffer.from('abc')]);
    assert.equal((await decompressed(huge)).damage.length, 1);
    const reserved = Buffer.from('28b52ffd0058070000', 'hex');
    assert.match((await decompressed(reserved)).damage[0].detail, /reserved type/);
  });
});

function frameLength(frame: Buffer): number {
  return blocksOf(frame).ends.at(-1)! + ((frame[4] & 4) === 0 ? 0 : 4);
}
