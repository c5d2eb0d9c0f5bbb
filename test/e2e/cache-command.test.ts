// `unbake cache info` and `unbake cache prune`, as their users have them.
import assert from 'node:assert/strict';
import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Outcome, run } from '../support/cli.ts';
import { archive, ociLayout } from '../support/forms.ts';
import { assemble } from '../support/image.ts';
import { githubToken } from '../support/planted.ts';
import { file } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';

describe('unbake cache', function () {
  this.timeout(120_000);
  const files = scratch();
  let folder = '';
  const cache = (...args: readonly string[]): Promise<Outcome> => run(['cache', ...args], { env: { UNBAKE_CACHE_DIR: folder }, cwd: files.folder });
  const info = async () =>
    JSON.parse((await cache('info', '--format', 'json')).stdout) as {
      folder: string;
      entries: number;
      bytes: number;
      maxBytes: number;
      kinds: Record<string, { entries: number }>;
      oldest?: string;
    };

  before(async () => {
    folder = join(files.folder, 'cache');
    const layers = ['a', 'b'].map((name) => ({ entries: [file(name, githubToken(name))] }));
    const image = files.file(archive(ociLayout(assemble({ layers }))));
    assert.equal((await run(['scan', image], { env: { UNBAKE_CACHE_DIR: folder }, cwd: files.folder })).code, 1);
  });

  it('info tells where the cache is and what lies in it, for people and for programs', async () => {
    const told = await info();
    assert.equal(told.folder, folder);
    assert.deepEqual(
      Object.entries(told.kinds).map(([kind, { entries }]) => [kind, entries]),
      [
        ['layer', 2],
        ['report', 1],
        ['verdict', 0],
        ['rules', 1],
      ],
    );
    assert.deepEqual([told.entries, told.maxBytes, told.bytes > 100], [4, 2 ** 30, true]);
    const { stdout, stderr, code } = await cache('info');
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(
      stdout,
      new RegExp(
        `^Folder: ${folder}\nSize: [\\d.]+k?B of at most 1.07GB\nUsed last: \\d+ \\w+ ago, the oldest \\d+ \\w+ ago\n\nKIND +ENTRIES +SIZE\nlayer +2 +`,
      ),
    );
  });

  it('info of a cache that is not there yet is no error', async () => {
    const { stdout, code } = await run(['cache', 'info'], { env: { UNBAKE_CACHE_DIR: join(files.folder, 'none') } });
    assert.deepEqual([code, /^Folder: .*none\nSize: 0B of at most/.test(stdout)], [0, true]);
  });

  it('prune refuses what it does not understand, and touches nothing then', async () => {
    for (const args of [
      ['--older-than', '7x'],
      ['--older-than', '-1d'],
      ['--older-than', ''],
      ['--max-size', '500XB'],
      ['--max-size', 'all'],
      ['more'],
    ]) {
      const { code, stderr } = await cache('prune', ...args);
      assert.equal(code, 2, args.join(' '));
      assert.match(stderr, /^unbake: /);
    }
    assert.equal((await cache('nothing')).code, 2);
    assert.equal((await info()).entries, 4);
  });

  it('prune removes what is old, then what is too much, then all, and leaves other files', async () => {
    writeFileSync(join(folder, 'mine'), 'not of the cache');
    const layer = readdirSync(folder).find((name) => name.startsWith('layer-'))!;
    const weekAgo = Date.now() / 1000 - 8 * 24 * 60 * 60;
    utimesSync(join(folder, layer), weekAgo, weekAgo);
    assert.equal((await cache('prune', '--older-than', '4w')).stdout, 'Nothing to remove.\n');
    assert.match((await cache('prune', '--older-than', '7d')).stdout, /^Removed in all: 1 entry \([\d.]+k?B\)\.\n$/);
    assert.equal((await cache('prune', '--max-size', '500MB')).stdout, 'Nothing to remove.\n');
    await cache('prune', '--max-size', '40B');
    const { entries, bytes } = await info();
    assert.ok(entries < 3 && bytes <= 40);
    await cache('prune');
    assert.deepEqual(readdirSync(folder), ['mine']);
  });

  it('prune of a file, and of a folder that others may write to, is refused', async () => {
    const path = files.file(Buffer.from('x'), 'no-folder');
    const { code, stderr } = await run(['cache', 'prune'], { env: { UNBAKE_CACHE_DIR: path } });
    assert.deepEqual([code, /^unbake: the cache folder .* cannot be read/.test(stderr)], [3, true]);
  });
});
