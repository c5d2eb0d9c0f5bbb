// The search of the core against one by the letter, on every border that a text, a stretch of it or the room for hits can have.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { Sieve, type SieveKeyword } from '../../src/core/sieve.ts';
import { loadRuleset } from '../../src/rule/ruleset.ts';
import { KeywordFilter } from '../../src/rule/keyword-filter.ts';

const keyword = (text: string): SieveKeyword => ({ bytes: Buffer.from(text), isExact: /[A-Z]/.test(text) });
const keywords = (...texts: string[]): SieveKeyword[] => texts.map(keyword);

function sieveOf(given: readonly SieveKeyword[], text: Uint8Array): Sieve {
  const sieve = new Sieve(given);
  sieve.reserve(text.length);
  sieve.text.set(text);
  return sieve;
}

/** Pairs of start and id, in the order of starts, then of ids. */
function naive(given: readonly SieveKeyword[], text: Buffer, from: number, to: number): number[] {
  const exact = text.toString('latin1');
  const lower = exact.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const hits: [number, number][] = [];
  for (const [id, { bytes, isExact }] of given.entries()) {
    const written = Buffer.from(bytes).toString('latin1');
    const searched = isExact ? exact : lower;
    for (let at = searched.indexOf(written, from); at >= 0 && at + written.length <= to; at = searched.indexOf(written, at + 1)) hits.push([at, id]);
  }
  return hits.sort((a, b) => a[0] - b[0] || a[1] - b[1]).flat();
}

function assertFinds(given: readonly SieveKeyword[], text: Buffer, from = 0, to = text.length): void {
  assert.deepEqual([...sieveOf(given, text).search(from, to)], naive(given, text, from, to));
}

/** Few letters, so that pieces of keywords meet each other; some that differ in one bit, or are no ASCII. */
const letter = fc.constantFrom(...'abcAB_-0@`[{ ', 'ä', '\u0000', '\n');
const anyKeyword = fc.oneof(fc.string({ unit: letter, minLength: 3, maxLength: 7 }), fc.string({ unit: letter, minLength: 14, maxLength: 50 }));
const anyKeywords = fc.array(anyKeyword.map(keyword), { maxLength: 12 });
const noise = fc.oneof(
  fc.string({ unit: letter, maxLength: 60 }).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
);

/** Noise, and keywords that are whole, cut off or written in capitals. */
const anyText = (given: readonly SieveKeyword[]): fc.Arbitrary<Buffer> => {
  const cut = fc.tuple(fc.constantFrom(...given, keyword('abc')), fc.nat(8), fc.boolean()).map(([{ bytes }, left, isLoud]) => {
    const part = Buffer.from(bytes.subarray(0, Math.max(2, bytes.length - Math.max(0, left - 5))));
    return isLoud ? Buffer.from(part.toString('latin1').toUpperCase(), 'latin1') : part;
  });
  return fc.array(fc.oneof(noise, cut), { maxLength: 30 }).map((parts) => Buffer.concat(parts));
};

describe('Sieve', () => {
  it('finds what a search by the letter finds, in the order of starts, then of ids', () => {
    const searches = anyKeywords.chain((given) => fc.tuple(fc.constant(given), anyText(given), fc.nat(), fc.nat()));
    fc.assert(
      fc.property(searches, ([given, text, a, b]) => {
        const [from, to] = [a % (text.length + 1), b % (text.length + 1)].sort((x, y) => x - y);
        assertFinds(given, text, from, to);
        assertFinds(given, text);
      }),
      { numRuns: 1000 },
    );
  });

  it('finds a keyword of any length at any place, also across the borders of stretches', () => {
    for (const length of [3, 4, 5, 6, 15, 16, 17, 31, 33, 64, 200]) {
      const given = keywords('q'.repeat(length - 1) + 'x', 'Z' + 'q'.repeat(length - 1));
      for (const border of [0, 16, 8192, 16384]) {
        for (let start = Math.max(0, border - length - 2); start <= border + 2; start++) {
          const text = Buffer.alloc(16384 + 512, ' ');
          text.write('q'.repeat(length - 1) + 'X', start);
          assert.deepEqual([...sieveOf(given, text).search(0, text.length)], [start, 0], `${length} bytes at ${start}`);
          assert.deepEqual([...sieveOf(given, text).search(start, start + length)], [start, 0], 'begins at `from`, ends at `to`');
          assert.deepEqual([...sieveOf(given, text).search(start + 1, start + length)], [], 'begins before `from`');
          assert.deepEqual([...sieveOf(given, text).search(start, start + length - 1)], [], 'ends behind `to`');
        }
      }
    }
  });

  it('sees neither what stands before `from` nor what stands behind `to`', () => {
    const text = Buffer.from('tokentoken');
    const sieve = sieveOf(keywords('token', 'tok', 'kento'), text);
    assert.deepEqual([...sieve.search(0, 7)], [0, 0, 0, 1, 2, 2]);
    assert.deepEqual([...sieve.search(1, 9)], [2, 2, 5, 1]);
    assert.deepEqual([...sieve.search(5, 5)], []);
  });

  it('tells nested and equal keywords apart by their ids', () => {
    const given = keywords('api', 'apikey', 'API', 'key', 'api', 'apikeyapi', 'APIKEY');
    assertFinds(given, Buffer.from('apikeyapi APIKEYAPI ApiKeyApi apike'));
  });

  it('does not take for a letter what differs from it in the bit of its case', () => {
    const given = keywords('`a@', '{b[', '_c\u007f', 'x0\u0010', 'MTA');
    assertFinds(given, Buffer.from('`A@ @a` {B[ [b{ _C\u007f \u007fc_ X0\u0010 x\u00100 MTA mta MtA'));
  });

  it('goes on when there is no room for more hits', () => {
    const given = keywords('aaa', 'aaaa', 'aaaaa', 'AAA', 'aaaaaaaaaaaaaaaaaaaa');
    assertFinds(given, Buffer.alloc(30_000, 'aA'));
    assertFinds(given, Buffer.alloc(20_000, 'A'));
    const sieve = sieveOf(given, Buffer.alloc(300_000, 'a'));
    assert.equal(sieve.search(0, 300_000).length / 2, 4 * 300_000 - 2 - 3 - 4 - 19);
  });

  it('has room for all keywords that begin at one place', () => {
    const nested = Array.from({ length: 300 }, (_, index) => keyword('a'.repeat(index + 3)));
    const text = Buffer.alloc(3000, 'a');
    assert.equal(
      sieveOf(nested, text).search(0, text.length).length / 2,
      nested.reduce((sum, { bytes }) => sum + 3000 - bytes.length + 1, 0),
    );
  });

  it('finds the keywords of the rules in programs and in source text', async function () {
    this.timeout(120_000);
    const { keywords: given } = new KeywordFilter((await loadRuleset()).detectors);
    const source = readFileSync(
      createRequire(import.meta.url)
        .resolve('typescript/package.json')
        .replace('package.json', 'README.md'),
    );
    const yaml = Buffer.concat([source, readFileSync(createRequire(import.meta.url).resolve('yaml'))]);
    const program = readFileSync(process.execPath);
    const slices = [0.1, 0.4, 0.7].map((part) => program.subarray(Math.floor(program.length * part), Math.floor(program.length * part) + 100_000));
    const planted = Buffer.concat(given.flatMap(({ bytes }, id) => [bytes, Buffer.from(' xyz.-'.slice(0, id % 7))]));
    for (const text of [yaml, ...slices, planted]) assertFinds(given, text);
    const all = sieveOf(given, planted).search(0, planted.length);
    assert.equal(new Set(all.filter((_, index) => index % 2 === 1)).size, given.length, 'every one is found');
  });

  it('keeps its text when it grows', () => {
    const sieve = sieveOf(keywords('token'), Buffer.from('a token'));
    const before = sieve.text;
    sieve.reserve(3_000_000);
    assert.equal(before.length, 0, 'the old view is gone');
    assert.ok(sieve.text.length >= 3_000_000);
    sieve.text.write('token', sieve.text.length - 5);
    assert.deepEqual([...sieve.search(0, sieve.text.length)], [2, 0, sieve.text.length - 5, 0]);
    const { text } = sieve;
    sieve.reserve(10);
    assert.equal(sieve.text, text, 'what is reserved stays');
  });

  it('keeps to its own memory', () => {
    const given = keywords('token');
    const [a, b] = [sieveOf(given, Buffer.from('token')), sieveOf(given, Buffer.from('other'))];
    assert.deepEqual([...a.search(0, 5)], [0, 0]);
    assert.deepEqual([...b.search(0, 5)], []);
  });

  it('finds nothing without keywords', () => {
    assert.deepEqual([...sieveOf([], Buffer.from('a text of some length')).search(0, 21)], []);
  });

  it('refuses bounds outside of its text, and keywords that are too short', () => {
    const sieve = sieveOf(keywords('token'), Buffer.from('token'));
    const { length } = sieve.text;
    const wrong = [
      [-1, 3],
      [4, 3],
      [0, length + 1],
      [0, Number.NaN],
      [0.5, 3],
      [0, 2 ** 32],
      [length + 1, length + 1],
    ];
    for (const [from, to] of wrong) {
      assert.throws(() => sieve.search(from, to), RangeError);
      assert.throws(() => sieve.newlines(from, to), RangeError);
      assert.throws(() => sieve.columns(from, to), RangeError);
      assert.throws(() => sieve.isZero(from, to), RangeError);
    }
    assert.throws(() => sieve.reserve(2 ** 31), RangeError);
    assert.throws(() => sieve.reserve(-1), RangeError);
    assert.throws(() => sieve.reserve(Number.NaN), RangeError);
    assert.throws(() => new Sieve(keywords('ab')), RangeError);
  });
});
