// Images on standard output: whole, or an error; slow readers, readers that leave, and terminals.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { configsAt, contentsOf, imageMarked, namesIn } from '../support/output.ts';
import { scratch } from '../support/scratch.ts';
import { needs } from '../support/tool.ts';

const address = (path: string) => JSON.stringify(new URL(path, import.meta.url).pathname);

/** Writes an image of some 20 MB to standard output and says on standard error how that ended. */
const program = `
import { stageOutput } from ${address('../../src/store/output.ts')};
import { contentsOf, imageMarked } from ${address('../support/output.ts')};
const controller = new AbortController();
process.on('SIGTERM', () => controller.abort(new Error('told to stop')));
try {
  const staged = await stageOutput({ kind: 'stdout', form: 'docker-archive' }, contentsOf(imageMarked('m'.repeat(20_000_000))), { signal: controller.signal });
  process.stderr.write('staged ');
  await staged.commit();
  process.stderr.write('done');
} catch (thrown) {
  process.stderr.write(String(thrown.code ?? thrown.message));
  process.exit(7);
}`;
const whole = imageMarked('m'.repeat(20_000_000));

describe('an image on standard output', function () {
  this.timeout(60_000);
  const files = scratch();

  function start(folder: string) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      env: { ...process.env, TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = { text: '' };
    child.stderr.on('data', (chunk: Buffer) => (said.text += chunk.toString()));
    return { child, said };
  }

  it('is read by a reader that takes its time', async () => {
    const folder = files.newFolder();
    const { child, said } = start(folder);
    const chunks: Buffer[] = [];
    for await (const chunk of child.stdout) {
      chunks.push(chunk as Buffer);
      if (chunks.length % 20 === 0) await sleep(5);
    }
    await (child.exitCode ?? once(child, 'exit'));
    assert.deepEqual([said.text, namesIn(folder)], ['staged done', []]);
    assert.deepEqual(await configsAt(files.file(Buffer.concat(chunks))), [whole.config.digest]);
    assert.equal(contentsOf(whole).docker.length, 1);
  });

  it('whose reader leaves is an error: nobody has it', async () => {
    const folder = files.newFolder();
    const { child, said } = start(folder);
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const [code] = (await once(child, 'exit')) as [number];
    assert.deepEqual([code, said.text, namesIn(folder)], [7, 'staged io', []]);
  });

  it('whose reader does not read does not keep us from stopping', async () => {
    const folder = files.newFolder();
    const { child, said } = start(folder);
    while (said.text !== 'staged ') await once(child.stderr, 'data');
    await sleep(100);
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number];
    assert.deepEqual([code, said.text, namesIn(folder)], [7, 'staged told to stop', []]);
  });

  it('is not written to a terminal', function () {
    needs(this, 'script');
    const folder = files.newFolder();
    const command = `'${process.execPath}' --input-type=module -e '${program.replaceAll("'", `'\\''`)}'`;
    const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], { env: { ...process.env, TMPDIR: folder } });
    assert.deepEqual([stdout.toString().trim(), namesIn(folder)], ['usage', []]);
  });
});
