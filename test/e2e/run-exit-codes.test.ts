// What `unbake run` returns to the shell, as docker does: the container's own number, or 125 to 127 when it never ran; and what signals,
// closed pipes and a kill of the command do to the container.
import assert from 'node:assert/strict';
import { type ChildProcess, spawnSync } from 'node:child_process';
import { freePort, machineWithWebApp, until } from '../support/containers.ts';
import type { Outcome } from '../support/cli.ts';
import { scratch } from '../support/scratch.ts';
import { program } from '../support/program.ts';

describe('the exit code of run', () => {
  const files = scratch();
  const { machine } = machineWithWebApp(files);

  const runs = (...args: readonly string[]) => machine.unbake(['run', '--rm', '--no-scan', ...args]);

  it("is the program's", async () => {
    for (const code of [0, 7, 255]) assert.equal((await runs('web:1', 'sh', '-c', `exit ${code}`)).code, code);
    const { code, stdout, stderr } = await runs('web:1', 'sh', '-c', 'echo out; echo err >&2; sh -c \'kill -TERM "$$"\'; exit $?');
    assert.deepEqual([code, stdout, stderr.split('\n')[0]], [143, 'out\n', 'err']);
    await machine.assertNothingLeft();
  });

  it('is 126 for what cannot be executed, 127 for what is not there; one sentence says so', async () => {
    const cases = [
      [127, '/nowhere', /no such file or directory/],
      [127, 'nowhere', /not found/],
      [126, '/srv/data.txt', /permission denied/],
      [126, '/srv', /permission denied|is a directory/],
    ] as const;
    for (const [wanted, name, says] of cases) {
      const { code, stdout, stderr } = await runs('web:1', name);
      assert.deepEqual([code, stdout], [wanted, ''], name);
      assert.match(stderr, says);
      assert.match(stderr, /^unbake: [^\n]*\n(?: {2}[^\n]*\n)?$/);
      assert.match(stderr, new RegExp(name));
    }
    await machine.assertNothingLeft();
  });

  it('is 125 when the container could not be had, whatever the reason; nothing ran and nothing is left', async () => {
    const port = await freePort();
    await machine.output(['run', '-d', '--no-scan', '--name', 'taken', '-p', `${port}:8080`, 'web:1']);
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [['--nonsense', 'web:1'], /unknown option '--nonsense'/],
      [[], /missing required argument/],
      [['--network', 'moon', 'web:1'], /none, bridge, host/],
      [['--memory', '1m', 'web:1'], /6m/],
      [['--runtime', '/nowhere/runc', 'web:1'], /--runtime \/nowhere\/runc .*\n.*runc, crun/],
      [['nothing:1'], /no file nothing:1.*no image of that name.*\n.*unbake images/],
      [['--name', 'taken', 'web:1'], /name taken is taken.*\n.*unbake rm -f taken/],
      [['-p', `${port}:80`, 'web:1'], new RegExp(`port 127.0.0.1:${port}/tcp is taken.*\\n.*-p ${port + 1}`)],
      [['--platform', 'linux/arm64', 'web:1'], /linux\/arm64.*linux\/amd64/],
      [['-u', 'nobody', 'web:1'], /user nobody/],
    ];
    for (const [args, says] of cases) {
      const { code, stdout, stderr } = await machine.unbake(['run', '--no-scan', ...args]);
      assert.deepEqual([code, stdout], [125, ''], `${args.join(' ')}: ${stderr}`);
      assert.match(stderr, says);
      assert.doesNotMatch(stderr, /bug in unbake|^ {4}at /m);
    }
    assert.equal(await machine.output(['ps', '-a', '--format', 'json']).then((text) => text.split('\n').length), 1);
    await machine.output(['rm', '-f', 'taken']);
    await machine.assertNothingLeft();
  });

  it('is 137 with a note when the kernel ended it for its memory, and ps remembers', async () => {
    const hog = ['web:1', 'dd', 'if=/dev/zero', 'of=/dev/null', 'bs=100M', 'count=1'];
    const { code, stderr } = await machine.unbake(['run', '--no-scan', '--name', 'hog', '-m', '16m', ...hog]);
    assert.equal(code, 137, stderr);
    assert.match(stderr, /^unbake: container hog ran out of memory.*--memory.*unbake logs hog/m);
    assert.match(await machine.output(['ps', '-a']), /Exited \(137, out of memory\)/);
    await machine.output(['rm', 'hog']);
    await machine.assertNothingLeft();
  });

  const ready = (child: ChildProcess) => new Promise((resolve) => child.stdout!.once('data', resolve).once('close', resolve));
  const signalled = (script: string, ...signals: readonly NodeJS.Signals[]): Promise<Outcome> =>
    machine.unbake(['run', '--rm', '--no-scan', 'web:1', 'sh', '-c', script], {
      whileRunning: async (child) => {
        await ready(child);
        for (const signal of signals) {
          child.kill(signal);
          // Two equal signals at once are one.
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      },
    });
  const loop = 'echo ready; while :; do sleep 0.02; done';

  it('of a program that was sent a signal is what it makes of it', async () => {
    const traps = "trap 'echo term; exit 143' TERM; trap 'echo int; exit 130' INT; trap 'echo usr1' USR1; trap 'exit 9' HUP";
    const outcomes = [
      [await signalled(`${traps}; ${loop}`, 'SIGTERM'), 143, 'ready\nterm\n'],
      [await signalled(`${traps}; ${loop}`, 'SIGINT'), 130, 'ready\nint\n'],
      [await signalled(`${traps}; ${loop}`, 'SIGUSR1', 'SIGTERM'), 143, 'ready\nusr1\nterm\n'],
      [await signalled(`${traps}; ${loop}`, 'SIGHUP'), 9, 'ready\n'],
    ] as const;
    for (const [{ code, stdout, stderr }, wanted, said] of outcomes) assert.deepEqual([code, stdout, stderr], [wanted, said, '']);
    await machine.assertNothingLeft();
  });

  it('is 130 for ^C before there was a program, whenever it comes; nothing is left', async () => {
    for (const delay of [150, 200, 250, 300, 350]) {
      const { code, stdout, stderr } = await machine.unbake(['run', '--rm', '--no-scan', 'web:1', 'sh', '-c', `trap 'exit 99' INT; ${loop}`], {
        whileRunning: async (child) => {
          await new Promise((resolve) => setTimeout(resolve, delay));
          // One that comes to a program which does not listen yet has no effect; the third one ends it.
          while (child.exitCode === null && child.signalCode === null) {
            child.kill('SIGINT');
            await new Promise((resolve) => setTimeout(resolve, 150));
          }
        },
      });
      // 130 is ours, or none where node itself had not begun.
      assert.ok(code === undefined || [130, 99, 137].includes(code), `${code} ${stdout} ${stderr}`);
      if (code === 130) assert.deepEqual([stdout, stderr], ['', 'unbake: interrupted\n']);
      await machine.assertNothingLeft();
    }
  });

  it('the third ^C ends a program that listens to none', async () => {
    const { code, stdout } = await signalled(`trap '' INT TERM; ${loop}`, 'SIGINT', 'SIGINT', 'SIGINT');
    assert.deepEqual([code, stdout], [137, 'ready\n']);
    await machine.assertNothingLeft();
  });

  it('a reader that has seen enough ends nothing', async () => {
    const command = `"${process.execPath}" "${program}" run --no-scan --name counter web:1 seq 1 200000 | head -n 1`;
    const { stdout, stderr, status } = spawnSync('bash', ['-o', 'pipefail', '-c', command], {
      encoding: 'utf8',
      env: { ...process.env, UNBAKE_ROOT: machine.root },
    });
    assert.deepEqual([status, stdout, stderr], [0, '1\n', '']);
    assert.equal(await machine.output(['logs', '--tail', '1', 'counter']), '200000');
    await machine.output(['rm', 'counter']);
    await machine.assertNothingLeft();
  });

  it('a killed command leaves its container running, which can be stopped, and removes itself then', async () => {
    const killed = await machine.unbake(['run', '--rm', '--no-scan', '--name', 'orphan', 'web:1', 'sh', '-c', `trap 'exit 4' TERM; ${loop}`], {
      whileRunning: async (child) => {
        await ready(child);
        child.kill('SIGKILL');
        await new Promise((resolve) => child.once('exit', resolve));
        assert.match(await machine.output(['ps']), /Up .* orphan$/m);
        assert.equal(await machine.output(['exec', 'orphan', 'echo', 'alive']), 'alive');
        await machine.output(['stop', 'orphan']);
      },
    });
    assert.equal(killed.code, undefined);
    await until('it has removed itself', async () => !(await machine.output(['ps', '-a'])).includes('orphan'));
    await machine.assertNothingLeft();
  });

  it('of a stopped one is what it made of its stop signal, or 137', async () => {
    const traps = "trap 'exit 42' INT; trap 'exit 43' TERM";
    await machine.output(['run', '-d', '--no-scan', '--name', 'polite', '--stop-signal', 'INT', 'web:1', 'sh', '-c', `${traps}; ${loop}`]);
    await machine.output(['run', '-d', '--no-scan', '--name', 'deaf', '--stop-signal', 'TERM', 'web:1', 'sh', '-c', `trap '' TERM; ${loop}`]);
    await until(
      'both run',
      async () => (await machine.output(['logs', 'deaf'])) === 'ready' && (await machine.output(['logs', 'polite'])) === 'ready',
    );
    assert.equal(await machine.output(['stop', '-t', '1', 'polite', 'deaf']), 'polite\ndeaf');
    const codes = (await machine.output(['ps', '-a', '--format', 'json'])).split('\n').map((line) => JSON.parse(line).state.exitCode as number);
    assert.deepEqual(codes, [137, 42]);
    await machine.output(['rm', 'polite', 'deaf']);
    await machine.assertNothingLeft();
  });
});
