// What the core counts in a text, against the code of the rooms that use it.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Sieve } from '../../src/core/sieve.ts';
import { advance, startOfText } from '../../src/view/cursor.ts';

const character = fc.constantFrom('a', '\n', '\r', 'é', '\u20ac', '\ud83d\ude00', '\u0000', '\u007f');
const text = fc.oneof(
  fc.string({ unit: character, maxLength: 100 }).map((each) => Buffer.from(each)),
  fc.uint8Array({ maxLength: 200 }).map((each) => Buffer.from(each)),
);

describe('Sieve counts', () => {
  const sieve = new Sieve([]);

  it('newlines and columns as the cursor does', () => {
    fc.assert(
      fc.property(text, fc.nat(40), (given, from) => {
        sieve.text.fill(0x0a, 0, from + given.length + 64).set(given, from);
        const to = from + given.length;
        const { count, behindLast } = sieve.newlines(from, to);
        assert.equal(count, given.filter((byte) => byte === 0x0a).length);
        assert.equal(behindLast, count === 0 ? 0 : from + given.lastIndexOf(0x0a) + 1);
        const column = count === 0 ? startOfText.column + sieve.columns(from, to) : 1 + sieve.columns(behindLast, to);
        assert.deepEqual({ line: 1 + count, column }, advance(startOfText, given));
      }),
      { numRuns: 1000 },
    );
  });

  it('every byte alone as the cursor does', () => {
    for (let byte = 0; byte < 256; byte++) {
      for (const length of [1, 15, 16, 33]) {
        const bytes = Buffer.alloc(length, byte);
        sieve.text.set(bytes);
        if (byte !== 0x0a) assert.equal(1 + sieve.columns(0, length), advance(startOfText, bytes).column);
        assert.equal(sieve.isZero(0, length), byte === 0);
      }
    }
  });

  it('a single byte that is not NUL, at any place', () => {
    for (let length = 0; length <= 70; length++) {
      sieve.text.fill(1, 0, 200).fill(0, 20, 20 + length);
      assert.equal(sieve.isZero(20, 20 + length), true);
      for (let at = 20; at < 20 + length; at++) {
        sieve.text[at] = 0x80;
        assert.equal(sieve.isZero(20, 20 + length), false);
        sieve.text[at] = 0;
      }
    }
  });
});
