import assert from 'node:assert/strict';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { defaultLimits } from '../../src/model/limits.ts';
import { sniffCompression } from '../../src/tar/compression.ts';
import { compressed, skippableFrame } from '../support/compressed.ts';
import { noise } from '../support/hostile.ts';
import { file, tar } from '../support/raw-tar.ts';
import { needs } from '../support/tool.ts';
import { decompressed, text } from './decompressed.ts';

describe('sniffCompression', () => {
  it('knows formats by their magic numbers', () => {
    assert.equal(sniffCompression(gzipSync('')), 'gzip');
    assert.equal(sniffCompression(zstdCompressSync(Buffer.alloc(0))), 'zstd');
    assert.equal(sniffCompression(skippableFrame(Buffer.alloc(0), 15)), 'zstd');
    assert.equal(sniffCompression(Buffer.from('fd377a585a00', 'hex')), 'xz');
    assert.equal(sniffCompression(Buffer.from('BZh91AY&SY', 'latin1')), 'bzip2');
    assert.equal(sniffCompression(Buffer.from('425a68391772453850900000', 'hex')), 'bzip2');
  });

  it('takes what only begins alike for plain', () => {
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from([0x1f]),
      Buffer.from([0x1f, 0x8b]),
      Buffer.from([0x1f, 0x8b, 7]),
      Buffer.from('BZh'),
      Buffer.from('BZh9 a file name'),
      Buffer.from('BZh01AY&SY'),
      Buffer.from('fd377a585a', 'hex'),
      Buffer.from('28b52f', 'hex'),
      Buffer.from('602a4d18', 'hex'),
      tar(file('BZh', '1')),
    ]) {
      assert.equal(sniffCompression(bytes), 'none', bytes.toString('latin1', 0, 10));
    }
  });
});

describe('openCompressed', () => {
  it('gives plain bytes as they are', async () => {
    const bytes = noise(300_000);
    assert.deepEqual(await decompressed(bytes, [1000, 70_000]), { compression: 'none', output: bytes, stray: [], damage: [], limits: [] });
    assert.deepEqual((await decompressed(Buffer.alloc(0))).output.length, 0);
  });

  it('stops at the limit of bytes and says so', async () => {
    for (const compress of [gzipSync, zstdCompressSync]) {
      const result = await decompressed(compress(Buffer.alloc(5_000_000)), [], { ...defaultLimits, layerBytes: 1_000_000 });
      assert.deepEqual(result.limits, ['layerBytes']);
      assert.ok(result.output.length >= 1_000_000 && result.output.length < 4_500_000, `${result.output.length}`);
    }
  });

  for (const how of ['xz', 'bzip2'] as const) {
    describe(how, () => {
      before(function () {
        needs(this, how);
      });

      it('gives what the program of that name compressed, whatever the chunks', async () => {
        for (const bytes of [Buffer.alloc(0), text(10), text(300_000)]) {
          for (const sizes of [[], [1000, 7], [65_536]]) {
            const { compression, output, damage } = await decompressed(compressed(bytes, how), sizes);
            assert.deepEqual([compression, output.equals(bytes), damage], [how, true, []]);
          }
        }
      });

      it('goes on over several streams', async () => {
        const one = text(100_000, 1);
        const two = text(100_000, 2);
        const { output, damage } = await decompressed(Buffer.concat([compressed(one, how), compressed(two, how)]));
        assert.deepEqual([output.equals(Buffer.concat([one, two])), damage], [true, []]);
      });

      it('gives a part of a truncated stream and tells of the break', async () => {
        const bytes = text(1_500_000);
        const whole = compressed(bytes, how);
        for (const part of [0.1, 0.5, 0.9]) {
          const { output, damage } = await decompressed(whole.subarray(0, Math.floor(whole.length * part)));
          assert.ok(bytes.subarray(0, output.length).equals(output), 'a prefix');
          assert.equal(damage.length, 1);
          if (part === 0.9) assert.ok(output.length > 0, 'nothing at all was given');
        }
        assert.equal((await decompressed(whole.subarray(0, -1))).damage.length, 1);
      });

      it('throws nothing when bytes are changed', async () => {
        const bytes = text(200_000);
        const whole = compressed(bytes, how);
        for (let at = 20; at < whole.length; at += Math.ceil(whole.length / 12)) {
          const changed = Buffer.from(whole);
          changed[at] ^= 0x55;
          const { output, damage } = await decompressed(changed);
          assert.ok(damage.length > 0 || output.equals(bytes), `byte ${at}: ${output.length} bytes and no word`);
        }
      });

      it('gives all data when other bytes stand behind the end, and tells of them', async () => {
        for (const length of [1000, 100_000]) {
          const { output, stray, damage } = await decompressed(
            Buffer.concat([compressed(text(length), how), Buffer.from('some bytes that are no stream')]),
          );
          assert.ok(stray.length + damage.length > 0, 'nothing is said of the bytes behind the end');
          assert.equal(output.length, length);
        }
      });
    });
  }
});
