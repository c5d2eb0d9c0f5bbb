// What is left of the keywords when it is asked what stands behind them, in texts of any length.
import assert from 'node:assert/strict';
import type { Detector } from '../../src/model/rule.ts';
import { siftFor } from '../../src/rule/sift.ts';
import { shapeOf } from '../../src/rule/shape/shape.ts';

function detector(ruleId: string, pattern: RegExp, keywords: readonly string[], looksAt?: (name: string) => boolean): Detector {
  return { ruleId, keywords, reach: { before: 32, after: 64 }, shape: () => shapeOf(pattern, keywords), ...(looksAt && { looksAt }) };
}

const token = detector('token', /(?<![a-z])tok_[0-9]{4}/u, ['tok_']);
const key = detector('key', /[a-z]{1,8}key=\w{3}/u, ['key=']);

/** `start-end rule begins`, of a text that is over. */
function visited(detectors: readonly Detector[], text: string, name = 'a'): string[] {
  const sift = siftFor(detectors);
  const sieve = sift.sieve();
  const bytes = Buffer.from(text);
  sieve.reserve(bytes.length);
  sieve.text.set(bytes);
  const all: string[] = [];
  sift.visit({ sieve, length: bytes.length, isEnd: true }, 0, bytes.length, sift.lookingAt(name), (start, end, index, begins) =>
    all.push(`${start}-${end} ${detectors[index].ruleId} ${begins === 'anywhere' ? begins : begins.toSorted((a, b) => a - b).join()}`),
  );
  return all;
}

describe('a sift', () => {
  it('leaves the keywords that a match may hold, and says where that may begin', () => {
    assert.deepEqual(visited([token, key], 'x tok_1234 tok_12 atok_1234 mykey=abc; =key=abc'), ['2-6 token 2', '30-34 key 28,29']);
  });

  it('leaves a keyword that is not in the pattern: a match may be anywhere near it', () => {
    const context = detector('context', /[0-9]{8}/u, ['service']);
    assert.deepEqual(visited([context], 'a service'), ['2-9 context anywhere']);
  });

  it('asks once for a document whether detectors look at it, and only where one has a keyword', () => {
    const asked: string[] = [];
    const isEnv = (name: string): boolean => {
      asked.push(name);
      return name.endsWith('.env');
    };
    const detectors = [detector('one', /tok_[0-9]/u, ['tok_'], isEnv), detector('two', /key=\w/u, ['key='], isEnv)];
    assert.deepEqual(visited(detectors, 'no such word', 'first.env'), []);
    assert.deepEqual(visited(detectors, 'tok_1 key=1 tok_2', 'b'), []);
    assert.deepEqual(visited(detectors, 'tok_1 key=1', 'c.env'), ['0-4 one 0', '6-10 two 6']);
    assert.deepEqual(asked, ['b', 'c.env']);
  });

  it('looks through long texts piece by piece, and misses nothing at their borders', () => {
    const sift = siftFor([token]);
    for (const start of [0, 262_140, 262_144, 524_285, 599_990]) {
      const text = Buffer.alloc(600_000, '.');
      text.write('tok_1234', start);
      assert.deepEqual(
        sift.detectorsIn(text, () => true),
        [0],
        String(start),
      );
      text.write('tok_123.', start);
      assert.deepEqual(
        sift.detectorsIn(text, () => true),
        [],
        String(start),
      );
    }
  });
});
