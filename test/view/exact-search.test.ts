// The table-driven search against the plainest one there is: every needle tried at every offset.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type ExactHit, ExactSearch, shortestExact } from '../../src/view/exact-search.ts';
import { randomNumbers } from '../support/random.ts';

function naive(needles: readonly Buffer[], bytes: Buffer, from = 0): ExactHit[] {
  const hits: ExactHit[] = [];
  for (let start = from; start < bytes.length; start++)
    for (const [needle, wanted] of needles.entries())
      if (start + wanted.length <= bytes.length && bytes.subarray(start, start + wanted.length).equals(wanted)) hits.push({ needle, start });
  return hits;
}

/** Of two letters only, so that needles overlap, repeat and stand in each other. */
const letters = (atLeast: number, atMost: number) =>
  fc.array(fc.constantFrom(0x61, 0x62), { minLength: atLeast, maxLength: atMost }).map((bytes) => Buffer.from(bytes));

describe('exact search', () => {
  it('finds what a naive search finds, for needles of any length and texts made of them', () => {
    const needles = fc.array(letters(shortestExact, 24), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(needles, letters(0, 200), fc.nat({ max: 20 }), (wanted, noise, from) => {
        const text = Buffer.concat([noise, ...wanted, noise.subarray(0, 3), ...wanted.toReversed()]);
        assert.deepEqual(new ExactSearch(wanted).in(text, from), naive(wanted, text, from));
      }),
      { numRuns: 300 },
    );
  });

  it('finds a needle at every offset, for every length and so for every stride', () => {
    for (let length = shortestExact; length <= 20; length++) {
      const needle = Buffer.from('0123456789abcdefghijklmnop'.slice(0, length));
      const search = new ExactSearch([needle]);
      for (let offset = 0; offset < 40; offset++) {
        const text = Buffer.concat([Buffer.alloc(offset, '-'), needle, Buffer.alloc(offset % 7, '-')]);
        assert.deepEqual(search.in(text), [{ needle: 0, start: offset }], `${length} bytes at ${offset}`);
      }
    }
  });

  it('tells thousands of needles apart, alike beginnings and doubles among them', () => {
    const random = randomNumbers(7);
    const needles = Array.from({ length: 5000 }, (_, index) =>
      Buffer.from(`token_${String(index % 4990).padStart(5, '0')}_${'z'.repeat(index % 9)}`),
    );
    const search = new ExactSearch(needles);
    const chosen = Array.from({ length: 50 }, () => Math.floor(random() * needles.length));
    const text = Buffer.concat(chosen.flatMap((index) => [Buffer.from('\n'), needles[index]]));
    const expected = naive(needles, text);
    assert.ok(expected.length >= chosen.length);
    assert.deepEqual(search.in(text), expected);
  });

  it('finds nothing in what is shorter than a needle, and nothing of a needle that is cut off', () => {
    const search = new ExactSearch([Buffer.from('abcdefgh')]);
    for (const text of ['', 'abc', 'abcdefg', 'xabcdefg', 'bcdefgh']) assert.deepEqual(search.in(Buffer.from(text)), [], text);
    assert.deepEqual(search.in(Buffer.from('abcdefghabcdefgh'), 1), [{ needle: 0, start: 8 }]);
  });

  it('is empty without needles, and refuses those that are too short', () => {
    const none = new ExactSearch([]);
    assert.equal(none.isEmpty, true);
    assert.deepEqual(none.in(Buffer.from('anything at all')), []);
    assert.throws(() => new ExactSearch([Buffer.alloc(shortestExact - 1)]), RangeError);
  });

  it('works with any bytes, and with a view into a larger buffer', () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const needle = all.subarray(120, 136);
    assert.deepEqual(new ExactSearch([needle]).in(all), [{ needle: 0, start: 120 }]);
    assert.deepEqual(new ExactSearch([needle]).in(all.subarray(100)), [{ needle: 0, start: 20 }]);
  });

  it('copes with many needles that begin alike in a text full of that beginning', () => {
    const needles = Array.from({ length: 20_000 }, (_, index) => Buffer.from(`prefix-of-all-${String(index).padStart(8, '0')}`));
    const lines = Array.from({ length: 20_000 }, (_, index) => `prefix-of-all-${String(index * 2).padStart(8, '0')}\n`);
    const hits = new ExactSearch(needles).in(Buffer.from(lines.join('')));
    assert.deepEqual(
      hits,
      Array.from({ length: 10_000 }, (_, index) => ({ needle: index * 2, start: index * 23 })),
    );
  });
});
