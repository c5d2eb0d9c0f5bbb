import assert from 'node:assert/strict';
import { isDoneWithin } from '../../src/rule/time-bound.ts';

/** Two ways for each `a`: over 40 of them it would take days. */
const endless = /^(?:a|a)*$/;

describe('time bound', () => {
  it('lets work be done', () => {
    let sum = 0;
    assert.equal(
      isDoneWithin(60_000, () => (sum += 2)),
      true,
    );
    assert.equal(sum, 2);
  });

  it('ends a regular expression, and what follows it', () => {
    const steps: string[] = [];
    const isDone = isDoneWithin(50, () => {
      steps.push('before');
      endless.test('a'.repeat(40) + '!');
      steps.push('behind');
    });
    assert.equal(isDone, false);
    assert.deepEqual(steps, ['before']);
    assert.equal(
      isDoneWithin(60_000, () => steps.push('again')),
      true,
    );
  });

  it('takes any limit that can be set', () => {
    assert.equal(
      isDoneWithin(0, () => endless.test('a'.repeat(40) + '!')),
      false,
    );
    assert.equal(
      isDoneWithin(2 ** 53, () => undefined),
      true,
    );
  });

  it('throws on what the work throws', () => {
    assert.throws(
      () =>
        isDoneWithin(60_000, () => {
          throw new RangeError('mine');
        }),
      { name: 'RangeError', message: 'mine' },
    );
  });
});
