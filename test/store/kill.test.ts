// Killed at any moment: the target is the old image or the new one, whole, and nothing else is there.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stageOutput } from '../../src/store/output.ts';
import { ociLayout, writeFolder } from '../support/forms.ts';
import { configsAt, contentsOf, imageMarked, namesIn } from '../support/output.ts';
import { randomNumbers } from '../support/random.ts';
import { scratch } from '../support/scratch.ts';
import { needs } from '../support/tool.ts';

const program = new URL('../support/stage-and-die.ts', import.meta.url).pathname;

const old = imageMarked('before');
const next = imageMarked('after');

/** The janitor needs a moment: until nothing but the target is in the folder, at most five seconds. */
async function settled(folder: string, ...names: readonly string[]): Promise<void> {
  const isLeft = () => namesIn(folder).some((name) => !names.includes(name));
  for (let tries = 0; tries < 100 && (isLeft() || (names.includes('image') && !existsSync(join(folder, 'image')) && tries < 4)); tries++)
    await sleep(50);
  assert.deepEqual(
    namesIn(folder).filter((name) => !names.includes(name)),
    [],
  );
}

describe('whoever is killed while an image is written', function () {
  this.timeout(240_000);
  const files = scratch();
  before(function () {
    needs(this, 'sh');
  });

  async function placed(form: string): Promise<string> {
    const path = join(mkdtempSync(join(files.folder, 'a place ')), 'image');
    if (form === 'oci') {
      mkdirSync(path);
      writeFolder(path, ociLayout(old));
    } else {
      await (await stageOutput({ kind: 'oci-archive', path, compression: 'none' }, contentsOf(old))).commit();
    }
    return path;
  }

  for (const form of ['oci', 'oci-archive'] as const) {
    it(`${form}: at the first call to the disk, the second, and so on to the last`, async () => {
      const outcomes = new Set<string>();
      for (let call = 1; ; call++) {
        const path = await placed(form);
        const child = spawn(process.execPath, [program, form, path, 'after', String(call)], { stdio: ['ignore', 'ignore', 'inherit'] });
        const [code] = (await once(child, 'exit')) as [number | null];
        await settled(join(path, '..'), 'image');
        const [config, ...others] = await configsAt(path);
        assert.deepEqual(others, []);
        outcomes.add(config!);
        if (code === 0) {
          assert.equal(config, next.config.digest);
          assert.ok(call > 6, `only ${call} calls`);
          break;
        }
        assert.ok(
          [old, next].some((image) => image.config.digest === config),
          `call ${call}`,
        );
      }
      assert.equal(outcomes.size, 2, 'both happen');
    });

    it(`${form}: at any time, by any signal`, async () => {
      const random = randomNumbers(7);
      const path = await placed(form);
      for (let round = 0; round < 12; round++) {
        const child = spawn(process.execPath, [program, form, path, `round ${round}`], { stdio: ['ignore', 'pipe', 'inherit'] });
        let told = '';
        child.stdout.on('data', (chunk: Buffer) => (told += chunk.toString()));
        await once(child.stdout, 'data');
        await sleep(random() * 60);
        child.kill(round % 3 === 2 ? 'SIGTERM' : 'SIGKILL');
        await once(child, 'close');
        await settled(join(path, '..'), 'image');
        const last = told.trim().split('\n').length - 1;
        const [config] = await configsAt(path);
        assert.ok(
          [last, last + 1].some((version) => imageMarked(`round ${round} ${version}`).config.digest === config),
          `round ${round}, version ${last}`,
        );
      }
    });
  }

  it('on the way to standard output: nothing is left in the temporary folder', async () => {
    for (const call of [1, 2, 4, 5]) {
      const folder = files.newFolder();
      const env = { ...process.env, TMPDIR: folder };
      const child = spawn(process.execPath, [program, 'stdout', '-', 'after', String(call)], { env, stdio: ['ignore', 'pipe', 'inherit'] });
      child.stdout.resume();
      await once(child, 'close');
      assert.equal(child.signalCode, 'SIGKILL');
      await settled(folder);
    }
  });
});
