// The folder of the shim is its user's alone, and its path is the real one.
import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, realpathSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UnbakeError } from '../../src/model/error.ts';
import { homeAt } from '../../src/shim/home.ts';
import { scratch } from '../support/scratch.ts';

describe('the folder of the shim', () => {
  const { newFolder } = scratch();

  it('is made with what belongs into it, for the user alone, whatever the mask', async () => {
    const before = process.umask(0);
    try {
      const home = await homeAt(join(newFolder(), 'a/b/root'));
      for (const folder of [home.root, home.images, home.layers, home.containers]) assert.equal(statSync(folder).mode & 0o777, 0o700, folder);
      assert.equal(home.isRootless, process.getuid!() !== 0);
      assert.deepEqual(await homeAt(home.root), home);
    } finally {
      process.umask(before);
    }
  });

  it('is named by a path without links', async () => {
    const real = realpathSync(newFolder());
    mkdirSync(join(real, 'target'));
    symlinkSync('target', join(real, 'link'));
    assert.equal((await homeAt(join(real, 'link'))).containers, join(real, 'target/containers'));
    assert.equal((await homeAt(join(real, 'link/inner'))).root, join(real, 'target/inner'));
  });

  it('is refused when others own or may write any part of it: they would say what is executed', async () => {
    for (const name of ['', 'images', 'layers', 'containers']) {
      const { root } = await homeAt(newFolder());
      chmodSync(join(root, name), 0o777);
      await assert.rejects(homeAt(root), /others may write to it/, name);
      chmodSync(join(root, name), 0o700);
      if (process.getuid!() !== 0) continue;
      chownSync(join(root, name), 65_534, 65_534);
      await assert.rejects(homeAt(root), /belongs to another user/, name);
    }
  });

  it('is refused in a sentence where it cannot be', async () => {
    const file = join(newFolder(), 'file');
    writeFileSync(file, '');
    for (const root of [file, join(file, 'below'), '/proc/unbake', 'x\0y'])
      await assert.rejects(homeAt(root), (thrown: unknown) => thrown instanceof UnbakeError && thrown.code === 'io' && thrown.hint !== undefined);
  });
});
