// A program in a running container that cannot be started is told of once, with docker's number, under each runtime that is there.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Machine, needsContainers } from '../support/containers.ts';
import * as forms from '../support/forms.ts';
import { scratch } from '../support/scratch.ts';
import { isInstalled, needs, tool } from '../support/tool.ts';
import { webApp } from '../support/web-app.ts';
import { program } from '../support/program.ts';

const unified = '/sys/fs/cgroup/unified/cgroup.controllers';

describe('programs in a running container', () => {
  const { folder, file } = scratch();
  const machine = new Machine(folder);
  const tools = join(folder, 'tools');
  const hierarchy = join(folder, 'hierarchy');

  before(async function () {
    needsContainers(this);
    mkdirSync(tools);
    mkdirSync(hierarchy);
    await machine.output(['load', file(forms.archive(forms.docker25Archive(webApp())))]);
  });
  afterEach(() => machine.removeAll());

  /**
   * crun takes no machine whose second kind of cgroups has a controller beside the first kind: this one is moved there meanwhile, in a mount
   * namespace of its own, so that no other container sees it.
   */
  async function moveControllers(): Promise<() => void> {
    const controllers = existsSync(unified) ? readFileSync(unified, 'utf8').trim().split(' ').join(',') : '';
    if (controllers === '') return () => undefined;
    const script = 'mount -t cgroup -o "$1" none "$2" && echo moved && exec sleep 60';
    const holder = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', controllers, hierarchy], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    return () => void holder.kill('SIGKILL');
  }

  for (const runtime of ['runc', 'crun'].filter(isInstalled)) {
    it(`under ${runtime}`, async () => {
      const moveBack = runtime === 'crun' ? await moveControllers() : () => undefined;
      try {
        const flags = ['--no-scan', '--runtime', runtime];
        await machine.output(['run', '-d', ...flags, '--name', 'web', '-v', `${tools}:/tools`, 'web:1', 'sleep', '60']);
        tool('sh', ['-c', 'printf "#!/bin/sh\\nexit 9\\n" >nine && chmod +x nine'], { cwd: tools });
        const exec = (...args: readonly string[]) => machine.unbake(['exec', 'web', ...args]);
        assert.equal((await exec('/tools/nine')).code, 9);
        for (const [program, code, said] of [
          ['nope', 127, 'unbake: the container has no program nope in its PATH (/bin)\n'],
          ['/tools/nope', 127, 'unbake: the container has no program /tools/nope\n'],
          ['./data.txt', 126, 'unbake: ./data.txt of the container is not executable\n'],
          ['/tools', 126, 'unbake: /tools of the container is a folder\n'],
        ] as const) {
          const { code: given, stderr } = await exec(program);
          assert.deepEqual([given, stderr], [code, said]);
        }
        // What only the runtime can tell, it tells once.
        const { code, stderr } = await machine.unbake(['exec', '-w', '/nowhere', 'web', 'true']);
        assert.notEqual(code, 0);
        assert.equal(stderr.match(/nowhere/g)?.length, 1, stderr);

        for (const [program, expected] of [
          ['nope', 127],
          ['/srv/data.txt', 126],
          ['false', 1],
        ] as const)
          assert.equal((await machine.unbake(['run', '--rm', ...flags, 'web:1', program])).code, expected);
        await machine.output(['stop', 'web']);
        const { code: late, stderr: refused } = await exec('true');
        assert.deepEqual([late, refused], [125, 'unbake: container web is not running\n  unbake ps -a tells what became of it\n']);
      } finally {
        await machine.removeAll();
        moveBack();
      }
    });
  }

  it('gets signals, and gives its own exit code back', async () => {
    await machine.output(['run', '-d', '--no-scan', '--name', 'web', 'web:1', 'sleep', '60']);
    const script = 'trap "exit 9" TERM; echo ready; while true; do sleep 0.05; done';
    const { code, stdout } = await machine.unbake(['exec', 'web', 'sh', '-c', script], {
      whileRunning: async (child) => {
        await once(child.stdout!, 'data');
        child.kill('SIGTERM');
      },
    });
    assert.deepEqual([code, stdout], [9, 'ready\n']);
    assert.doesNotMatch(await machine.output(['exec', 'web', 'ps']), /trap/);
  });

  it('gets no terminal that the command itself does not have', function () {
    needs(this, 'script', 'timeout');
    const env = { UNBAKE_ROOT: machine.root };
    const said = tool('script', ['-qec', `timeout 20 "${process.execPath}" -- "${program}" exec -it web id; echo "code $?"`, '/dev/null'], { env });
    assert.match(said, /unbake: -t needs the terminal, and this command runs in its background[^]*code 125/);
  });
});
