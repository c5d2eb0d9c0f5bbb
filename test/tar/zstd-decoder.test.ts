import assert from 'node:assert/strict';
import { constants, createZstdDecompress, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { defaultLimits } from '../../src/model/limits.ts';
import { ByteReader } from '../../src/tar/byte-reader.ts';
import { throughZlib } from '../../src/tar/zlib-stream.ts';
import { zstdDecoder, zstdOptions } from '../../src/tar/zstd-decoder.ts';
import { noise } from '../support/hostile.ts';
import { decompressed, text } from './decompressed.ts';
import { chunksOf } from './recorded.ts';

interface Told {
  readonly output: Buffer;
  readonly error: string | undefined;
}

function byHandle(pieces: readonly Buffer[], isBorrowing: boolean): Told {
  const decoder = zstdDecoder();
  assert.ok(decoder, 'this node is not as the ones that are known: the public stream is used, which is slower');
  const output: Buffer[] = [];
  for (const piece of pieces) for (const chunk of decoder.write(piece, isBorrowing)) output.push(isBorrowing ? Buffer.from(chunk) : chunk);
  output.push(Buffer.from(decoder.end(isBorrowing)));
  decoder.close();
  return { output: Buffer.concat(output), error: decoder.error };
}

async function byStream(pieces: readonly Buffer[]): Promise<Told> {
  const left = [...pieces];
  const output: Uint8Array[] = [];
  const reader = new ByteReader((async function* () {})());
  const decoding = throughZlib(createZstdDecompress(zstdOptions), reader, async () => left.shift() ?? Buffer.alloc(0));
  let step = await decoding.next();
  for (; !step.done; step = await decoding.next()) output.push(step.value);
  return { output: Buffer.concat(output), error: step.value.error?.message };
}

describe('zstdDecoder', () => {
  it('gives and tells what the public stream does, of whole and of damaged frames', async () => {
    const kind = fc.constantFrom<(length: number) => Buffer>(text, noise, (length) => Buffer.alloc(3 * length, 'zero'));
    const length = fc.oneof(
      fc.nat(700_000),
      fc.nat(3).map((times) => times * 262_144),
    );
    const sizes = fc.array(fc.integer({ min: 1000, max: 150_000 }), { minLength: 1, maxLength: 5 });
    const flaw = fc.option(fc.record({ at: fc.nat(), change: fc.integer({ min: 1, max: 255 }) }));
    await fc.assert(
      fc.asyncProperty(kind, length, sizes, flaw, fc.boolean(), async (kind, length, sizes, flaw, isBorrowing) => {
        const bytes = kind(length);
        const frame = zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
        if (flaw !== null) frame[4 + (flaw.at % (frame.length - 4))] ^= flaw.change;
        const pieces = Array.from(chunksOf(frame, sizes), (piece) => Buffer.from(piece));
        const handle = byHandle(pieces, isBorrowing);
        const stream = await byStream(pieces);
        if (flaw === null) assert.ok(handle.output.equals(bytes));
        assert.equal(handle.error, stream.error);
        assert.ok(handle.output.equals(stream.output), `${handle.output.length} bytes, and ${stream.output.length} of the stream`);
      }),
      { numRuns: 80 },
    );
  });

  it('goes on with the next frame', () => {
    const frames = [text(1000), noise(300_000), Buffer.alloc(0), text(40)];
    for (const frame of [...frames, ...frames]) {
      const decoder = zstdDecoder()!;
      const output = [...decoder.write(zstdCompressSync(frame)), decoder.end()];
      assert.equal(decoder.error, undefined);
      assert.ok(Buffer.concat(output).equals(frame));
      decoder.close(true);
    }
  });

  it('accepts a window of 128 MiB and no larger one', async () => {
    for (const [exponent, isAccepted] of [
      [17, true],
      [18, false],
    ] as const) {
      // Window descriptor: 2^(10 + exponent) bytes; then one raw block, which is the last one.
      const frame = Buffer.concat([
        Buffer.from('28b52ffd00', 'hex'),
        Buffer.from([exponent << 3]),
        Buffer.from('310000', 'hex'),
        Buffer.from('unbake'),
      ]);
      const { output, damage } = await decompressed(frame);
      assert.deepEqual([output.toString(), damage.length], isAccepted ? ['unbake', 0] : ['', 1]);
    }
  });

  it('gives borrowed chunks with the same bytes', async () => {
    const frames = Buffer.concat([zstdCompressSync(text(3_000_000)), zstdCompressSync(text(100)), zstdCompressSync(noise(400_000))]);
    const own = await decompressed(frames, [50_000]);
    assert.deepEqual(await decompressed(frames, [50_000], defaultLimits, { isBorrowing: true }), own);
    assert.equal(own.output.length, 3_400_100);
  });
});
