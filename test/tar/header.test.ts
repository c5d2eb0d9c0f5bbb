// Checksums of header blocks, as POSIX defines them and as old writers summed them.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { hasChecksumAt, hasValidChecksum, parseHeader } from '../../src/tar/header.ts';
import { chunkOf } from '../../src/tar/chunk.ts';
import { header } from '../support/raw-tar.ts';

/** Any bytes with this sum in their checksum field. */
function blockWith(bytes: Uint8Array, sumOf: (block: Buffer) => number): Buffer {
  const block = Buffer.from(bytes);
  block.fill(' ', 148, 156);
  block.write(`${sumOf(block).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

const unsigned = (block: Buffer) => block.reduce((sum, byte) => sum + byte, 0);
const signed = (block: Buffer) => block.reduce((sum, byte) => sum + ((byte << 24) >> 24), 0);
const anyBlock = fc.uint8Array({ minLength: 512, maxLength: 512 });

describe('hasValidChecksum', () => {
  it('takes both sums of any block, and no other', () => {
    fc.assert(
      fc.property(anyBlock, fc.integer({ min: 1, max: 0o777777 }), (bytes, other) => {
        assert.ok(hasValidChecksum(blockWith(bytes, unsigned)));
        const sum = signed(Buffer.from(blockWith(bytes, unsigned)).fill(' ', 148, 156));
        assert.equal(hasValidChecksum(blockWith(bytes, () => Math.max(0, sum))), sum >= 0);
        const isOne = (block: Buffer) => [unsigned(block), signed(block)].includes(other);
        assert.equal(hasValidChecksum(blockWith(bytes, () => other)), isOne(Buffer.from(bytes).fill(' ', 148, 156)));
      }),
    );
  });

  it('is the same wherever in a chunk the block stands, and of a part of a larger buffer', () => {
    const right = header({ name: 'größe', checksum: 'signed' });
    for (const before of [0, 1, 2, 3, 512, 1001]) {
      const chunk = Buffer.concat([Buffer.alloc(before, 0xff), right, Buffer.alloc(512, 0xff)]);
      assert.ok(hasChecksumAt(chunkOf(chunk), before));
      assert.ok(hasValidChecksum(chunk.subarray(before)));
      assert.equal(hasChecksumAt(chunkOf(chunk), before + 1), false);
      assert.equal(parseHeader(chunk, before).name, Buffer.from('größe').toString('latin1'));
    }
  });

  it('is false of less than a block', () => {
    assert.equal(hasValidChecksum(header({ name: 'a' }).subarray(0, 511)), false);
    assert.equal(hasValidChecksum(Buffer.alloc(0)), false);
  });
});
