// A program is looked up in a container as the runtime would do it: its PATH, its folder, its links, and never a file of the machine.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingProgram } from '../../../src/shim/container/program-in.ts';
import { scratch } from '../../support/scratch.ts';

describe('a program in a container', () => {
  const { newFolder } = scratch();
  const root = newFolder();
  const process_ = { env: ['PATH=/none', 'PATH=/bin:/usr/bin'], cwd: '/srv' };

  before(() => {
    for (const folder of ['bin', 'usr/bin', 'srv']) mkdirSync(join(root, folder), { recursive: true });
    for (const name of ['bin/tool', 'usr/bin/other', 'srv/run', 'srv/data']) writeFileSync(join(root, name), '');
    for (const name of ['bin/tool', 'usr/bin/other', 'srv/run']) chmodSync(join(root, name), 0o755);
    symlinkSync('/usr/bin/other', join(root, 'bin/absolute'));
    symlinkSync('/bin/sh', join(root, 'bin/of-the-machine'));
    symlinkSync('loop', join(root, 'bin/loop'));
    symlinkSync('/srv/data', join(root, 'bin/data'));
  });

  for (const name of ['tool', 'other', 'absolute', '/bin/tool', './run', '../bin/tool', '/srv/../../bin/tool']) {
    it(`${name} is there`, () => assert.equal(missingProgram(root, name, process_), undefined));
  }
  it('a circle of links is left to the runtime', () => assert.equal(missingProgram(root, 'loop', process_), undefined));

  for (const name of ['nope', 'run', 'of-the-machine', 'data', '', './nope', '/bin/nope', '/bin/tool/x']) {
    it(`${JSON.stringify(name)} is not there`, () => assert.equal(missingProgram(root, name, process_)?.exitCode, 127));
  }
  for (const [name, error] of [
    ['/srv/data', '/srv/data of the container is not executable'],
    ['./data', './data of the container is not executable'],
    ['/bin', '/bin of the container is a folder'],
  ] as const) {
    it(`${name} cannot be executed`, () => assert.deepEqual(missingProgram(root, name, process_), { exitCode: 126, error }));
  }
  it('the last PATH counts, and is told', () => {
    assert.match(missingProgram(root, 'nope', process_)!.error, /no program nope in its PATH \(\/bin:\/usr\/bin\)$/);
  });
});
