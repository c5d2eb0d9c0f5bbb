// What is loaded before a command does anything: of the version nothing, of the overview nothing of any command, of a command its own.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Help } from 'commander';
import { commandEntries } from '../../src/cli/commands.ts';
import { calledName, programFor } from '../../src/cli/program.ts';
import { run } from '../support/cli.ts';
import { scratch } from '../support/scratch.ts';

const hook = new URL('../support/loaded-modules.ts', import.meta.url).href;

describe('the start of the program', () => {
  const files = scratch();

  /** Sources of ours and of packages, from `src/` or `node_modules/` on. */
  async function loadedBy(...args: readonly string[]): Promise<readonly string[]> {
    const list = join(files.newFolder(), 'modules');
    await run(args, { nodeFlags: ['--import', hook], env: { UNBAKE_TEST_MODULES_FILE: list } });
    return readFileSync(list, 'utf8')
      .split('\n')
      .filter((module) => module.startsWith('file:'))
      .map((module) => module.replace(/^.*\/(?=src\/|node_modules\/)/, ''));
  }
  const ofOurs = (modules: readonly string[]) => modules.filter((module) => module.startsWith('src/')).sort();

  it('loads one file to print the version', async () => {
    for (const flag of ['--version', '-V']) assert.deepEqual(await loadedBy(flag), ['src/cli/main.ts']);
  });

  it('loads no command, and no flags of one, for the overview and for what is no command', async () => {
    const overview = ofOurs(await loadedBy('--help'));
    assert.deepEqual(
      overview.filter((module) => module.startsWith('src/cli/')),
      ['src/cli/commands.ts', 'src/cli/fail.ts', 'src/cli/main.ts', 'src/cli/program.ts'],
    );
    assert.deepEqual(
      overview.filter((module) => !/^src\/(?:cli|model|judge)\//.test(module)),
      [],
    );
    for (const args of [['help'], [], ['nothing'], ['--nothing'], ['--nothing', 'nothing']])
      assert.deepEqual(ofOurs(await loadedBy(...args)), overview);
  });

  it('loads the flags of the command alone whose help is asked for', async () => {
    for (const args of [
      ['scan', '--help'],
      ['help', 'scan'],
      ['scan', '--nothing'],
    ]) {
      const modules = await loadedBy(...args);
      assert.deepEqual(
        modules.filter((module) => /^src\/cli\/.*-options\.ts$/.test(module)),
        ['src/cli/scan-options.ts'],
      );
      assert.deepEqual(
        modules.filter((module) => /^src\/(?:scan|rule|clean|shim|store|view|tar|core)\//.test(module)),
        [],
      );
    }
  });

  it('says of each command in the overview what the command says of itself', async () => {
    const help = new Help();
    for (const { name, usage, load } of commandEntries) {
      const command = await load('1.2.3');
      assert.equal(help.subcommandTerm(command), `${name} ${usage}`.trim());
      assert.equal(command.description(), '', 'it is in one place');
    }
    for (const { name } of commandEntries) {
      const program = await programFor(name, '1.2.3');
      assert.deepEqual(
        program.commands.filter(({ options, commands }) => options.length + commands.length > 0).map((command) => command.name()),
        [name],
      );
    }
  });

  it('knows which word names the command', () => {
    const calls: readonly (readonly [args: readonly string[], name: string | undefined])[] = [
      [['scan', 'clean'], 'scan'],
      [['--', 'scan'], 'scan'],
      [['help', 'scan'], 'scan'],
      [['-h', 'scan'], 'scan'],
      [['-', 'scan'], '-'],
      [['help'], undefined],
      [[], undefined],
    ];
    for (const [args, name] of calls) assert.equal(calledName(args), name, args.join(' '));
  });
});
