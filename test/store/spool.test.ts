import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { UnbakeError } from '../../src/model/error.ts';
import { type Spooled, spool } from '../../src/store/spool.ts';
import { scratch } from '../support/scratch.ts';

const ours = () => readdirSync(tmpdir()).filter((name) => /^unbake-[0-9a-f]{24}$/.test(name));

async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function contentOf({ file, size }: Spooled): Promise<string> {
  const bytes = Buffer.alloc(size);
  await file.read(bytes, 0, size, 0);
  await file.close();
  return bytes.toString();
}

describe('spool', () => {
  const files = scratch();

  it('keeps the bytes in a file that only its owner may read and that has no name any more', async () => {
    const before = ours();
    const spooled = await spool(pieces('one ', '', 'two ', 'three'));
    assert.deepEqual(ours(), before);
    const stats = await spooled.file.stat();
    assert.equal(stats.mode & 0o777, 0o600);
    assert.equal(stats.nlink, 0);
    if (process.platform === 'linux') assert.match(readlinkSync(`/proc/self/fd/${spooled.file.fd}`), / \(deleted\)$/);
    assert.equal(spooled.size, 13);
    assert.equal(await contentOf(spooled), 'one two three');
  });

  it('is made in the folder that is asked for', async () => {
    const spooled = await spool(pieces('here'), undefined, files.folder);
    if (process.platform === 'linux') assert.ok(readlinkSync(`/proc/self/fd/${spooled.file.fd}`).startsWith(`${files.folder}/unbake-`));
    assert.equal(await contentOf(spooled), 'here');
    await assert.rejects(spool(pieces('x'), undefined, `${files.folder}/no/such`), (thrown) => thrown instanceof UnbakeError && thrown.code === 'io');
  });

  it('says that it is the source when that is what cannot be read', async () => {
    async function* unreadable(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('some');
      throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
    }
    await assert.rejects(spool(unreadable()), { code: 'io', message: /could not be read.*EIO/ });
  });

  it('leaves nothing behind when the source breaks', async () => {
    const before = ours();
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('some');
      throw new UnbakeError('damaged', 'it broke');
    }
    await assert.rejects(spool(broken()), { code: 'damaged' });
    assert.deepEqual(ours(), before);
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (let count = 0; ; count++) {
        if (count === 3) controller.abort(new UnbakeError('interrupted', 'interrupted'));
        yield Buffer.from('more');
      }
    }
    await assert.rejects(spool(endless(), controller.signal), { code: 'interrupted' });
  });

  it('says what to do when there is no room for it', async () => {
    const folder = process.env['TMPDIR'];
    process.env['TMPDIR'] = '/nowhere/at/all';
    try {
      await assert.rejects(spool(pieces('x')), (thrown) => thrown instanceof UnbakeError && thrown.code === 'io' && /TMPDIR/.test(thrown.hint ?? ''));
    } finally {
      if (folder === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = folder;
    }
  });
});
