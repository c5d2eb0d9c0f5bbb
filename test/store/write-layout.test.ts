// How blobs come into a layout where they cannot be linked. A file system that shares bytes on copying is played by one that copies them.
import assert from 'node:assert/strict';
import { chmodSync, statSync, writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { constants } from 'node:fs';
import { stageOutput, type OutputContents } from '../../src/store/output.ts';
import { ociLayout, writeFolder } from '../support/forms.ts';
import { hex } from '../support/image.ts';
import { configsAt, contentsOf, imageMarked, namesIn } from '../support/output.ts';
import { scratch } from '../support/scratch.ts';
import { systemError } from '../support/disk-calls.ts';

const image = imageMarked('one');

describe('blobs that cannot be linked', () => {
  const files = scratch();
  const { link, copyFile } = fs;
  let clones: string[];

  beforeEach(() => {
    clones = [];
    fs.link = async () => {
      throw systemError('EXDEV', 'cross-device link not permitted');
    };
    fs.copyFile = async (from, to, mode) => {
      assert.equal(mode, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
      clones.push(String(from));
      return copyFile(from, to, constants.COPYFILE_EXCL);
    };
    syncBuiltinESMExports();
  });
  afterEach(() => {
    Object.assign(fs, { link, copyFile });
    syncBuiltinESMExports();
  });

  function onDisk(from: string): OutputContents {
    writeFolder(from, ociLayout(image));
    const contents = contentsOf(image);
    return { ...contents, blobs: new Map([...contents.blobs].map(([digest, blob]) => [digest, { ...blob, path: pathOf(from, digest) }])) };
  }
  const pathOf = (layout: string, digest: string) => join(layout, 'blobs/sha256', hex(digest));

  it('share their bytes with the first file where the file system can do that', async () => {
    const from = files.newFolder();
    const contents = onDisk(from);
    for (const digest of contents.blobs.keys()) chmodSync(pathOf(from, digest), 0o400);
    const path = join(files.newFolder(), 'layout');
    await (await stageOutput({ kind: 'oci', path }, contents)).commit();
    assert.equal(clones.length, contents.blobs.size);
    for (const digest of contents.blobs.keys()) assert.equal(statSync(pathOf(path, digest)).mode & 0o777, 0o644 & ~process.umask());
    assert.deepEqual(await configsAt(path), [image.config.digest]);
  });

  for (const [what, bytes] of [
    ['of other bytes', (size: number) => Buffer.alloc(size, 'z')],
    ['cut short', (size: number) => Buffer.alloc(size - 1)],
    ['longer', (size: number) => Buffer.alloc(size + 1)],
  ] as const) {
    it(`a clone that is ${what} is told by its name`, async () => {
      const from = files.newFolder();
      const folder = files.newFolder();
      const contents = onDisk(from);
      const [digest, { size }] = [...contents.blobs].at(-1)!;
      writeFileSync(pathOf(from, digest), bytes(size));
      await assert.rejects(stageOutput({ kind: 'oci', path: join(folder, 'layout') }, contents), { code: 'damaged', message: new RegExp(digest) });
      assert.deepEqual(namesIn(folder), []);
    });
  }
});
