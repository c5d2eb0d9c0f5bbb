// Disks that are full and disks that cannot be written, real ones: small file systems in memory, mounted for the test.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { blobOf } from '../../src/model/blob.ts';
import type { Digest } from '../../src/model/digest.ts';
import { UnbakeError } from '../../src/model/error.ts';
import { Held } from '../../src/store/held.ts';
import { type OutputContents, type OutputTarget, stageOutput } from '../../src/store/output.ts';
import { stageFile, stageFolder } from '../../src/store/staged.ts';
import { ociLayout, writeFolder } from '../support/forms.ts';
import { hex } from '../support/image.ts';
import { asNobody } from '../support/nobody.ts';
import { configsAt, contentsOf, imageMarked, namesIn } from '../support/output.ts';
import { scratch } from '../support/scratch.ts';
import { needs, skip, tool } from '../support/tool.ts';

const old = imageMarked('before');
const is = (code: string, words: RegExp) => (thrown: unknown) =>
  thrown instanceof UnbakeError && thrown.code === code && words.test(`${thrown.message} ${thrown.hint ?? ''}`);

const large = Buffer.alloc(3 * 2 ** 20, 'x');
const next = contentsOf(imageMarked('after'));
const tooLarge: OutputContents = {
  ...next,
  blobs: new Map(next.blobs).set(`sha256:${createHash('sha256').update(large).digest('hex')}`, blobOf(large)),
};

describe('a small disk', () => {
  const files = scratch();
  let disk: string;

  before(function () {
    needs(this, 'mount', 'umount');
    if (process.getuid!() !== 0) skip(this, 'only root may mount');
  });
  beforeEach(function () {
    disk = files.newFolder();
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]).status !== 0) skip(this, 'mounting is not allowed here');
  });
  afterEach(() => spawnSync('umount', ['-l', disk]));

  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) yield Buffer.alloc(65_536);
  }

  for (const form of ['oci', 'oci-archive', 'docker-archive'] as const) {
    it(`that is full: ${form} says so, and the image that was there is there`, async () => {
      const path = join(disk, 'image');
      const target: OutputTarget = form === 'oci' ? { kind: form, path } : { kind: form, path, compression: 'none' };
      await (await stageOutput(target, contentsOf(old))).commit();
      await assert.rejects(stageOutput(target, tooLarge, { replaces: 'all' }), is('io', /image cannot be written: ENOSPC.*make room/));
      assert.deepEqual([namesIn(disk), await configsAt(path)], [['image'], [old.config.digest]]);
    });
  }

  it('that is full: files, folders, and what is held', async () => {
    await assert.rejects(stageFile(join(disk, 'x'), endless(), { mode: 0o600 }), is('io', /make room/));
    const members = [
      { name: 'small', content: 'x', mode: 0o600 },
      { name: 'large', content: endless, mode: 0o600 },
    ];
    await assert.rejects(stageFolder(join(disk, 'vault'), members, { isPrivate: true }), is('io', /vault cannot be written.*make room/));
    const held = new Held(disk);
    await assert.rejects(held.hold(endless()), is('io', /TMPDIR/));
    await held.close();
    assert.deepEqual(namesIn(disk), []);
    assert.equal(tool('df', ['--output=used', disk]).split('\n')[1]!.trim(), '0');
  });

  it('for temporary files, when the image goes to a device', async () => {
    const folder = process.env['TMPDIR'];
    process.env['TMPDIR'] = disk;
    try {
      await assert.rejects(stageFile('/dev/null', endless(), { mode: 0o600 }), is('io', /TMPDIR/));
      assert.deepEqual(namesIn(disk), []);
    } finally {
      if (folder === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = folder;
    }
  });

  it('that is read-only', async () => {
    const path = join(disk, 'image');
    writeFolder(path, ociLayout(old));
    writeFileSync(join(disk, 'image.tar'), 'old');
    tool('mount', ['-o', 'remount,ro', disk]);
    const refused = is('io', /EROFS: read-only file system.*may write/);
    await assert.rejects(stageOutput({ kind: 'oci', path }, next, { replaces: 'all' }), refused);
    await assert.rejects(stageOutput({ kind: 'oci-archive', path: `${path}.tar`, compression: 'none' }, next), refused);
    await assert.rejects(stageFile(join(disk, 'new'), 'x', { mode: 0o600 }), refused);
    await assert.rejects(stageFolder(join(disk, 'new'), [], { isPrivate: true }), refused);
    assert.deepEqual([namesIn(disk), await configsAt(path)], [['image', 'image.tar'], [old.config.digest]]);
  });

  it('whose root is to be the layout itself: a mount point cannot be exchanged, and is left as it was', async () => {
    writeFolder(disk, ociLayout(old));
    await assert.rejects(
      stageOutput({ kind: 'oci', path: disk }, next, { replaces: 'all' }).then((staged) => staged.commit()),
      is('io', /mount point/),
    );
    assert.deepEqual(await configsAt(disk), [old.config.digest]);
    assert.deepEqual(
      namesIn(join(disk, '..')).filter((name) => name.includes('unbake-')),
      [],
    );
  });

  it('another one than that of the blobs: they are copied, and compared while they are', async () => {
    const from = files.newFolder();
    writeFolder(from, ociLayout(old));
    const contents = contentsOf(old);
    const onDisk: OutputContents['blobs'] = new Map(
      [...contents.blobs].map(([digest, blob]) => [digest, { ...blob, path: join(from, 'blobs/sha256', hex(digest)) }]),
    );
    const path = join(disk, 'layout');
    for (const { path: blob } of onDisk.values()) chmodSync(blob!, 0o600);
    await (await stageOutput({ kind: 'oci', path }, { ...contents, blobs: onDisk })).commit();
    assert.deepEqual(await configsAt(path), [old.config.digest]);
    for (const digest of onDisk.keys()) {
      const { nlink, mode } = statSync(join(path, 'blobs/sha256', hex(digest)));
      assert.deepEqual([nlink, mode & 0o777], [1, 0o644 & ~process.umask()]);
    }
    const [first, blob] = [...onDisk][0]!;
    const other = new Map<Digest, typeof blob>(onDisk).set(first, { ...blobOf(Buffer.alloc(blob.size)), path: blob.path! });
    await assert.rejects(stageOutput({ kind: 'oci', path: join(disk, 'damaged') }, { ...contents, blobs: other }), is('damaged', new RegExp(first)));
    assert.deepEqual(namesIn(disk), ['layout']);
  });

  it('blobs of another owner, which may not be linked, are copied', async () => {
    chmodSync(files.folder, 0o755);
    chmodSync(disk, 0o777);
    const from = join(disk, 'from');
    mkdirSync(from, 0o755);
    writeFolder(from, ociLayout(old));
    const contents = contentsOf(old);
    const blobs: OutputContents['blobs'] = new Map(
      [...contents.blobs].map(([digest, blob]) => [digest, { ...blob, path: join(from, 'blobs/sha256', hex(digest)) }]),
    );
    const path = join(disk, 'layout');
    await asNobody(async () => (await stageOutput({ kind: 'oci', path }, { ...contents, blobs })).commit());
    assert.deepEqual(await configsAt(path), [old.config.digest]);
  });
});
