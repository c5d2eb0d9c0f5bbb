// Commands at the same time on the same things: of those that cannot all have their way one has it, the others are told why.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, Machine, needsContainers } from '../support/containers.ts';
import type { Outcome } from '../support/cli.ts';
import * as forms from '../support/forms.ts';
import { scratch } from '../support/scratch.ts';
import { assertNothingLeftOf, assertPortFree, containerIds } from '../support/shim-processes.ts';
import { webApp } from '../support/web-app.ts';

describe('commands at the same time', () => {
  const { folder, file } = scratch();
  const machine = new Machine(folder);
  const ids = new Set<string>();
  let archive: string;

  before(function () {
    needsContainers(this);
    archive = file(forms.archive(forms.docker25Archive(webApp())));
  });
  afterEach(async () => {
    for (const id of containerIds(machine)) ids.add(id);
    await machine.removeAll();
    await machine.output(['prune']);
    await assertNothingLeftOf(machine, ids);
  });

  const start = (...args: readonly string[]) => machine.unbake(['run', '-d', '--no-scan', ...args]);
  const times = <T>(count: number, act: (index: number) => Promise<T>) => Promise.all(Array.from({ length: count }, (_, index) => act(index)));
  const succeeded = (outcomes: readonly Outcome[]) => outcomes.filter(({ code }) => code === 0).length;

  it('unpack an image that nobody has unpacked yet, once', async () => {
    const outcomes = await times(8, (index) => start('--name', `first${index}`, archive));
    assert.equal(succeeded(outcomes), 8, outcomes.map(({ stderr }) => stderr).join(''));
    assert.equal((await machine.output(['ps', '-q'])).split('\n').length, 8);
    assert.equal(readdirSync(join(machine.root, 'layers/sha256')).length, 2);
    assert.deepEqual(readdirSync(join(machine.root, 'layers')), ['sha256']);
  });

  it('take one name: one gets it', async () => {
    const outcomes = await times(6, () => start('--name', 'same', 'web:1'));
    assert.equal(succeeded(outcomes), 1);
    for (const { code, stderr } of outcomes) if (code !== 0) assert.match(`${code} ${stderr}`, /^125 unbake: the name same is taken/);
    assert.equal(await machine.output(['exec', 'same', 'echo', 'it runs']), 'it runs');
  });

  it('bind one port: one gets it', async () => {
    const port = await freePort();
    const outcomes = await times(6, () => start('-p', `${port}:8080`, 'web:1'));
    assert.equal(succeeded(outcomes), 1);
    for (const { code, stderr } of outcomes) if (code !== 0) assert.match(`${code} ${stderr}`, /^125 unbake: port \S+ is taken/);
    assert.equal((await machine.output(['ps', '-q'])).split('\n').length, 1);
    await machine.removeAll();
    await assertPortFree(port);
  });

  it('remove what is being started: it starts no more, or it has started', async () => {
    for (let wait = 0; wait < 300; wait += 30) {
      const starting = start('--name', 'early', 'web:1');
      await sleep(wait);
      const removed = await machine.unbake(['rm', '-f', 'early']);
      const { code, stderr } = await starting;
      if (code !== 0) assert.match(stderr, /^unbake: (?:container early was removed while it was being started|the container cannot be started)/);
      assert.match(removed.stderr, /^$|there is no container/);
      const isThere = (await machine.output(['ps', '-a', '-q'])) !== '';
      assert.equal(isThere, removed.code !== 0, `after ${wait} ms`);
      await machine.removeAll();
    }
  });

  it('stop what is being started: it is told that it is, or it stops', async () => {
    for (let wait = 100; wait < 400; wait += 50) {
      const starting = start('--name', 'early', 'web:1');
      await sleep(wait);
      const { stderr } = await machine.unbake(['stop', 'early']);
      assert.match(stderr, /^$|there is no container|is being made/);
      const { code, stderr: complaint } = await starting;
      assert.equal(code, 0, complaint);
      await machine.removeAll();
    }
  });

  it('run programs in what is being stopped: each gives its own code, or is refused', async () => {
    await start('--name', 'web', 'web:1');
    const [stopped, ...executed] = await Promise.all([
      machine.unbake(['stop', 'web']),
      ...Array.from({ length: 6 }, (_, index) => machine.unbake(['exec', 'web', 'sh', '-c', `sleep 0.0${index}; exit 7`])),
    ]);
    assert.equal(stopped.code, 0, stopped.stderr);
    for (const { code, stderr } of executed) {
      // 137: it was killed with the container.
      assert.ok([7, 125, 137].includes(code!), `${code} ${stderr}`);
      // What the runtime alone sees, it says in its own words.
      if (code === 125) assert.match(stderr, /unbake: |exec failed: /);
      assert.doesNotMatch(stderr, /^ {4}at |ENOENT|TypeError/m);
    }
  });

  it('give room back while containers start: what they need stays', async () => {
    const outcomes = await times(6, async (index) => {
      const started = start('--name', `c${index}`, 'web:1');
      await sleep(index * 40);
      return [await machine.unbake(['prune', '-a']), await started] as const;
    });
    for (const [pruned, started] of outcomes) {
      assert.equal(pruned.code, 0, pruned.stderr);
      // The image may have been given back before the start got to it.
      if (started.code !== 0) assert.match(started.stderr, /^unbake: .*\n {2}\S/);
      assert.doesNotMatch(started.stderr, /ENOENT|TypeError/);
    }
    const running = (await machine.output(['ps', '--format', 'json'])).split('\n').filter((line) => line !== '').length;
    assert.equal(running, succeeded(outcomes.map(([, started]) => started)));
  });

  it('remove the image of what starts: the container runs, or it is told', async () => {
    for (let wait = 50; wait < 350; wait += 50) {
      await machine.output(['load', archive]);
      const starting = start('--name', 'web', 'web:1');
      await sleep(wait);
      const removed = await machine.unbake(['rmi', '-f', 'web:1']);
      assert.equal(removed.code, 0, removed.stderr);
      const { code, stderr } = await starting;
      if (code === 0) assert.equal(await machine.output(['exec', 'web', 'cat', '/srv/index.html']), 'unbaked');
      else assert.match(stderr, /^unbake: (?!.*ENOENT)/);
      await machine.removeAll();
    }
  });
});
