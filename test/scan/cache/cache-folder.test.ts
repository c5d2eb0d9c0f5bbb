// Files of a cache folder: read back as they were written or not at all, bounded, the user's alone.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CacheFolder, cacheFolderPath } from '../../../src/scan/cache/cache-folder.ts';
import { asNobody } from '../../support/nobody.ts';
import { scratch } from '../../support/scratch.ts';
import { skip } from '../../support/tool.ts';

const program = new URL('../../support/cache-user.ts', import.meta.url).pathname;

describe('CacheFolder', function () {
  this.timeout(60_000);
  const place = scratch();
  let count = 0;
  const newPath = (): string => join(place.folder, `cache-${count++}`, 'deep');
  const content = Buffer.from('what was kept of it '.repeat(40));
  const only = (path: string): string => join(path, readdirSync(path)[0]);

  it('gives back what was written, to whoever opens the folder next', async () => {
    const path = newPath();
    const folder = new CacheFolder(path);
    assert.equal(await folder.read('layer', 'a'), undefined);
    await folder.write('layer', 'a', content);
    await folder.write('verdict', 'a', Buffer.from('another'));
    await folder.write('layer', 'b', Buffer.alloc(0));
    const next = new CacheFolder(path);
    assert.deepEqual(await next.read('layer', 'a'), content);
    assert.deepEqual(await next.read('verdict', 'a'), Buffer.from('another'));
    assert.deepEqual(await next.read('layer', 'b'), Buffer.alloc(0));
    assert.equal(await next.read('verdict', 'b'), undefined);
    await next.write('layer', 'a', Buffer.from('newer'));
    assert.deepEqual(await folder.read('layer', 'a'), Buffer.from('newer'));
  });

  it('makes files and folders that are the user’s alone', async () => {
    const path = newPath();
    await new CacheFolder(path).write('layer', 'a', content);
    assert.equal(statSync(path).mode & 0o777, 0o700);
    assert.equal(statSync(only(path)).mode & 0o777, 0o600);
    assert.equal(readdirSync(path).length, 1, 'no temporary file is left');
  });

  it('misses what was changed, cut, emptied, replaced or written by others', async () => {
    const path = newPath();
    const folder = new CacheFolder(path);
    const damages: ((file: string) => void)[] = [
      ...[0, 1, 31, 32, 33, 400, content.length + 31].map((length) => (file: string) => truncateSync(file, length)),
      ...[0, 31, 32, 500, content.length + 31].map((at) => (file: string) => {
        const bytes = readFileSync(file);
        bytes[at] ^= 0x40;
        writeFileSync(file, bytes);
      }),
      (file) => writeFileSync(file, 'the file of another program'),
      (file) => writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.from([0])])),
      (file) => {
        rmSync(file);
        mkdirSync(file);
      },
    ];
    for (const [index, damage] of damages.entries()) {
      await folder.write('layer', 'a', content);
      assert.deepEqual(await folder.read('layer', 'a'), content);
      damage(only(path));
      assert.equal(await folder.read('layer', 'a'), undefined, `damage ${index}`);
    }
  });

  it('stays below its bound: what was not read for the longest time goes first, other files stay', async () => {
    const path = newPath();
    const folder = new CacheFolder(path, { maxBytes: 1000 });
    const size = 300 - 32;
    await folder.write('layer', 'a', Buffer.alloc(size, 1));
    await folder.write('layer', 'b', Buffer.alloc(size, 2));
    await folder.write('layer', 'c', Buffer.alloc(size, 3));
    writeFileSync(join(path, 'a-file-of-the-user'), Buffer.alloc(5000));
    for (const name of readdirSync(path)) utimesSync(join(path, name), 1, 1);
    assert.ok(await folder.read('layer', 'a'));
    await folder.write('layer', 'd', Buffer.alloc(size, 4));
    const there = await Promise.all(['a', 'b', 'c', 'd'].map((key) => folder.read('layer', key)));
    assert.ok(there[0] !== undefined && there[3] !== undefined, 'just read, just written');
    assert.equal(there.filter((each) => each === undefined).length, 1);
    await folder.write('layer', 'e', Buffer.alloc(2000));
    assert.equal(await folder.read('layer', 'e'), undefined, 'larger than the whole bound');
    assert.ok(readdirSync(path).includes('a-file-of-the-user'));
  });

  it('takes away temporary files of a day ago, and no newer ones', async () => {
    const path = newPath();
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const old = join(path, '.unbake-17-00ff');
    const young = join(path, '.unbake-18-00ff');
    for (const file of [old, young]) writeFileSync(file, 'half of it');
    const dayAgo = Date.now() / 1000 - 25 * 60 * 60;
    utimesSync(old, dayAgo, dayAgo);
    await new CacheFolder(path).write('layer', 'a', content);
    assert.deepEqual(
      readdirSync(path).filter((name) => name.startsWith('.')),
      ['.unbake-18-00ff'],
    );
  });

  it('is used by several processes at once, some of them killed, and never gives a half', async () => {
    const path = newPath();
    const children = Array.from({ length: 4 }, () => spawn(process.execPath, [program, path, '1000'], { stdio: ['ignore', 'ignore', 'inherit'] }));
    const ends = children.map((child) => once(child, 'exit'));
    const victims = Array.from({ length: 3 }, () => spawn(process.execPath, [program, path, '1000000'], { stdio: ['ignore', 'pipe', 'inherit'] }));
    await Promise.all(
      victims.map(async (child) => {
        await once(child.stdout!, 'data');
        child.kill('SIGKILL');
        await once(child, 'exit');
      }),
    );
    for (const end of ends) assert.deepEqual(await end, [0, null]);
    const folder = new CacheFolder(path, { maxBytes: 100_000 });
    await folder.write('layer', 'last', content);
    assert.deepEqual(await folder.read('layer', 'last'), content);
    const own = readdirSync(path).filter((name) => !name.startsWith('.'));
    assert.ok(own.reduce((sum, name) => sum + statSync(join(path, name)).size, 0) <= 100_000);
  });

  it('is not used when others may write to it, and says so once', async () => {
    const path = newPath();
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o777);
    const told: string[] = [];
    const folder = new CacheFolder(path, { onTrouble: (sentence) => told.push(sentence) });
    await folder.write('layer', 'a', content);
    await folder.write('layer', 'b', content);
    assert.equal(await folder.read('layer', 'a'), undefined);
    assert.deepEqual(readdirSync(path), []);
    assert.equal(told.length, 1);
    assert.match(told[0], /others may write to it/);
  });

  it('is not used when it belongs to somebody else', async function () {
    if (process.getuid?.() !== 0) return skip(this, 'not root');
    const path = newPath();
    mkdirSync(path, { recursive: true, mode: 0o700 });
    chownSync(path, 65534, 65534);
    await new CacheFolder(path).write('verdict', 'a', content);
    assert.deepEqual(readdirSync(path), []);
  });

  it('goes on without what cannot be written, and says so once', async function () {
    if (process.getuid?.() !== 0) return skip(this, 'not root');
    const path = newPath();
    mkdirSync(path, { recursive: true, mode: 0o755 });
    for (const folder of [place.folder, join(path, '..')]) chmodSync(folder, 0o755);
    const told: string[] = [];
    await asNobody(async () => {
      const missing = new CacheFolder(join(path, 'no', 'way'), { onTrouble: (sentence) => told.push(sentence) });
      await missing.write('layer', 'a', content);
      assert.equal(await missing.read('layer', 'a'), undefined);
    });
    assert.equal(told.length, 1);
    await new CacheFolder(path).write('layer', 'a', content);
    for (const file of [path, only(path)]) chownSync(file, 65534, 65534);
    chmodSync(path, 0o555);
    await asNobody(async () => {
      const readOnly = new CacheFolder(path, { onTrouble: (sentence) => told.push(sentence) });
      assert.deepEqual(await readOnly.read('layer', 'a'), content, 'what is there is used');
      await readOnly.write('layer', 'b', content);
      await readOnly.write('layer', 'c', content);
      assert.equal(await readOnly.read('layer', 'b'), undefined);
    });
    assert.equal(told.length, 2);
    assert.match(told[1], /nothing can be kept/);
  });

  it('lies where the user says, else in the cache folder of the user', () => {
    assert.equal(cacheFolderPath({ UNBAKE_CACHE_DIR: '/var/kept', XDG_CACHE_HOME: '/home/x/.c' }), '/var/kept');
    assert.equal(cacheFolderPath({ XDG_CACHE_HOME: '/home/x/.c' }), '/home/x/.c/unbake');
    assert.equal(cacheFolderPath({ XDG_CACHE_HOME: 'relative', UNBAKE_CACHE_DIR: '' }), join(homedir(), '.cache/unbake'));
  });
});
