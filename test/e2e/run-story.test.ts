// The whole way of an image: secrets taken out, run under limits, looked at, ended, removed, and nothing of it left on the machine.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupFiles, freePort, Machine, needsContainers, until } from '../support/containers.ts';
import { exposedIn } from '../support/exposed.ts';
import { scratch } from '../support/scratch.ts';
import { tool } from '../support/tool.ts';
import { leaked, page, webAppArchive } from '../support/web-app.ts';

interface Listed {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly ports: readonly { readonly hostAddress: string; readonly hostPort: number; readonly containerPort: number }[];
  readonly state: { readonly kind: string; readonly exitCode?: number; readonly startedAt?: string; readonly finishedAt?: string };
}

const curl = (url: string) => tool('curl', ['--silent', '--show-error', '--fail', '--max-time', '10', '--noproxy', '*', url]);

describe('the story of an image that leaks', () => {
  const files = scratch();
  let machine: Machine;
  let dirty: string;
  let clean: string;
  before(async function () {
    needsContainers(this, 'curl');
    machine = new Machine(files.folder);
    dirty = webAppArchive(files);
    clean = join(files.folder, 'clean.tar');
    await machine.output(['clean', dirty, '-o', clean, '--vault', join(files.folder, 'vault')]);
  });
  afterEach(() => machine.removeAll());

  const listed = async (...flags: readonly string[]) =>
    (await machine.output(['ps', '--format', 'json', ...flags]))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Listed);

  it('cleaned, it serves under its limits, is looked at from all sides, ends, and is gone', async () => {
    const port = await freePort();
    const limits = ['--memory', '200m', '--memory-swap', '1G', '--cpu-shares', '1024'];
    const { code, stdout, stderr } = await machine.unbake(['run', '-d', '--name', 'kuard', '--publish', `${port}:8080`, ...limits, clean]);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^[0-9a-f]{64}\n$/);
    const id = stdout.trim();

    assert.equal(curl(`http://127.0.0.1:${port}/`), page.trim());
    assert.equal(curl(`http://[::1]:${port}/index.html`), page.trim());
    assert.doesNotMatch(curl(`http://localhost:${port}/.env`), new RegExp(leaked));

    const told = cgroupFiles(id, 'memory.limit_in_bytes', 'memory.memsw.limit_in_bytes', 'cpu.shares', 'memory.max', 'memory.swap.max', 'cpu.weight');
    const { 'cpu.weight': weight, ...rest } = told;
    const isUnified = weight !== undefined;
    // Two formulas turn shares into a weight; which one depends on the age of the runtime.
    if (isUnified) assert.ok(weight === '39' || weight === '100', weight);
    assert.deepEqual(
      rest,
      isUnified
        ? { 'memory.max': '209715200', 'memory.swap.max': '864026624' }
        : { 'memory.limit_in_bytes': '209715200', 'memory.memsw.limit_in_bytes': '1073741824', 'cpu.shares': '1024' },
    );

    assert.match(
      await machine.output(['ps']),
      new RegExp(`^CONTAINER ID .*\\n${id.slice(0, 12)} .* httpd +\\d+ seconds? ago +Up \\d+ seconds? +127.0.0.1:${port}->8080/tcp, .* kuard$`),
    );
    const [running] = await listed();
    assert.deepEqual([running.name, running.image, running.state.kind, running.id], ['kuard', clean, 'running', id]);
    assert.deepEqual(
      running.ports.map(({ hostAddress, hostPort, containerPort }) => [hostAddress, hostPort, containerPort]),
      [
        ['127.0.0.1', port, 8080],
        ['::1', port, 8080],
      ],
    );

    assert.deepEqual((await machine.unbake(['exec', 'kuard', 'sh', '-c', 'echo in; echo err >&2; exit 7'])).code, 7);
    assert.equal(await machine.output(['exec', id.slice(0, 6), 'cat', '/srv/index.html']), page.trim());

    assert.equal(await machine.output(['stop', 'kuard']), 'kuard');
    assert.deepEqual(await listed(), []);
    const [ended] = await listed('-a');
    assert.deepEqual([ended.state.kind, ended.state.exitCode], ['exited', 137]);
    assert.ok(Date.parse(ended.state.startedAt!) <= Date.parse(ended.state.finishedAt!));
    assert.match(await machine.output(['ps', '-a']), /Exited \(137\) \d+ seconds? ago/);
    assert.throws(() => curl(`http://127.0.0.1:${port}/`), /curl/);

    assert.equal(await machine.output(['rm', 'kuard']), 'kuard');
    assert.deepEqual(await listed('-a'), []);
    await machine.assertNothingLeft();
  });

  it('logs -f gives a line when it is written, and ends when the container does', async () => {
    const script = 'echo one; echo two >&2; while [ ! -e /tmp/go ]; do sleep 0.05; done; echo three; exit 3';
    await machine.output(['run', '-d', '--name', 'talker', clean, 'sh', '-c', script]);
    let seen = '';
    let seenBefore = '';
    const followed = await machine.unbake(['logs', '-f', 'talker'], {
      whileRunning: async (child) => {
        child.stdout!.on('data', (chunk: Buffer) => (seen += chunk.toString()));
        await until('the first line is followed', () => seen === 'one\n');
        seenBefore = seen;
        await machine.output(['exec', 'talker', 'touch', '/tmp/go']);
      },
    });
    assert.deepEqual([followed.code, seenBefore, followed.stdout, followed.stderr], [0, 'one\n', 'one\nthree\n', 'two\n']);
    const [{ state }] = await listed('-a');
    assert.deepEqual([state.kind, state.exitCode], ['exited', 3]);
    const stamped = await machine.unbake(['logs', '-t', '--tail', '2', 'talker']);
    assert.match(stamped.stdout + stamped.stderr, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z three\n\d{4}-\S+Z two\n$/);
    await machine.output(['rm', 'talker']);
    await machine.assertNothingLeft();
  });

  it('as it was, it is refused: what was found is named, and its value is not', async () => {
    const { code, stdout, stderr } = await machine.unbake(['run', '--rm', dirty, 'echo', 'started']);
    assert.deepEqual([code, stdout], [125, '']);
    assert.match(
      stderr,
      /^unbake: the image [0-9a-f]{12} is not started: it has 1 finding \(1 high\): github-token in \/srv\/\.env:1:\d+ \(visible\)\n/,
    );
    assert.match(stderr, /unbake clean.*unbake scan.*--allow-findings/);
    assert.deepEqual(exposedIn(stderr, { leaked }), []);
    assert.ok(
      !existsSync(join(machine.root, 'layers/sha256')) || readdirSync(join(machine.root, 'layers/sha256')).length <= 2,
      'layers of it were unpacked',
    );
    await machine.assertNothingLeft();
  });

  it('as it was, it is started when that is allowed, and when nobody looks', async () => {
    const allowed = await machine.unbake(['run', '--rm', '--allow-findings', dirty, 'echo', 'started']);
    assert.deepEqual([allowed.code, allowed.stdout], [0, 'started\n']);
    assert.match(allowed.stderr, /^unbake: the image [0-9a-f]{12} is started all the same: it has 1 finding/);
    assert.deepEqual(exposedIn(allowed.stderr, { leaked }), []);
    const unseen = await machine.unbake(['run', '--rm', '--no-scan', dirty, 'echo', 'started']);
    assert.deepEqual([unseen.code, unseen.stdout, unseen.stderr], [0, 'started\n', '']);
    const critical = await machine.unbake(['run', '--rm', '--fail-on', 'critical', dirty, 'echo', 'started']);
    assert.deepEqual([critical.code, critical.stdout], [0, 'started\n']);
    await machine.assertNothingLeft();
  });
});
