import assert from 'node:assert/strict';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { blobOf } from '../../src/model/blob.ts';
import { defaultLimits } from '../../src/model/limits.ts';
import type { Decompressing } from '../../src/tar/aside.ts';
import { openCompressed } from '../../src/tar/decompress.ts';
import { silentAside } from '../../src/tar/silent-aside.ts';
import { decompressed, text } from './decompressed.ts';

describe('openCompressed, left before the end', () => {
  const ways: readonly Decompressing[] = [{}, { inflate: 'node' }, { isBorrowing: true }];
  for (const compress of [gzipSync, zstdCompressSync]) {
    for (const way of ways) {
      it(`gives back what it used: ${compress.name}, ${JSON.stringify(way)}`, async () => {
        const stream = compress(text(1_500_000));
        async function* chunks(): AsyncGenerator<Uint8Array> {
          for (let at = 0; at < stream.length; at += 10_000) yield stream.subarray(at, at + 10_000);
        }
        const { bytes } = await openCompressed(chunks(), blobOf(stream), silentAside, defaultLimits, way);
        const first = await bytes.next();
        assert.ok(!first.done && text(1_500_000).subarray(0, first.value.length).equals(first.value));
        await bytes.return(undefined);
        assert.equal((await bytes.next()).done, true);
        // Whatever was given back serves the next stream.
        assert.ok((await decompressed(stream, [70_000], defaultLimits, way)).output.equals(text(1_500_000)));
      });
    }
  }
});
