// Two runs of one program never print quite the same; what is left after `comparable` is what the program said.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { comparable, linesApart } from '../../../src/shim/compare/log-lines.ts';

describe('lines of output', () => {
  for (const [name, first, second] of [
    ['ISO times', '2026-01-02T03:04:05.678Z ready', '2026-11-22T23:59:59Z ready'],
    ['times with a space', '2026-01-02 03:04:05,678 INFO up', '2026-12-12 13:14:15,001 INFO up'],
    ['access logs', '::1 - - [02/Jan/2026:03:04:05 +0000] "GET / HTTP/1.1" 200', '::1 - - [22/Nov/2026:06:57:34 +0100] "GET / HTTP/1.1" 200'],
    ['times of day', '03:04:05.678 [main] up', '23:59:59 [main] up'],
    ['seconds since 1970', 'started at 1767322445', 'started at 1767322999.25'],
    ['durations', 'ready in 1.25s, 3 ms in GC', 'ready in 12 s, 14ms in GC'],
    ['UUIDs', 'id 0f8fad5b-d9cb-469f-a165-70867728950e', 'id 7c9e6679-7425-40de-944b-e07fc1f90ae7'],
    ['addresses of memory', 'at 0x7ffd1c2b3a40', 'at 0x55d0c8a1f2e0'],
    ['numbers of processes', 'worker[17] started, pid 42', 'worker[903] started, pid 7'],
    ['host names that are IDs of containers', 'on 4d1f00c0ffee', 'on 99aa00c0ffee'],
    ['local ports', 'listening on 127.0.0.1:34567', 'listening on 127.0.0.1:8123'],
    ['local ports of the other family', '[::ffff:127.0.0.1]:53252: response:200, [::1]:5325', '[::ffff:127.0.0.1]:1234: response:200, [::1]:1024'],
    ['colours', '\u001b[32mready\u001b[0m', 'ready'],
    ['spaces at the end', 'ready  ', 'ready'],
  ] as const) {
    it(`are the same but for ${name}`, () => assert.equal(comparable(first), comparable(second)));
  }

  for (const [name, first, second] of [
    ['words', 'connected to the database', 'no connection to the database'],
    ['status codes', '"GET / HTTP/1.1" 200', '"GET / HTTP/1.1" 500'],
    ['small numbers', 'loaded 12 plugins', 'loaded 11 plugins'],
    ['words of hexadecimal letters', 'facade', 'decade'],
  ] as const) {
    it(`differ in ${name}`, () => assert.notEqual(comparable(first), comparable(second)));
  }

  it('are compared without their order, each as often as it comes', () => {
    assert.deepEqual(linesApart(['a', 'b', 'a'], ['b', 'a', 'c']), { gone: ['a'], come: ['c'] });
  });

  it('that are only moved are never apart', () => {
    const moved = fc
      .array(fc.constantFrom('a', 'b', 'c', ''))
      .chain((lines) => fc.tuple(fc.constant(lines), fc.shuffledSubarray(lines, { minLength: lines.length })));
    fc.assert(fc.property(moved, ([lines, others]) => assert.deepEqual(linesApart(lines, others), { gone: [], come: [] })));
  });
});
