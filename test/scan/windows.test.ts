import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Window, Windows } from '../../src/scan/windows.ts';

const longest = 32 * 1024;
/** Rules see the neighbours of a match too. */
const context = 16;

describe('Windows', () => {
  const reach = fc.record({ before: fc.constantFrom(0, 10, 200, 5000), after: fc.constantFrom(0, 20, 300, 16_384) });
  const step = fc.record({
    forward: fc.oneof(fc.nat(40), fc.nat(3000), fc.constantFrom(50_000)),
    length: fc.integer({ min: 3, max: 20 }),
    detector: fc.nat(2),
    lost: fc.nat(2000),
  });

  it('hold each hit with its whole reach in one window, and are bounded', () => {
    fc.assert(
      fc.property(fc.tuple(reach, reach, reach), fc.array(step, { minLength: 1, maxLength: 60 }), fc.boolean(), (reaches, steps, isDrained) => {
        const windows = new Windows(reaches);
        const all: Window[] = [];
        const wanted: { from: number; to: number; detector: number }[] = [];
        let at = 0;
        let first = 0;
        for (const { forward, length, detector, lost } of steps) {
          at += forward;
          first = Math.max(first, Math.min(at - lost, windows.neededFrom));
          windows.add(at, at + length, detector, first, 'anywhere');
          wanted.push({ from: Math.max(first, at - reaches[detector].before), to: at + length + reaches[detector].after, detector });
          if (isDrained) all.push(...windows.ready(at, false));
        }
        all.push(...windows.ready(at, true));
        assert.deepEqual(windows.ready(Infinity, true), []);
        assert.equal(windows.neededFrom, Infinity);
        for (const { from, to, detector } of wanted) {
          assert.ok(
            all.some((window) => window.start <= from && to <= window.end && window.places.has(detector)),
            `${from} to ${to} of ${reaches.map(({ before, after }) => `${before}/${after}`).join()}: ${JSON.stringify(all)}`,
          );
        }
        const largest = Math.max(longest, ...reaches.map(({ before, after }) => before + after + 20 + 2 * context));
        assert.ok(
          all.every((window) => window.end - window.start <= largest),
          'too long',
        );
      }),
      { numRuns: 300 },
    );
  });

  it('are given when their bytes are there, and not before', () => {
    const windows = new Windows([{ before: 10, after: 20 }]);
    windows.add(100, 104, 0, 0, 'anywhere');
    assert.equal(windows.neededFrom, 90 - context);
    assert.deepEqual(windows.ready(123 + context, false), []);
    assert.deepEqual(
      windows.ready(124 + context, false).map(({ start, end }) => [start, end]),
      [[90 - context, 124 + context]],
    );
    windows.add(200, 204, 0, 195, 'anywhere');
    assert.deepEqual(
      windows.ready(200, true).map(({ start, end }) => [start, end]),
      [[195, 224 + context]],
    );
  });

  it('are joined where they touch, with the detectors of both', () => {
    const windows = new Windows([
      { before: 10, after: 20 },
      { before: 0, after: 5 },
    ]);
    windows.add(100, 104, 0, 0, 'anywhere');
    windows.add(120, 124, 1, 0, 'anywhere');
    windows.add(300, 304, 1, 0, 'anywhere');
    assert.deepEqual(
      windows.ready(0, true).map(({ start, end, places }) => [start, end, [...places.keys()]]),
      [
        [90 - context, 129 + context, [0, 1]],
        [300 - context, 309 + context, [1]],
      ],
    );
  });

  it('of dense texts stay short and overlap', () => {
    const windows = new Windows([{ before: 100, after: 100 }]);
    for (let at = 0; at < 200_000; at += 10) windows.add(at, at + 4, 0, 0, 'anywhere');
    const all = windows.ready(Infinity, true);
    assert.ok(all.length > 5 && all.every(({ start, end }) => end - start <= longest));
    for (const [index, window] of all.slice(1).entries()) assert.ok(window.start <= all[index].end);
  });

  it('are forgotten when asked to', () => {
    const windows = new Windows([{ before: 0, after: 0 }]);
    windows.add(5, 8, 0, 0, 'anywhere');
    windows.clear();
    assert.deepEqual(windows.ready(Infinity, true), []);
  });
});
