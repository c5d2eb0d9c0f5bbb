import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UnbakeError } from '../../../src/model/error.ts';
import { nameFor, ownHolder } from '../../../src/shim/images/holder.ts';
import { locked } from '../../../src/shim/images/store-lock.ts';
import { scratch } from '../../support/scratch.ts';

const program = new URL('./take-lock.ts', import.meta.url).pathname;

async function taking(...args: readonly string[]): Promise<{ readonly code: number | null; readonly stderr: string }> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stderr };
}

describe('the lock of the image store', function () {
  this.timeout(120_000);
  const files = scratch();

  function newFolder(): string {
    const folder = join(files.newFolder(), 'own');
    mkdirSync(folder);
    return folder;
  }

  it('lets work through one by one, in one process too, and leaves nothing', async () => {
    const folder = newFolder();
    const order: string[] = [];
    const work = (name: string) =>
      locked(folder, async () => {
        order.push(`${name} in`);
        await new Promise((resolve) => setTimeout(resolve, 5));
        order.push(`${name} out`);
      });
    await Promise.all(['a', 'b', 'c'].map(work));
    for (let index = 0; index < order.length; index += 2) assert.equal(order[index]!.replace('in', 'out'), order[index + 1]);
    assert.deepEqual([order.length, readdirSync(folder)], [6, []]);
  });

  it('is given back when the work fails', async () => {
    const folder = newFolder();
    await assert.rejects(
      locked(folder, async () => {
        throw new UnbakeError('io', 'it fails');
      }),
      /it fails/,
    );
    assert.equal(await locked(folder, async () => 'next', { patience: 0 }), 'next');
  });

  it('is with one process at a time, also when others are killed with it in hand', async () => {
    const folder = newFolder();
    const lasting = [1, 2, 3].map(() => taking(folder, '25'));
    const dying = Array.from({ length: 8 }, (_, index) => taking(folder, String(1 + (index % 3)), 'die'));
    const results = await Promise.all([...lasting, ...dying]);
    assert.deepEqual(
      results.map(({ stderr }) => stderr),
      results.map(() => ''),
    );
    assert.deepEqual(
      results.map(({ code }) => code),
      [0, 0, 0, ...dying.map(() => null)],
    );
    assert.equal(readFileSync(join(folder, '../count'), 'utf8').length, 3 * 25 + [1, 2, 3, 1, 2, 3, 1, 2].reduce((sum, times) => sum + times - 1, 0));
    await locked(folder, async () => undefined);
    assert.deepEqual(readdirSync(folder), []);
  });

  it('is taken from a chain of dead ones, from another boot, and from a file that a lost machine left empty', async () => {
    const dead = (random: string, change = {}) => nameFor({ ...ownHolder(), pid: 2 ** 22 - 1, startTime: '1', ...change }, random);
    const otherBoot = nameFor({ ...ownHolder(), bootId: '0-0', pidNamespace: '1' }, 'b');
    const cases: readonly (readonly [name: string, text: string][])[] = [
      [['lock', dead('a1')]],
      [['lock', otherBoot]],
      [['lock', '']],
      [['lock', 'not a holder at all']],
      [
        ['lock', dead('a1')],
        [`after.${dead('a1')}`, dead('a2')],
        [`after.${dead('a2')}`, otherBoot],
      ],
      [['after.something', dead('a1')]],
    ];
    for (const left of cases) {
      const folder = newFolder();
      for (const [name, text] of left) writeFileSync(join(folder, name), text);
      assert.equal(await locked(folder, async () => 'mine', { patience: 0 }), 'mine');
      assert.deepEqual(readdirSync(folder), [], left.map(([name]) => name).join());
    }
  });

  it('is refused after a while by a living holder, who is named, and by one that cannot be seen from here', async () => {
    const folder = newFolder();
    const isBusy = (thrown: UnbakeError) => thrown.code === 'conflict' && thrown.message.includes(`process ${process.pid},`);
    await locked(folder, () =>
      assert.rejects(
        locked(folder, async () => undefined, { patience: 50 }),
        isBusy,
      ),
    );
    const elsewhere = nameFor({ ...ownHolder(), pid: 7, startTime: '1', pidNamespace: '1' }, 'c');
    writeFileSync(join(folder, 'lock'), elsewhere);
    await assert.rejects(
      locked(folder, async () => undefined, { patience: 50 }),
      (thrown: UnbakeError) => thrown.code === 'conflict' && /process 7,/.test(thrown.message) && /remove/.test(thrown.hint ?? ''),
    );
    assert.deepEqual(readdirSync(folder), ['lock']);
  });

  it('is not waited for any longer than it is wanted', async () => {
    const folder = newFolder();
    await locked(folder, async () => {
      const stop = new AbortController();
      const waiting = locked(folder, async () => undefined, { signal: stop.signal });
      stop.abort(new UnbakeError('interrupted', 'interrupted'));
      await assert.rejects(waiting, /interrupted/);
    });
    assert.deepEqual(readdirSync(folder), []);
  });
});
