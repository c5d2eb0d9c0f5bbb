import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { UnbakeError } from '../../src/model/error.ts';
import { lastLinesOffset } from '../../src/shim/last-lines.ts';
import { type LogOptions, logRecords } from '../../src/shim/logs.ts';
import { formatLogRecord } from '../../src/shim/tend/log-record.ts';
import { scratch } from '../support/scratch.ts';

const start = Date.parse('2020-02-22T03:51:42Z');

/** The record number `second` of a log that gets one a second. */
function line(second: number, text = `line ${second}\n`): string {
  return formatLogRecord({ stream: 'stdout', time: new Date(start + second * 1000).toISOString(), bytes: Buffer.from(text) });
}

describe('the log of a container', () => {
  const { newFolder } = scratch();

  function fileOf(text: string): string {
    const file = join(newFolder(), 'log.json');
    writeFileSync(file, text);
    return file;
  }

  async function read(file: string, options: Partial<LogOptions> = {}): Promise<string[]> {
    const texts: string[] = [];
    for await (const { bytes } of logRecords(file, { follow: false, isOver: () => Promise.resolve(true), ...options })) texts.push(bytes.toString());
    return texts;
  }

  const seconds = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
  const texts = (from: number, to: number) => seconds(from, to).map((second) => `line ${second}\n`);
  const lines = (from: number, to: number) =>
    seconds(from, to)
      .map((second) => line(second))
      .join('');
  const at = (second: number) => new Date(start + second * 1000);

  it('is read from the beginning to the end', async () => {
    assert.deepEqual(await read(fileOf(lines(1, 5000))), texts(1, 5000));
    assert.deepEqual(await read(fileOf('')), []);
    assert.deepEqual(await read('/no/such/log.json'), []);
  });

  it('gives the stream, the time and bytes as they were', async () => {
    const bytes = Buffer.from([0xff, 0x00, 0x0a]);
    const file = fileOf(formatLogRecord({ stream: 'stderr', time: '2026-11-22T03:51:42.695821Z', bytes }));
    for await (const record of logRecords(file, { follow: false, isOver: () => Promise.resolve(true) })) {
      assert.deepEqual(record, { stream: 'stderr', time: '2026-11-22T03:51:42.695821Z', bytes });
    }
  });

  it('is read over torn lines and lines that are no records', async () => {
    const torn = line(2).slice(0, 20);
    const file = fileOf(`${line(1)}${torn}\n\n${line(3)}null\n${'x'.repeat(3 << 20)}\n${line(4)}${torn}`);
    assert.deepEqual(await read(file), ['line 1\n', 'line 3\n', 'line 4\n']);
  });

  it('is read to a last record whose newline is missing', async () => {
    assert.deepEqual(await read(fileOf(lines(1, 2).trimEnd())), texts(1, 2));
    assert.deepEqual(await read(fileOf(lines(1, 2).trimEnd()), { tail: 1 }), texts(2, 2));
  });

  it('can be read from its last lines', async () => {
    const file = fileOf(lines(1, 5000));
    assert.deepEqual(await read(file, { tail: 3 }), texts(4998, 5000));
    assert.deepEqual(await read(file, { tail: 4000 }), texts(1001, 5000));
    assert.deepEqual(await read(file, { tail: 9999 }), texts(1, 5000));
    assert.deepEqual(await read(file, { tail: 0 }), []);
  });

  it('can be read from one date to another, both included', async () => {
    const file = fileOf(lines(1, 100));
    assert.deepEqual(await read(file, { since: at(97) }), texts(97, 100));
    assert.deepEqual(await read(file, { until: at(3) }), texts(1, 3));
    assert.deepEqual(await read(file, { since: at(50), until: at(52) }), texts(50, 52));
    assert.deepEqual(await read(file, { tail: 2, since: at(1) }), texts(99, 100));
  });

  it('is followed until the container is over, and to its last word', async () => {
    const file = join(newFolder(), 'log.json');
    let isOver = false;
    const reading = read(file, { follow: true, isOver: () => Promise.resolve(isOver) });
    await sleep(20);
    for (const second of seconds(1, 200)) {
      const [half, rest] = [line(second).slice(0, 30), line(second).slice(30)];
      appendFileSync(file, half);
      if (second % 20 === 0) await sleep(5);
      appendFileSync(file, rest);
    }
    isOver = true;
    assert.deepEqual(await reading, texts(1, 200));
  });

  it('is followed from its last lines', async () => {
    const file = fileOf(lines(1, 10));
    let isOver = false;
    const reading = read(file, { follow: true, tail: 2, isOver: () => Promise.resolve(isOver) });
    await sleep(50);
    appendFileSync(file, line(11));
    isOver = true;
    assert.deepEqual(await reading, texts(9, 11));
  });

  it('is followed no longer than it is wanted, nor than until a date', async () => {
    const file = fileOf(lines(1, 3));
    const stop = new AbortController();
    const never = { follow: true, isOver: () => Promise.resolve(false) };
    setTimeout(() => stop.abort(), 50);
    assert.deepEqual(await read(file, { ...never, signal: stop.signal }), texts(1, 3));
    assert.deepEqual(await read(file, { ...never, signal: AbortSignal.abort() }), []);
    assert.deepEqual(await read(file, { ...never, until: new Date(Date.now() - 1) }), texts(1, 3));
  });

  it('is followed also when it is removed', async () => {
    const file = fileOf(lines(1, 3));
    let isOver = false;
    const reading = read(file, { follow: true, isOver: () => Promise.resolve(isOver) });
    await sleep(50);
    rmSync(file);
    isOver = true;
    assert.deepEqual(await reading, texts(1, 3));
  });

  it('that cannot be read is an error that says so', async () => {
    await assert.rejects(
      read(newFolder()),
      (error) => error instanceof UnbakeError && error.code === 'io' && /the log cannot be read/.test(error.message),
    );
  });

  it('has its last lines where they are looked for, whatever the lengths', async () => {
    const piece = fc.oneof(
      fc.constantFrom('{}\n', '\n', '{"torn\n', '{"no end', '{"long":1}\n'),
      fc.integer({ min: 65_000, max: 66_000 }).map((size) => `{${'x'.repeat(size)}}\n`),
    );
    const file = fileOf('');
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), fc.integer({ min: 0, max: 8 }), async (pieces, count) => {
        writeFileSync(file, pieces.join(''));
        const handle = await open(file);
        try {
          const rest = readFileSync(file)
            .subarray(await lastLinesOffset(handle, count))
            .toString();
          const complete = (text: string) => text.split('\n').filter((each) => each.endsWith('}'));
          const all = complete(pieces.join(''));
          assert.deepEqual(complete(rest), all.slice(Math.max(0, all.length - count)));
        } finally {
          await handle.close();
        }
      }),
    );
  });
});
