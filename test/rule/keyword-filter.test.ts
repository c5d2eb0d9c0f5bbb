// The keywords of the rules, and whose they are. What is found where is tested in ../scan/keyword-filter.test.ts and ../core/sieve.test.ts.
import assert from 'node:assert/strict';
import type { Detector } from '../../src/model/rule.ts';
import { KeywordFilter } from '../../src/rule/keyword-filter.ts';

const detector = (...keywords: string[]): Detector => ({ ruleId: keywords.join(), keywords, reach: { before: 0, after: 0 } });

describe('KeywordFilter', () => {
  it('names each keyword once, with all detectors that have it', () => {
    const { keywords } = new KeywordFilter([detector('token', 'AKIA'), detector(), detector('token', 'größe')]);
    assert.deepEqual(keywords, [
      { bytes: Buffer.from('token'), isExact: false, detectors: [0, 2] },
      { bytes: Buffer.from('AKIA'), isExact: true, detectors: [0] },
      { bytes: Buffer.from('größe'), isExact: false, detectors: [2] },
    ]);
  });

  it('searches long texts piece by piece, and finds what stands across their borders once', () => {
    const filter = new KeywordFilter([detector('token'), detector('a token of love')]);
    const text = Buffer.alloc(300_000, '.');
    const starts = [0, 65_521, 65_536, 131_064, 131_072 + 20, 196_607, 262_140, 299_985];
    for (const start of starts) text.write('a Token of love', start);
    assert.deepEqual(
      filter.search(text, 0, text.length).map(({ start, end, detectors }) => [start, end, ...detectors]),
      starts.flatMap((start) => [
        [start, start + 15, 1],
        [start + 2, start + 7, 0],
      ]),
    );
    assert.deepEqual(
      filter.search(text, 1, 65_526 + 65_536).map(({ start }) => start),
      [2, ...starts.slice(1, 3).flatMap((start) => [start, start + 2])],
    );
  });

  it('gives a Sieve of its own to each who asks', () => {
    const filter = new KeywordFilter([detector('token'), detector('key')]);
    const [one, other] = [filter.sieve(), filter.sieve()];
    one.text.write('a key');
    other.text.write('token');
    assert.deepEqual([...one.search(0, 5)], [2, 1]);
    assert.deepEqual([...other.search(0, 5)], [0, 0]);
    assert.deepEqual(filter.detectorsIn(Buffer.from('no such word')), []);
    assert.deepEqual(filter.detectorsIn(Buffer.from('keys and tokens')), [1, 0]);
  });
});
