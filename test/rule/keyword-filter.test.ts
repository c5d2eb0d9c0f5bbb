// The filter in front of all rules: what it does not see, no rule sees.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Detector } from '../../src/model/rule.ts';
import { KeywordFilter, keywordFilterFor } from '../../src/rule/keyword-filter.ts';

const detector = (...keywords: string[]): Detector => ({ ruleId: keywords.join(), keywords, reach: { before: 0, after: 0 } });

/** By the letter: a keyword in lower case matches any case, with a capital in it exactly. */
function naive(detectors: readonly Detector[], bytes: Buffer, from: number, to: number): string[] {
  const hits: string[] = [];
  const text = bytes.toString('latin1');
  const lower = text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  for (const keyword of new Set(detectors.flatMap(({ keywords }) => keywords))) {
    const written = Buffer.from(keyword).toString('latin1');
    const searched = /[A-Z]/.test(keyword) ? text : lower;
    const indices = [...detectors.keys()].filter((index) => detectors[index].keywords.includes(keyword));
    for (let at = searched.indexOf(written, from); at >= 0 && at + written.length <= to; at = searched.indexOf(written, at + 1))
      hits.push(`${at}-${at + written.length} ${indices.join()}`);
  }
  return hits.sort();
}

/** In the order of their starts: `start-end detectors`. */
function hitsOf(filter: KeywordFilter, bytes: Buffer, from: number, to: number): string[] {
  const sieve = filter.sieve();
  sieve.reserve(bytes.length);
  sieve.text.set(bytes);
  const found = [...sieve.search(from, to)];
  return found.flatMap((id, index) => {
    if (index % 2 === 0) return [];
    const { bytes: keyword, detectors: indices } = filter.keywords[id];
    return `${found[index - 1]}-${found[index - 1] + keyword.length} ${indices.join()}`;
  });
}

const letters = fc.constantFrom(...'abAB_-0@`[{', 'ä', '\u0000');
const keyword = fc.string({ unit: letters, minLength: 3, maxLength: 6 });
const detectors = fc.array(
  fc.array(keyword, { maxLength: 3 }).map((keywords) => detector(...keywords)),
  { maxLength: 6 },
);
const bytes = fc.oneof(
  fc.string({ unit: letters, maxLength: 200 }).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 200 }).map((each) => Buffer.from(each)),
);

describe('KeywordFilter', () => {
  it('finds exactly what a naive search finds', () => {
    fc.assert(
      fc.property(detectors, bytes, fc.nat(), fc.nat(), (given, searched, a, b) => {
        const planted = Buffer.concat([searched, ...given.flatMap(({ keywords }) => keywords.map((each) => Buffer.from(each))), searched]);
        const [from, to] = [a % (planted.length + 1), b % (planted.length + 1)].sort((x, y) => x - y);
        const hits = hitsOf(new KeywordFilter(given), planted, from, to);
        assert.deepEqual([...hits].sort(), naive(given, planted, from, to));
        assert.ok(
          hits.every((hit, index) => index === 0 || Number.parseInt(hits[index - 1]) <= Number.parseInt(hit)),
          'in the order of their starts',
        );
      }),
      { numRuns: 400 },
    );
  });

  it('finds hundreds of keywords side by side', () => {
    const many = Array.from({ length: 900 }, (_, index) => detector(`key${index.toString(36)}`, `ABC${index}`));
    const text = Buffer.from(many.map(({ keywords }) => `${keywords[0].toUpperCase()} ${keywords[1]}`).join(' . '));
    assert.deepEqual(hitsOf(new KeywordFilter(many), text, 0, text.length).sort(), naive(many, text, 0, text.length));
  });

  it('names each keyword once, with all detectors that have it', () => {
    const { keywords } = new KeywordFilter([detector('token', 'AKIA'), detector(), detector('token', 'größe')]);
    assert.deepEqual(keywords, [
      { bytes: Buffer.from('token'), isExact: false, detectors: [0, 2] },
      { bytes: Buffer.from('AKIA'), isExact: true, detectors: [0] },
      { bytes: Buffer.from('größe'), isExact: false, detectors: [2] },
    ]);
  });

  it('gives a Sieve of its own to each who asks', () => {
    const filter = new KeywordFilter([detector('token'), detector('key')]);
    const [one, other] = [filter.sieve(), filter.sieve()];
    one.text.write('a key');
    other.text.write('token');
    assert.deepEqual([...one.search(0, 5)], [2, 1]);
    assert.deepEqual([...other.search(0, 5)], [0, 0]);
  });

  it('knows the detectors that have no keyword, and the longest keyword there is', () => {
    const filter = new KeywordFilter([detector('abc'), detector(), detector('größer'), detector()]);
    assert.deepEqual(filter.unconditional, [1, 3]);
    assert.equal(filter.longest, Buffer.byteLength('größer'));
  });

  it('refuses keywords that are too short to be told apart', () => {
    assert.throws(() => new KeywordFilter([detector('ab')]), RangeError);
  });

  it('is built once for the same detectors', () => {
    const given = [detector('abc')];
    assert.equal(keywordFilterFor(given), keywordFilterFor(given));
    assert.notEqual(keywordFilterFor(given), keywordFilterFor([...given]));
  });
});
