// Looking into a cache folder and clearing it: what is ours is counted and removed, nothing else.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UnbakeError } from '../../../src/model/error.ts';
import { clearCache, contentsOf } from '../../../src/scan/cache/cache-contents.ts';
import { cacheFileName } from '../../../src/scan/cache/cache-files.ts';
import { CacheFolder } from '../../../src/scan/cache/cache-folder.ts';
import { scratch } from '../../support/scratch.ts';

const day = 24 * 60 * 60 * 1000;

describe('the contents of a cache folder', () => {
  const place = scratch();
  let count = 0;

  /** Three layers of 100 bytes, used 1, 10 and 20 days ago, a report of 50 bytes used just now, and what is not ours. */
  async function filled(): Promise<{ readonly path: string; readonly others: readonly string[] }> {
    const path = join(place.folder, `cache-${count++}`);
    const folder = new CacheFolder(path);
    for (const days of [1, 10, 20]) {
      await folder.write('layer', String(days), Buffer.alloc(100 - 32));
      const time = (Date.now() - days * day) / 1000;
      utimesSync(join(path, cacheFileName('layer', String(days))), time, time);
    }
    await folder.write('report', 'r', Buffer.alloc(50 - 32));
    const others = ['notes.txt', 'layer-1234', `other-${'0'.repeat(64)}`, `report-${'0'.repeat(64)}.bak`];
    for (const name of others) writeFileSync(join(path, name), 'not ours');
    mkdirSync(join(path, `layer-${'1'.repeat(64)}`));
    symlinkSync(join(path, 'notes.txt'), join(path, `report-${'2'.repeat(64)}`));
    const dayAgo = (Date.now() - day) / 1000;
    for (const name of others) utimesSync(join(path, name), dayAgo, dayAgo);
    return { path, others: [...others, `layer-${'1'.repeat(64)}`, `report-${'2'.repeat(64)}`].sort() };
  }

  const layersOf = (path: string): readonly string[] => ['1', '10', '20'].filter((key) => existsSync(join(path, cacheFileName('layer', key))));

  it('are counted by kind, with the times of the first and the last', async () => {
    const { path } = await filled();
    const { kinds, entries, bytes, oldest, newest, problem, maxBytes } = await contentsOf(path);
    assert.deepEqual(kinds, {
      layer: { entries: 3, bytes: 300 },
      report: { entries: 1, bytes: 50 },
      verdict: { entries: 0, bytes: 0 },
      rules: { entries: 0, bytes: 0 },
    });
    assert.deepEqual([entries, bytes, problem, maxBytes], [4, 350, undefined, 2 ** 30]);
    const ages = [oldest, newest].map((time) => Math.round((Date.now() - Date.parse(time!)) / day));
    assert.deepEqual(ages, [20, 0]);
  });

  it('are nothing where there is no folder, and none is made', async () => {
    const path = join(place.folder, 'not-there');
    assert.deepEqual([(await contentsOf(path)).entries, await clearCache(path, {})], [0, { entries: 0, bytes: 0 }]);
    assert.ok(!existsSync(path));
  });

  it('are removed altogether, and what is not ours stays', async () => {
    const { path, others } = await filled();
    assert.deepEqual(await clearCache(path, {}), { entries: 4, bytes: 350 });
    assert.deepEqual(readdirSync(path).sort(), others);
    assert.deepEqual(await clearCache(path, {}), { entries: 0, bytes: 0 });
  });

  it('are removed by age, by size, and by both', async () => {
    for (const [removal, left] of [
      [{ unusedFor: 15 * day }, ['1', '10']],
      [{ unusedFor: 30 * day }, ['1', '10', '20']],
      [{ maxBytes: 350 }, ['1', '10', '20']],
      [{ maxBytes: 349 }, ['1', '10']],
      [{ maxBytes: 150 }, ['1']],
      [{ maxBytes: 150, unusedFor: 5 * day }, ['1']],
      [{ maxBytes: 400, unusedFor: 5 * day }, ['1']],
      [{ maxBytes: 0 }, []],
    ] as const) {
      const { path, others } = await filled();
      await clearCache(path, removal);
      assert.deepEqual(layersOf(path), left, JSON.stringify(removal));
      assert.equal(readdirSync(path).length, others.length + left.length + (removal.maxBytes === 0 ? 0 : 1));
    }
  });

  it('leave to another run what it is writing, and take what nobody writes any more', async () => {
    const { path } = await filled();
    writeFileSync(join(path, '.unbake-1-ab'), 'half');
    writeFileSync(join(path, '.unbake-2-ab'), 'half');
    const hoursAgo = Date.now() / 1000 - 2 * 60 * 60;
    utimesSync(join(path, '.unbake-2-ab'), hoursAgo, hoursAgo);
    assert.equal((await contentsOf(path)).entries, 4, 'neither is an entry');
    await clearCache(path, { maxBytes: 1000 });
    assert.deepEqual(
      readdirSync(path).filter((name) => name.startsWith('.')),
      ['.unbake-1-ab'],
    );
    assert.deepEqual(layersOf(path), ['1', '10', '20']);
  });

  it('of a folder that is not ours are told with why, and nothing is removed', async () => {
    const { path } = await filled();
    chmodSync(path, 0o777);
    assert.match((await contentsOf(path)).problem!, /others may write to it/);
    await assert.rejects(
      clearCache(path, {}),
      (thrown) => thrown instanceof UnbakeError && thrown.code === 'io' && /nothing is removed/.test(thrown.message),
    );
    assert.equal(layersOf(path).length, 3);
  });

  it('cannot be had of a file', async () => {
    const path = place.file(Buffer.from('x'), 'a-file');
    for (const work of [contentsOf(path), clearCache(path, {})])
      await assert.rejects(work, (thrown) => thrown instanceof UnbakeError && thrown.code === 'io' && /cannot be read/.test(thrown.message));
  });
});
