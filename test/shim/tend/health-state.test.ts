import assert from 'node:assert/strict';
import type { Healthcheck } from '../../../src/model/run-image.ts';
import { afterCheck, type Health, healthAtStart, parseHealth, pauseBeforeCheck } from '../../../src/shim/tend/health-state.ts';

const check: Healthcheck = {
  test: ['CMD', 'true'],
  interval: 30_000,
  timeout: 1000,
  startPeriod: 60_000,
  startInterval: 5000,
  retries: 3,
};
const start = Date.parse('2026-11-22T03:51:42Z');

/** Plays checks with these exit codes, each begun when its pause was over and done at once; gives the status after each, and when it was. */
function play(exitCodes: readonly number[], changes: Partial<Healthcheck> = {}): { statuses: string[]; seconds: number[]; last: Health } {
  const options = { ...check, ...changes };
  let health = healthAtStart(new Date(start));
  let now = start;
  const statuses: string[] = [];
  const seconds: number[] = [];
  for (const exitCode of exitCodes) {
    now += pauseBeforeCheck(health, now, options);
    const moment = new Date(now).toISOString();
    health = afterCheck(health, { start: moment, end: moment, exitCode, output: '' }, options);
    statuses.push(health.status);
    seconds.push((now - start) / 1000);
  }
  return { statuses, seconds, last: health };
}

describe('the health of a container', () => {
  it('is starting until the first success', () => {
    assert.equal(healthAtStart(new Date(start)).status, 'starting');
    assert.deepEqual(play([1, 0]).statuses, ['starting', 'healthy']);
  });

  it('is unhealthy after as many failures in a row as there are retries', () => {
    assert.deepEqual(play([0, 1, 1, 0, 1, 1, 2, 0]).statuses, [
      'healthy',
      'healthy',
      'healthy',
      'healthy',
      'healthy',
      'healthy',
      'unhealthy',
      'healthy',
    ]);
    assert.deepEqual(play([1, -1, 1], { startPeriod: 0 }).statuses, ['starting', 'starting', 'unhealthy']);
    assert.deepEqual(play([1], { startPeriod: 0, retries: 1 }).statuses, ['unhealthy']);
  });

  it('does not count failures in the start period', () => {
    // Every 5 s until 60 s, where the period is over: that failure counts, then one each 30 s.
    const { statuses, seconds, last } = play(Array.from({ length: 14 }, () => 1));
    assert.deepEqual(seconds, [5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 90, 120]);
    assert.deepEqual([...new Set(statuses.slice(0, 13))], ['starting']);
    assert.equal(last.status, 'unhealthy');
    assert.equal(last.failingStreak, 3);
  });

  it('counts failures in the start period after a success', () => {
    assert.deepEqual(play([0, 1, 1, 1], { interval: 1000 }).statuses, ['healthy', 'healthy', 'healthy', 'unhealthy']);
  });

  it('keeps the last five results', () => {
    const { last } = play([1, 2, 3, 4, 5, 6, 7]);
    assert.deepEqual(
      last.log.map(({ exitCode }) => exitCode),
      [3, 4, 5, 6, 7],
    );
  });

  it('can be read back from its file, and nothing else', () => {
    const { last } = play([1, 0, 1]);
    assert.deepEqual(parseHealth(JSON.stringify(last)), last);
    for (const text of ['', 'null', '{}', '{"status":"fine"}', JSON.stringify({ ...last, log: 1 })]) assert.equal(parseHealth(text), undefined, text);
  });
});
