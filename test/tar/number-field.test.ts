// Fields that are written over, read back by header.ts.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { hasValidChecksum, number } from '../../src/tar/header.ts';
import { writeBase256, writeChecksum, writeOctal } from '../../src/tar/number-field.ts';
import { base256, header } from '../support/raw-tar.ts';

const over = (before: string, value: number, digits = 11) => {
  const field = Buffer.from(before, 'latin1');
  const isWritten = writeOctal(field, value, digits);
  return isWritten ? field.toString('latin1') : undefined;
};

describe('writeOctal', () => {
  it('keeps the style that it finds', () => {
    assert.equal(over('0000644\0', 0o10600), '0010600\0');
    assert.equal(over('   644 \0', 0o10600), ' 10600 \0');
    assert.equal(over('   644 \0', 0), '     0 \0');
    assert.equal(over('  0644 \0', 0o7), '  0007 \0');
    assert.equal(over(' 12345\0 ', 0o54321), ' 54321\0 ');
    assert.equal(over('\0\0\x0012345', 0o7), '\0\0\0\0\0\0\x007');
  });

  it('writes the usual form where there is no style to keep, or no room in it', () => {
    assert.equal(over('\0'.repeat(8), 8, 6), '000010\0 ');
    assert.equal(over('\x80\0\0\0\0\0\0\x05', 8, 6), '000010\0 ');
    assert.equal(over('12x45\0\0\0', 8, 6), '000010\0 ');
    assert.equal(over('7 garbag', 8, 6), '000010\0 ');
    assert.equal(over('89\0\0\0\0\0\0', 8, 6), '000010\0 ');
  });

  it('leaves the field alone when there are too many digits', () => {
    assert.equal(over('00000000005\0', 8 ** 11), undefined);
    assert.equal(over('00000000005\0', 8 ** 11 - 1), '77777777777\0');
    assert.equal(over('000000000005', 8 ** 11), '100000000000');
    assert.equal(over('000000000005', 8 ** 12), undefined);
  });

  it('is read back, whatever stood there', () => {
    const byte = fc.oneof(fc.constantFrom(0x20, 0, 0x30, 0x35, 0x37), fc.nat(255));
    fc.assert(
      fc.property(fc.array(byte, { minLength: 12, maxLength: 12 }), fc.oneof(fc.nat(600), fc.maxSafeNat()), (bytes, value) => {
        const field = Buffer.from(bytes);
        if (writeOctal(field, value, 11)) assert.equal(number(field, 0, 12), value);
        else {
          assert.ok(value >= 8 ** 11);
          assert.deepEqual([...field], bytes);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('writeBase256', () => {
  it('writes as GNU does', () => {
    for (const value of [0, 255, 8 ** 11, 2 ** 52 + 1, Number.MAX_SAFE_INTEGER]) {
      const field = Buffer.alloc(12, 'x');
      writeBase256(field, value);
      assert.deepEqual(field, base256(BigInt(value), 12));
      assert.equal(number(field, 0, 12), value);
    }
  });
});

describe('writeChecksum', () => {
  it('makes any block a valid one', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 512, maxLength: 512 }), (bytes) => {
        const block = Buffer.from(bytes);
        const before = Buffer.from(bytes);
        writeChecksum(block);
        assert.ok(hasValidChecksum(block));
        assert.ok(block.subarray(0, 148).equals(before.subarray(0, 148)) && block.subarray(156).equals(before.subarray(156)));
      }),
    );
    const sums = [0, 0xff].map((fill) => {
      const block = Buffer.alloc(512, fill);
      writeChecksum(block);
      return block.toString('latin1', 148, 156);
    });
    // 8 blanks and 504 bytes of 0 or 255: 256 and 128776.
    assert.deepEqual(sums, ['000400\0 ', '373410\0 ']);
  });

  it('leaves a right one alone', () => {
    for (const block of [header({ name: 'a' }), header({ name: 'größe', checksum: 'signed' })]) {
      const before = Buffer.from(block);
      writeChecksum(block);
      assert.deepEqual(block, before);
    }
  });
});
