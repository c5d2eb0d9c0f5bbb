import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Healthcheck } from '../../../src/model/run-image.ts';
import { runCheck } from '../../../src/shim/tend/health-check.ts';
import type { Health } from '../../../src/shim/tend/health-state.ts';
import { watchHealth } from '../../../src/shim/tend/health.ts';
import { patternsOf } from '../../../src/shim/tend/masked-bytes.ts';
import { scratch } from '../../support/scratch.ts';
import { needs } from '../../support/tool.ts';

const patterns = patternsOf([Buffer.from('opensesame')]);
const shell = (script: string) => ['sh', '-c', script];

describe('a health check', () => {
  const { newFolder } = scratch();

  function check(command: readonly string[], timeout = 30_000): ReturnType<typeof runCheck> {
    return runCheck({ command, timeout, patterns, signal: new AbortController().signal });
  }

  it('gives its exit code and what it printed, without the values', async () => {
    const { exitCode, output, start, end } = await check(shell('echo up; echo opensesame >&2; exit 3'));
    assert.equal(exitCode, 3);
    assert.deepEqual(output.split('\n').sort(), ['', '***', 'up']);
    assert.ok(start <= end);
  });

  it('keeps the first 4 KiB', async () => {
    const { exitCode, output } = await check(shell('head -c 4095 /dev/zero | tr "\\0" x; printf ä; head -c 1000000 /dev/zero'));
    assert.equal(exitCode, 0);
    assert.equal(output, 'x'.repeat(4095));
  });

  it('fails when it cannot be run or is killed', async () => {
    const { exitCode, output } = await check(['/no/such/program']);
    assert.equal(exitCode, -1);
    assert.match(output, /ENOENT/);
    assert.equal((await check(shell('kill -9 $$'))).exitCode, -1);
  });

  it('does not wait for a process that it left behind', async () => {
    assert.equal((await check(shell('sleep 5 & exit 0'))).exitCode, 0);
  });

  it('that takes too long is killed with all that it started, sessions of their own too', async function () {
    needs(this, 'setsid');
    const file = join(newFolder(), 'pids');
    const script = `echo $$ >> ${file}; setsid sh -c 'echo $$ >> ${file}; sleep 60' & sh -c 'echo $$ >> ${file}; sleep 60'; true`;
    const { exitCode, output } = await check(shell(script), 700);
    assert.equal(exitCode, -1);
    assert.equal(output, 'Health check exceeded timeout (700 ms)');
    const pids = readFileSync(file, 'utf8').trim().split('\n').map(Number);
    assert.equal(pids.length, 3);
    for (const pid of pids) await until(() => isGone(pid));
  });

  /** An ended process that its parent has not asked for is gone too. */
  function isGone(pid: number): boolean {
    return !existsSync(`/proc/${pid}/stat`) || /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  }

  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) await sleep(5);
  }

  describe('that is run again and again', () => {
    const quick: Healthcheck = { test: ['CMD', 'true'], interval: 5, timeout: 10_000, startPeriod: 0, startInterval: 5, retries: 2 };
    const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Health;

    it('tells the status in a file', async () => {
      const folder = newFolder();
      const [file, flag, count] = ['health.json', 'up', 'count'].map((name) => join(folder, name));
      const over = new AbortController();
      const command = shell(`echo >> ${count}; test -e ${flag}`);
      const watching = watchHealth({ check: quick, file: file!, command }, patterns, over.signal);
      assert.equal(read(file!).status, 'starting');
      await until(() => read(file!).status === 'unhealthy');
      writeFileSync(flag!, '');
      await until(() => read(file!).status === 'healthy');
      assert.equal(read(file!).failingStreak, 0);
      over.abort();
      await watching;
      const runs = readFileSync(count!, 'utf8').length;
      await sleep(30);
      assert.equal(readFileSync(count!, 'utf8').length, runs);
    });

    it('goes on from the status in the file, and from a start when that is damaged', async () => {
      const file = join(newFolder(), 'health.json');
      const before: Health = { status: 'unhealthy', failingStreak: 7, log: [], started: '2026-11-22T03:51:42.000Z' };
      for (const [text, streak] of [
        [JSON.stringify(before), 8],
        ['{"status":"unh', 1],
      ] as const) {
        writeFileSync(file, text);
        const over = new AbortController();
        const watching = watchHealth({ check: quick, file, command: ['false'] }, patterns, over.signal);
        await until(() => read(file).log.length > 0);
        const { log, failingStreak } = read(file);
        assert.equal(failingStreak - log.length + 1, streak);
        over.abort();
        await watching;
      }
    });

    it('is killed when the container ends', async () => {
      const folder = newFolder();
      const [file, pid] = ['health.json', 'pid'].map((name) => join(folder, name));
      const over = new AbortController();
      const watching = watchHealth({ check: quick, file: file!, command: shell(`echo $$ > ${pid}; sleep 60`) }, patterns, over.signal);
      await until(() => existsSync(pid!) && readFileSync(pid!, 'utf8').endsWith('\n'));
      over.abort();
      await watching;
      await until(() => isGone(Number(readFileSync(pid!, 'utf8'))));
      assert.deepEqual(read(file!).log, []);
    });
  });
});
