// A program in a running container that cannot be started is told of once, with docker's number, under each runtime that is there.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Machine, needsContainers } from '../support/containers.ts';
import * as forms from '../support/forms.ts';
import { scratch } from '../support/scratch.ts';
import { isInstalled, tool } from '../support/tool.ts';
import { webApp } from '../support/web-app.ts';

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

  /** crun takes no machine whose second kind of cgroups has a controller beside the first kind: this one is moved there meanwhile. */
  function moveControllers(): () => void {
    const controllers = existsSync(unified) ? readFileSync(unified, 'utf8').trim().split(' ').join(',') : '';
    if (controllers === '') return () => undefined;
    tool('mount', ['-t', 'cgroup', '-o', controllers, 'none', hierarchy]);
    return () => void tool('umount', [hierarchy]);
  }

  for (const runtime of ['runc', 'crun'].filter(isInstalled)) {
    it(`under ${runtime}`, async () => {
      const moveBack = runtime === 'crun' ? moveControllers() : () => undefined;
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
});
