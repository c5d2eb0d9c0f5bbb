// `--jobs` as its users give it: the same report whatever the number, with threads that the program starts for an image of that size.
import assert from 'node:assert/strict';
import { findingsOf, run, scan } from '../support/cli.ts';
import { archive, docker25Archive } from '../support/forms.ts';
import { assemble } from '../support/image.ts';
import { githubToken } from '../support/planted.ts';
import { randomNumbers } from '../support/random.ts';
import { file } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';

describe('scan --jobs', function () {
  this.timeout(120_000);
  const files = scratch();

  /** Does not compress, as little of what an image holds does. */
  function noise(seed: number, megabytes: number): Buffer {
    const random = randomNumbers(seed);
    return Buffer.from(Uint32Array.from({ length: megabytes * 2 ** 18 }, () => random() * 2 ** 32).buffer);
  }

  const layer = (seed: number, megabytes: number, text: string) => ({
    entries: [file(`noise${seed}`, noise(seed, megabytes)), file(`secret${seed}`, Buffer.from(text))],
    compression: 'gzip' as const,
  });
  const secrets = [1, 2, 3].map((seed) => githubToken(`jobs ${seed}`));
  let image = '';
  before(() => {
    const layers = [layer(1, 8, `T=${secrets[0]}`), layer(2, 9, `T=${secrets[1]}`), layer(3, 7, `T=${secrets[2]}`)];
    image = files.file(archive(docker25Archive(assemble({ layers }))));
  });

  it('gives the same report with one thread and with two', async () => {
    const outcomes = [
      await scan(image, ['--no-cache', '--jobs', '1']),
      await scan(image, ['--no-cache', '--jobs', '2']),
      await scan(image, ['--no-cache']),
    ];
    const [one, ...others] = outcomes.map(({ report }) => ({ ...report, startedAt: '', finishedAt: '' }));
    for (const other of others) assert.deepEqual(other, one);
    for (const secret of secrets) assert.equal(findingsOf(one!, secret).length, 1);
    assert.deepEqual(new Set(outcomes.map(({ code }) => code)), new Set([1]));
  });

  it('gives the same report whatever inflates it, damaged streams included', async () => {
    const layers = [layer(4, 1, `T=${secrets[0]}`), layer(5, 1, `T=${secrets[1]}`)];
    const { layers: built, ...rest } = assemble({ layers });
    const cut = built.map((each, index) => (index === 1 ? { ...each, blob: { ...each.blob, bytes: each.blob.bytes.subarray(0, -5000) } } : each));
    const broken = files.file(archive(docker25Archive({ ...rest, layers: cut })));
    const [core, node] = [await scan(broken, ['--no-cache']), await scan(broken, ['--no-cache', '--inflate', 'node'])];
    assert.deepEqual({ ...node.report, startedAt: '', finishedAt: '' }, { ...core.report, startedAt: '', finishedAt: '' });
    assert.ok(core.report.skipped.some(({ reason }) => reason === 'damaged'));
    assert.equal((await run(['scan', broken, '--inflate', 'igzip'])).code, 2);
  });

  it('takes a whole number from 1 on, and the environment too', async () => {
    for (const wrong of ['0', '-1', 'two', '1.5', '']) {
      const outcome = await run(['scan', image, '--jobs', wrong]);
      assert.equal(outcome.code, 2, wrong);
      assert.match(outcome.stderr, /--jobs <n>.*whole number from 1/s);
    }
    assert.equal((await run(['clean', image, '--jobs', 'x'])).code, 2);
    assert.equal((await run(['scan', image], { env: { UNBAKE_JOBS: 'x' } })).code, 2);
  });
});
