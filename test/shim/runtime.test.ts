// Programs of the machine are found where root has them too; what is missing is named with what to do.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { UnbakeError } from '../../src/model/error.ts';
import { findProgram, findRuntime, programPath, requiredProgram } from '../../src/shim/runtime.ts';
import { scratch } from '../support/scratch.ts';

const runtimeError = (sentence: RegExp) => (thrown: unknown) =>
  thrown instanceof UnbakeError && thrown.code === 'runtime' && sentence.test(thrown.message) && thrown.hint !== undefined;

describe('programs of the machine', () => {
  const { newFolder } = scratch();

  it('are looked for in absolute folders only, those of root among them', () => {
    const folders = programPath.split(':');
    for (const folder of ['/usr/sbin', '/sbin', '/usr/bin', '/bin']) assert.ok(folders.includes(folder));
    assert.ok(folders.every((folder) => isAbsolute(folder)));
    assert.equal(new Set(folders).size, folders.length);
    assert.ok(isAbsolute(findProgram('sh')!));
    assert.equal(findProgram('there-is-no-such-program'), undefined);
  });

  it('are a runtime when they can be executed: by name, and by a path from here', () => {
    const folder = newFolder();
    const path = join(folder, 'my runtime');
    writeFileSync(path, '');
    assert.throws(() => findRuntime(path), runtimeError(/--runtime .*my runtime is no program that can be executed/));
    chmodSync(path, 0o755);
    assert.equal(findRuntime(path), path);
    assert.equal(findRuntime(`./${relative(process.cwd(), path)}`), path);
    mkdirSync(join(folder, 'folder'));
    for (const wrong of [join(folder, 'folder'), join(folder, 'none'), 'no-such-runtime', './', ''])
      assert.throws(() => findRuntime(wrong), runtimeError(/--runtime/));
    assert.equal(findRuntime('sh'), findProgram('sh'));
  });

  it('that are missing are named with their package', () => {
    assert.throws(() => requiredProgram('no-such', 'some-package', 'running'), runtimeError(/^no-such was not found, which running needs$/));
  });
});
