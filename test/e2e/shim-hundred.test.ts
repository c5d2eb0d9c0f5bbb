// A hundred containers in a row, ended in every way that there is: nothing is left of them, and nothing grows.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { freePort, Machine, needsContainers } from '../support/containers.ts';
import * as forms from '../support/forms.ts';
import { scratch } from '../support/scratch.ts';
import { assertNothingLeftOf, assertPortFree, kill, processesOf } from '../support/shim-processes.ts';
import { webApp } from '../support/web-app.ts';

const times = 100;

describe('a hundred containers in a row', () => {
  const { folder, file } = scratch();
  const machine = new Machine(folder);
  const ids = new Set<string>();

  before(async function () {
    needsContainers(this);
    await machine.output(['load', file(forms.archive(forms.docker25Archive(webApp())))]);
  });
  afterEach(() => machine.removeAll());

  const ends: readonly ((name: string) => Promise<unknown>)[] = [
    (name) => machine.output(['stop', name]),
    (name) => machine.output(['rm', '-f', name]),
    async (name) => kill(processesOf(machine, name).get('app')),
    (name) => machine.unbake(['exec', name, 'sh', '-c', 'kill -INT 1; sleep 5']),
    async (name) => kill(processesOf(machine, name).get('supervisor')),
  ];

  const command = ['sh', '-c', 'trap "exit 3" INT; httpd -p 8080 -h /srv; while true; do sleep 0.05; done'];

  it('leave nothing', async function () {
    this.timeout(240_000);
    const port = await freePort();
    let first: readonly string[] = [];
    for (let count = 0; count < times; count++) {
      const name = `c${count}`;
      const flags = count % 3 === 0 ? ['--rm'] : [];
      const id = await machine.output(['run', '-d', '--no-scan', '--name', name, ...flags, '-p', `${port}:8080`, '-m', '64m', 'web:1', ...command]);
      ids.add(id);
      await ends[count % ends.length]!(name);
      // A folder that goes by itself, or one that has to be removed, in turn.
      if (count % 3 === 0) await assertNothingLeftOf(machine, [id]);
      else await machine.unbake(['rm', '-f', name]);
      if (count % 25 === 24) {
        await assertNothingLeftOf(machine, ids);
        const kept = everythingIn(machine.root);
        if (first.length === 0) first = kept;
        assert.deepEqual(kept, first);
      }
    }
    await assertPortFree(port);
  });

  function everythingIn(root: string): readonly string[] {
    const mounts = readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('unbake '));
    return [...(readdirSync(root, { recursive: true }) as string[]).toSorted(), ...mounts];
  }
});
