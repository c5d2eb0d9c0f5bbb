// What a container made is removed, whatever it is.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeTreeAt } from '../../../src/shim/layers/remove-tree.ts';
import { scratch } from '../../support/scratch.ts';

describe('removing a tree', () => {
  const { newFolder } = scratch();

  it('takes folders that lie deeper than any path reaches', () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'tree'));
    const script = "for (let i = 0; i < 60; i++) { fs.mkdirSync('d'.repeat(200)); process.chdir('d'.repeat(200)); }";
    assert.equal(spawnSync(process.execPath, ['-e', script], { cwd: join(folder, 'tree') }).status, 0);
    removeTreeAt(join(folder, 'tree'));
    assert.deepEqual(readdirSync(folder), []);
  });

  it('follows no link, and minds nothing that is not there', () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'kept'));
    writeFileSync(join(folder, 'kept/file'), '');
    mkdirSync(join(folder, 'tree'), { mode: 0o500 });
    symlinkSync('../kept', join(folder, 'link'));
    removeTreeAt(join(folder, 'link'));
    removeTreeAt(join(folder, 'tree'));
    removeTreeAt(join(folder, 'tree'));
    assert.ok(existsSync(join(folder, 'kept/file')));
    assert.deepEqual(readdirSync(folder), ['kept']);
  });
});
