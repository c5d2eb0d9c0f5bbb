// Several commands at once, and commands that are killed: the store is whole after each of them.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { locked } from '../../../src/shim/images/store-lock.ts';
import { archive, classicArchive, docker25Archive } from '../../support/forms.ts';
import { imageMarked } from '../../support/output.ts';
import { randomNumbers } from '../../support/random.ts';
import { scratch } from '../../support/scratch.ts';
import { blobsIn, flawsOf, load, storeAt } from './a-store.ts';

const program = new URL('./use-store.ts', import.meta.url).pathname;
const nothingNeeded = { all: false, isNeeded: () => false };

describe('several commands and one image store', function () {
  this.timeout(240_000);
  const files = scratch();
  const images = ['a', 'b', 'c'].map((mark) => imageMarked(mark, { tags: [`${mark}:1`, 'newest:1'] }));
  const archives = images.map((image, index) => files.file(archive(index === 1 ? classicArchive(image) : docker25Archive(image))));

  function started(...args: readonly string[]): ChildProcess {
    return spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  }

  async function ended(child: ChildProcess): Promise<readonly [code: number | null, said: string]> {
    let said = '';
    child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stdout!.resume();
    const [code] = (await once(child, 'close')) as [number | null];
    return [code, said];
  }

  it('that load the same images store each blob once', async () => {
    const folder = files.newFolder();
    const results = await Promise.all([1, 2, 3].map(() => ended(started(folder, 'load', '6', ...archives))));
    assert.deepEqual(
      results,
      results.map(() => [0, '']),
    );
    assert.deepEqual(flawsOf(folder), []);
    const list = await storeAt(folder).list();
    assert.equal(list.length, 3);
    assert.deepEqual(list.flatMap(({ names }) => names.filter((name) => name !== 'newest:1')).toSorted(), ['a:1', 'b:1', 'c:1']);
    assert.equal(list.filter(({ names }) => names.includes('newest:1')).length, 1);
  });

  it('that load, list and prune leave only whole images', async () => {
    const folder = files.newFolder();
    const results = await Promise.all(
      [
        ['load', '25', ...archives],
        ['load', '25', ...archives.toReversed()],
        ['prune', '60'],
        ['list', '150'],
      ].map((args) => ended(started(folder, ...args))),
    );
    assert.deepEqual(
      results,
      results.map(() => [0, '']),
    );
    assert.deepEqual(flawsOf(folder), []);
  });

  it('that are killed leave the store as it was or with the image, and nothing that prune does not find', async () => {
    const folder = files.newFolder();
    const big = imageMarked('x'.repeat(3_000_000), { tags: ['big:1'] });
    const path = files.file(archive(docker25Archive(big)));
    const numbers = randomNumbers(7);
    for (let round = 0; round < 12; round++) {
      const child = started(folder, round % 2 === 0 ? 'load' : 'prune', '1000', path, ...archives);
      await once(child.stdout!, 'data');
      await sleep(1 + Math.floor(numbers() * 60));
      child.kill('SIGKILL');
      await once(child, 'close');
      const store = storeAt(folder);
      assert.deepEqual(await store.problems(), []);
      assert.ok(!flawsOf(folder).some((flaw) => / is missing| is not what/.test(flaw)), flawsOf(folder).join());
      await load(store, archives[0]!);
      await store.prune(nothingNeeded);
      assert.deepEqual(flawsOf(folder), [], `round ${round}`);
    }
  });

  it('where one removes what another has put there and not yet named, that one puts it there again', async () => {
    const folder = files.newFolder();
    const store = storeAt(folder);
    await load(store, archives[1]!);
    const before = blobsIn(folder);
    const blobs = join(folder, 'images/blobs/sha256');
    const mine = () => blobsIn(folder).filter((name) => !before.includes(name));
    const loading = await locked(join(folder, 'images/.unbake'), async () => {
      const work = load(store, archives[0]!);
      while (mine().length < 3) await sleep(5);
      await sleep(50);
      for (const name of mine()) rmSync(join(blobs, name));
      return { work };
    });
    const [image] = await loading.work;
    assert.equal(image!.configDigest, images[0]!.config.digest);
    assert.deepEqual(flawsOf(folder), []);
  });
});
