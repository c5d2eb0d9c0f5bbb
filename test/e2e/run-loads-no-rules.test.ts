// The rules cost half a second to load. Commands that judge nothing, and a start whose image was judged before, do without them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { machineWithWebApp } from '../support/containers.ts';
import { scratch } from '../support/scratch.ts';

const hook = new URL('../support/loaded-modules.ts', import.meta.url).href;
// Versions and paths of rules are looked at: they are in the key that a verdict is kept under.
const ofRules = /node_modules\/@secretlint\/.*\.[cm]?js$|\/src\/(?:rule\/ruleset\.ts|scan\/scan\.ts|clean\/)/;

describe('what commands of the shim load', () => {
  const files = scratch();
  const { machine, image } = machineWithWebApp(files);

  /** The modules that have to do with rules and scans. */
  async function loadedBy(...args: readonly string[]): Promise<readonly string[]> {
    const list = join(files.folder, 'modules');
    const { code, stderr } = await machine.unbake(args, { nodeFlags: ['--import', hook], env: { UNBAKE_TEST_MODULES_FILE: list } });
    assert.ok(code === 0 || code === 125, `${args.join(' ')}: ${stderr}`);
    const modules = readFileSync(list, 'utf8').split('\n');
    assert.ok(
      modules.some((module) => module.endsWith('/src/cli/main.ts')),
      'nothing was seen',
    );
    return modules.filter((module) => ofRules.test(module)).map((module) => module.replace(/^.*\/(?=src\/|node_modules\/)/, ''));
  }

  it('run --no-scan, ps, logs, exec, stop, rm, images, load, save, rmi, prune: no rule', async () => {
    const commands = [
      ['run', '-d', '--no-scan', '--name', 'one', 'web:1'],
      ['ps', '-a'],
      ['logs', 'one'],
      ['exec', 'one', 'true'],
      ['stop', '-t', '0', 'one'],
      ['rm', 'one'],
      ['images'],
      ['save', 'web:1', '-o', join(files.folder, 'saved.tar')],
      ['load', '-q', join(files.folder, 'saved.tar')],
      ['rmi', 'web:1'],
      ['prune', '-a'],
      ['run', '--help'],
    ];
    for (const args of commands) assert.deepEqual(await loadedBy(...args), [], args.join(' '));
  });

  it('run of an image that was judged before: no rule, whether it is refused or started', async () => {
    assert.notDeepEqual(await loadedBy('run', '--rm', image(), 'true'), [], 'the first time all of them are needed');
    assert.deepEqual(await loadedBy('run', '--rm', image(), 'true'), []);
    assert.deepEqual(await loadedBy('run', '--rm', '--allow-findings', image(), 'true'), []);
    assert.deepEqual(await loadedBy('run', '--rm', '--fail-on', 'critical', 'web:1', 'true'), [], 'judged anew, not scanned anew');
    assert.notDeepEqual(await loadedBy('run', '--rm', '--disable', 'npm-*', 'web:1', 'true'), [], 'other rules are another judgement');
  });
});
