// Any process of the shim may be killed at any time: the container then runs on, or has ended and it is told why; and nothing is left.
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Container, ContainerState } from '../../src/model/container.ts';
import { freePort, Machine, needsContainers } from '../support/containers.ts';
import * as forms from '../support/forms.ts';
import { randomNumbers } from '../support/random.ts';
import { scratch } from '../support/scratch.ts';
import { assertNothingLeftOf, assertPortFree, containerIds, kill, processesOf, type Role, roles } from '../support/shim-processes.ts';
import { page, webApp } from '../support/web-app.ts';

const rounds = Number(process.env['UNBAKE_TEST_KILLS'] ?? 24);
const firstSeed = Number(process.env['UNBAKE_TEST_SEED'] ?? 1);

describe('processes of a container that are killed', () => {
  const { folder, file } = scratch();
  const machine = new Machine(folder);
  const ids = new Set<string>();

  before(async function () {
    needsContainers(this);
    await machine.output(['load', file(forms.archive(forms.docker25Archive(webApp())))]);
  });
  afterEach(async () => {
    for (const id of containerIds(machine)) ids.add(id);
    await machine.removeAll();
    await machine.output(['prune']);
    await assertNothingLeftOf(machine, ids);
  });

  async function stateOf(name: string): Promise<ContainerState | undefined> {
    const lines = (await machine.output(['ps', '-a', '--format', 'json'])).split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as Container).find((container) => container.name === name)?.state;
  }

  async function settled(name: string): Promise<ContainerState | undefined> {
    for (let tries = 0; tries < 200; tries++) {
      const state = await stateOf(name);
      if (state?.kind !== 'created') return state;
      await sleep(50);
    }
    throw new Error('it is neither started nor ended');
  }

  async function answerAt(port: number): Promise<string> {
    for (let tries = 0; ; tries++) {
      try {
        return await (await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(2000) })).text();
      } catch (thrown) {
        if (tries >= 40) throw thrown;
        await sleep(50);
      }
    }
  }

  async function endOf(name: string): Promise<ContainerState & { kind: 'exited' }> {
    for (let tries = 0; tries < 200; tries++) {
      const state = await stateOf(name);
      if (state?.kind === 'exited') return state;
      await sleep(25);
    }
    throw new Error(`${name} does not end`);
  }

  async function startWithPort(): Promise<number> {
    const port = await freePort();
    await machine.output(['run', '-d', '--no-scan', '--name', 'web', '-p', `${port}:8080`, 'web:1']);
    assert.equal(await answerAt(port), page);
    return port;
  }

  for (const [role, why] of [
    ['unshare', 'its supervising process was killed'],
    ['supervisor', 'its supervising process was killed'],
    ['runtime', 'its OCI runtime was killed'],
    ['app', undefined],
  ] as const) {
    it(`${role}: the container has ended, and it is told ${why === undefined ? 'by which signal' : 'why'}`, async () => {
      const port = await startWithPort();
      kill(processesOf(machine, 'web').get(role));
      const { exitCode, error, startedAt } = await endOf('web');
      assert.deepEqual({ exitCode, error, isStarted: startedAt !== undefined }, { exitCode: 137, error: why, isStarted: true });
      await machine.output(['rm', 'web']);
      await assertPortFree(port);
    });
  }

  it('witness: the container runs on, can be stopped, and its end is known', async () => {
    const port = await startWithPort();
    kill(processesOf(machine, 'web').get('witness'));
    assert.equal(await answerAt(port), page);
    await machine.output(['stop', 'web']);
    assert.equal((await endOf('web')).exitCode, 137);
    await assertPortFree(port);
  });

  it('witness of a container to be removed: it is, by the command that waits or by the next look', async () => {
    const args = (name: string) => ['run', '--rm', '--no-scan', '--name', name, 'web:1', 'sleep', '1'];
    const attached = machine.unbake(args('attached'));
    await machine.output(args('detached').toSpliced(1, 0, '-d'));
    for (const name of ['attached', 'detached']) {
      for (let pid: number | undefined; pid === undefined; await sleep(10)) {
        pid = processesOf(machine, name).get('app') && processesOf(machine, name).get('witness');
        kill(pid);
      }
    }
    assert.equal((await attached).code, 0);
    assert.equal(await stateOf('attached'), undefined);
    for (let tries = 0; (await stateOf('detached')) !== undefined; tries++) {
      assert.ok(tries < 100, 'it stays');
      await sleep(50);
    }
  });

  it('tending process: it comes back, the port answers again and the log goes on', async () => {
    const port = await freePort();
    const serve = 'httpd -p 8080 -h /srv; n=0; while true; do n=$((n+1)); echo line $n; sleep 0.05; done';
    await machine.output(['run', '-d', '--no-scan', '--name', 'web', '-p', `${port}:8080`, 'web:1', 'sh', '-c', serve]);
    let killed = 0;
    for (let times = 0; times < 3; times++) {
      assert.equal(await answerAt(port), page);
      const tend = processesOf(machine, 'web').get('tend');
      assert.ok(tend !== undefined && tend !== killed);
      killed = tend;
      kill(tend);
    }
    assert.equal(await answerAt(port), page);
    await machine.output(['stop', 'web']);
    const lines = (await machine.output(['logs', 'web'])).split('\n');
    assert.ok(lines.length > 5);
    assert.deepEqual(
      lines,
      lines.map((_, index) => `line ${index + 1}`),
    );
  });

  it(`whichever, whenever, several at once (${rounds} times)`, async function () {
    this.timeout(rounds * 30_000);
    for (let seed = firstSeed; seed < firstSeed + rounds; seed++)
      await round(seed).catch((thrown: unknown) => Promise.reject(new Error(`seed ${seed}`, { cause: thrown })));
  });

  async function round(seed: number): Promise<void> {
    const random = randomNumbers(seed);
    const isRemovedAfter = random() < 0.3;
    const isDetached = random() < 0.7;
    const port = await freePort();
    const name = `c${seed}`;
    const wait = random() < 0.7 ? random() * 450 : 600 + random() * 300;
    const isCommandKilled = random() < 0.6;
    const victims = roles.filter(() => random() < 0.3);
    if (random() < 0.5) victims.reverse();
    const flags = [...(isDetached ? ['-d'] : []), ...(isRemovedAfter ? ['--rm'] : [])];
    let command: ChildProcess | undefined;
    let hasEnded: Promise<unknown> = Promise.resolve();
    const running = machine.unbake(['run', '--no-scan', '--name', name, '-p', `${port}:8080`, ...flags, 'web:1'], {
      whileRunning: async (child) => {
        command = child;
        // Its streams may stay open: a container that it is attached to runs on.
        hasEnded = once(child, 'exit');
        await sleep(wait);
        for (const id of containerIds(machine)) ids.add(id);
        if (isCommandKilled && random() < 0.5) child.kill('SIGKILL');
        const found: ReadonlyMap<Role, number> = processesOf(machine, name);
        for (const victim of victims) kill(found.get(victim));
        if (isCommandKilled) child.kill('SIGKILL');
      },
    });
    if (isDetached || isCommandKilled) await hasEnded;
    else await sleep(1000);
    const state = await settled(name);
    for (const id of containerIds(machine)) ids.add(id);
    if (state?.kind === 'running') {
      // Of one that has just ended, the end is recorded when its output is read.
      const { code, stderr } = await machine.unbake(['exec', name, 'true']);
      if (code !== 0)
        assert.equal(isRemovedAfter ? await settledRemoval(name) : (await endOf(name)).kind, isRemovedAfter ? undefined : 'exited', stderr);
    } else if (state?.kind === 'exited') {
      assert.ok([125, 137].includes(state.exitCode), JSON.stringify(state));
      assert.ok(state.exitCode === 137 || state.error !== undefined, JSON.stringify(state));
      if (isRemovedAfter) assert.equal(await settledRemoval(name), undefined);
      else await machine.output(['rm', name]);
    } else {
      assert.ok(isRemovedAfter || command?.killed === true || victims.length > 0, 'it vanished');
    }
    await machine.removeAll();
    await running;
    await machine.output(['prune']);
    await assertNothingLeftOf(machine, ids);
    await assertPortFree(port);
  }

  async function settledRemoval(name: string): Promise<ContainerState | undefined> {
    for (let tries = 0; tries < 100 && (await stateOf(name)) !== undefined; tries++) await sleep(50);
    return stateOf(name);
  }
});
