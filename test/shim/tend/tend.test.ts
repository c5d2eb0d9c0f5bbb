import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { scratch } from '../../support/scratch.ts';
import { needs, skip, tool } from '../../support/tool.ts';
import { killAll, Supervised } from './supervised.ts';

describe('the tending process', () => {
  const { newFolder } = scratch();

  before(function () {
    needs(this, 'mkfifo', 'sh', 'ps', 'seq', 'head');
  });
  afterEach(killAll);

  /** A program whose output is that of the container; done when it has ended. */
  function run(app: Supervised, ...command: readonly string[]): Promise<void> {
    const child = spawn(command[0]!, command.slice(1), { stdio: ['ignore', app.stdout, app.stderr] });
    return new Promise((resolve) => child.on('exit', () => resolve()));
  }

  it('logs the lines of both outputs, with their stream and the time', async () => {
    const before = Date.now();
    const app = new Supervised(newFolder());
    await run(app, 'sh', '-c', 'echo one; echo two >&2; printf "grüße\\n\\nthree"');
    assert.equal(await app.end(), 0);
    const lines = readFileSync(app.logFile, 'utf8').trimEnd().split('\n');
    const ofStdout = lines.filter((line) => line.includes('"stream":"stdout"')).map((line) => (JSON.parse(line) as { log: string }).log);
    assert.deepEqual(ofStdout, ['one\n', 'grüße\n', '\n', 'three']);
    assert.equal(app.text('stderr').toString(), 'two\n');
    for (const line of lines) {
      const { time } = JSON.parse(line) as { time: string };
      assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
      assert.ok(Date.parse(time) >= before - 20 && Date.parse(time) <= Date.now() + 20, time);
    }
    assert.equal(statSync(app.logFile).mode & 0o777, 0o600);
  });

  it('keeps bytes that are no text, and long lines in pieces', async () => {
    const app = new Supervised(newFolder());
    const long = Buffer.from(`${'ä'.repeat(20_000)}\n`);
    const binary = Buffer.from([0xff, 0xfe, 0x00, 0x0a]);
    writeSync(app.stdout, Buffer.concat([long, binary]));
    assert.equal(await app.end(), 0);
    const sizes = app.lines().map((record) => record!.bytes.length);
    // 40001 bytes: two pieces of 16384, and the rest.
    assert.deepEqual(sizes, [16384, 16384, 40001 - 2 * 16384, 4]);
    assert.deepEqual(app.text(), Buffer.concat([long, binary]));
    assert.match(readFileSync(app.logFile, 'utf8'), /"base64":"\/\/4ACg==","stream":"stdout"/);
  });

  it('logs everything that is in the pipes when the container ends', async () => {
    const app = new Supervised(newFolder());
    await run(app, 'seq', '100000');
    assert.equal(await app.end(), 0);
    const expected = Array.from({ length: 100_000 }, (_, index) => `${index + 1}\n`).join('');
    assert.ok(app.text().toString() === expected);
  });

  it('goes on while the runtime lives, also when the app has closed its outputs', async () => {
    const app = new Supervised(newFolder());
    writeSync(app.stdout, 'last words\n');
    app.close(app.stdout);
    await app.until(() => app.lines().length === 1);
    writeSync(app.stderr, 'but one\n');
    await app.until(() => app.lines().length === 2);
    assert.equal(await app.end(), 0);
  });

  it('ends with the runtime, also when somebody still holds an output', async () => {
    const app = new Supervised(newFolder());
    writeSync(app.stdout, 'incomplete');
    app.close(app.life);
    assert.equal(await app.exited, 0);
    assert.equal(app.text().toString(), 'incomplete');
  });

  it('loses and tears nothing but what was in its hands when it is killed again and again', async () => {
    const app = new Supervised(newFolder());
    const count = 1_000_000;
    const writing = run(app, 'seq', '-f', 'line %07.0f end', '1', String(count));
    let kills = 0;
    let isWriting = true;
    void writing.then(() => (isWriting = false));
    while (isWriting) {
      const pid = await app.pid();
      await sleep(150);
      if (!isWriting) break;
      process.kill(pid, 'SIGKILL');
      kills++;
    }
    assert.equal(await app.end(), 0);
    assert.equal(app.restarts, kills);
    assert.ok(kills > 0);
    const lines = app.lines();
    const numbers = lines.flatMap((record) => {
      const number = /^line (\d{7}) end\n$/.exec(record?.bytes.toString() ?? '')?.[1];
      return number === undefined ? [] : [Number(number)];
    });
    assert.ok(
      numbers.every((number, index) => index === 0 || number > numbers[index - 1]!),
      'each line once, in order',
    );
    // 64 KiB of lines of 17 bytes that were read and not written, and the lines that its ends cut.
    const mostLost = kills * (65536 / 17 + 4);
    assert.ok(count - numbers.length <= mostLost, `${count - numbers.length} lines lost in ${kills} kills`);
    assert.ok(lines.filter((record) => record === undefined).length <= kills, 'torn lines');
  });

  it('writes what it has before it ends on SIGTERM, is started again, and does not mind a hang-up', async () => {
    const app = new Supervised(newFolder());
    writeSync(app.stdout, 'a\nprompt> ');
    await app.until(() => app.lines().length === 1);
    const pid = await app.pid();
    process.kill(pid, 'SIGHUP');
    process.kill(pid, 'SIGTERM');
    await app.until(() => app.restarts === 1);
    assert.equal(app.text().toString(), 'a\nprompt> ');
    writeSync(app.stdout, 'answer\n');
    assert.equal(await app.end(), 0);
    assert.equal(app.text().toString(), 'a\nprompt> answer\n');
  });

  it('hides values, also those that come in halves, from the log', async () => {
    const value = Buffer.from('correct horse battery');
    const key = Buffer.from(`-----BEGIN ${'THING'}-----\n${'c3ludGhldGlj'.repeat(4)}\nab\n-----END ${'THING'}-----\n`);
    const app = new Supervised(newFolder(), { masked: [value, key, Buffer.from('abc')] });
    writeSync(app.stdout, 'begin\nthe password is correct ho');
    await app.until(() => app.lines().length === 1);
    writeSync(app.stdout, `rse battery, abc\n${key.toString()}end\n`);
    writeSync(app.stdout, `  ${key.toString().split('\n').join('\r\n  ')}\n`);
    assert.equal(await app.end(), 0);
    assert.equal(app.text().toString(), 'begin\nthe password is ***, abc\n***\nend\n  ***\r\n  ***\r\n  ab\r\n  ***\r\n  \n');
  });

  describe('with a reader attached', () => {
    const fdOf = (stream: unknown) => (stream as { _handle: { fd: number } })._handle.fd;

    it('gives it the raw bytes, and the log the masked ones', async () => {
      const reader = spawn('cat', { stdio: ['pipe', 'pipe', 'inherit'] });
      const app = new Supervised(newFolder(), { attachedFd: fdOf(reader.stdin), masked: [Buffer.from('hunter22')] });
      reader.stdin.destroy();
      const closed = new Promise((resolve) => reader.on('close', resolve));
      const got: Buffer[] = [];
      reader.stdout.on('data', (chunk: Buffer) => got.push(chunk));
      writeSync(app.stdout, 'hunter22\0\xff');
      assert.equal(await app.end(), 0);
      await closed;
      assert.equal(Buffer.concat(got).toString(), 'hunter22\0\xff');
      assert.equal(app.text().toString(), '***\0\xff');
    });

    it('goes on without one that has gone', async () => {
      const reader = spawn('head', ['-c', '4'], { stdio: ['pipe', 'ignore', 'inherit'] });
      const app = new Supervised(newFolder(), { attachedFd: fdOf(reader.stdin) });
      reader.stdin.destroy();
      const closed = new Promise((resolve) => reader.on('close', resolve));
      writeSync(app.stdout, 'one\n');
      await closed;
      await run(app, 'seq', '100000');
      assert.equal(await app.end(), 0);
      assert.equal(app.restarts, 0);
      assert.ok(app.text().toString().endsWith('\n100000\n'));
    });

    it('waits for one that is stopped, so that the container waits too, and gives it all', async () => {
      const folder = newFolder();
      const reader = spawn('sh', ['-c', `while ! test -e ${folder}/go; do sleep 0.02; done; wc -c`], { stdio: ['pipe', 'pipe', 'inherit'] });
      const app = new Supervised(folder, { attachedFd: fdOf(reader.stdin) });
      reader.stdin.destroy();
      let isWriting = true;
      const writing = run(app, 'head', '-c', '5000000', '/dev/zero').then(() => (isWriting = false));
      const sizes: number[] = [];
      while (sizes.length < 20 || sizes.at(-1) !== sizes.at(-20)) {
        sizes.push(app.logSize);
        await sleep(20);
      }
      assert.ok(isWriting, 'the app is stopped');
      const got = new Promise((resolve) => reader.stdout.on('data', (chunk: Buffer) => resolve(chunk.toString().trim())));
      mkdirSync(join(folder, 'go'));
      await writing;
      assert.equal(await app.end(), 0);
      assert.equal(await got, '5000000');
      assert.equal(app.text().length, 5_000_000);
    });
  });

  it('goes on when the disk is full, and says in the log what it lost', async function () {
    const folder = newFolder();
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]).status !== 0) return skip(this, 'no right to mount');
    try {
      const app = new Supervised(folder, { logFile: join(disk, 'log.json') });
      tool('dd', ['if=/dev/zero', `of=${disk}/fill`, 'bs=1024', 'count=48', 'status=none']);
      const line = `${'x'.repeat(99)}\n`;
      writeSync(app.stdout, line.repeat(500));
      await app.until(() => app.logSize > 10_000);
      await sleep(100);
      rmSync(join(disk, 'fill'));
      writeSync(app.stdout, 'room again\n');
      assert.equal(await app.end(), 0);
      const records = app.lines();
      const written = records.filter((record) => record?.bytes.toString() === line).length;
      const notice = records.find((record) => record?.stream === 'stderr')!.bytes.toString();
      assert.equal(notice, `unbake: ${(500 - written) * 100} bytes of output were lost: no space\n`);
      assert.equal(records.at(-1)!.bytes.toString(), 'room again\n');
      assert.ok(written > 0 && written < 500 && records.filter((record) => record === undefined).length <= 1);
    } finally {
      killAll();
      tool('umount', [disk]);
    }
  });

  it('ends when it is told to, also while it waits for a reader that takes nothing', async () => {
    const reader = spawn('sleep', ['60'], { stdio: ['pipe', 'ignore', 'inherit'] });
    try {
      const fd = (reader.stdin as unknown as { _handle: { fd: number } })._handle.fd;
      const app = new Supervised(newFolder(), { attachedFd: fd });
      reader.stdin.destroy();
      void run(app, 'head', '-c', '3000000', '/dev/zero');
      await app.until(() => app.logSize > 0);
      process.kill(await app.pid(), 'SIGTERM');
      await app.until(() => app.restarts === 1);
    } finally {
      reader.kill('SIGKILL');
    }
  });
});
