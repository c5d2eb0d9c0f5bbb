// What is packed into files, as users see it: bombs, broken and hostile archives end soon, in bounded memory, and hide nothing beside them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createGzip, deflateSync, gzipSync } from 'node:zlib';
import { assertCalm, findingsOf, type JsonReport, run } from '../support/cli.ts';
import { archive, ociLayout } from '../support/forms.ts';
import { noise } from '../support/hostile.ts';
import { assemble } from '../support/image.ts';
import { githubToken } from '../support/planted.ts';
import { randomNumbers } from '../support/random.ts';
import { file, tar } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';
import { blobObject, nameDelta, objectName, pack, repetition } from '../view/nested/raw-pack.ts';
import { rawZip } from '../view/nested/raw-zip.ts';

const mebibyte = 2 ** 20;
const preload = new URL('../support/peak-memory.ts', import.meta.url).pathname;
const token = githubToken('beside a bomb');
const beside = file('beside', `GITHUB_TOKEN=${token}\n`);

describe('a file that holds others', function () {
  this.timeout(240_000);
  const place = scratch();

  async function scanned(bodies: readonly (readonly [string, Buffer])[], args: readonly string[] = []) {
    const entries = [...bodies.map(([name, body]) => file(name, body)), beside];
    const source = place.file(archive(ociLayout(assemble({ layers: [{ entries }] }))));
    const peakFile = place.file(Buffer.alloc(0));
    const options = { nodeFlags: ['--import', preload], env: { UNBAKE_TEST_PEAK_FILE: peakFile } };
    const outcome = await run(['scan', source, '-f', 'json', '--show-secrets', ...args], options);
    assertCalm(outcome, 60);
    const report = JSON.parse(outcome.stdout) as JsonReport;
    assert.equal(findingsOf(report, token).length, 1, 'the token beside it');
    return { report, peak: Number(readFileSync(peakFile, 'utf8')), code: outcome.code };
  }

  /** So many MiB of zeros, in gzip. */
  async function zeros(size: number): Promise<Buffer> {
    const stream = createGzip({ level: 1 });
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    const ended = new Promise((resolve) => stream.on('end', resolve));
    const block = Buffer.alloc(mebibyte);
    for (let count = 0; count < size; count++) if (!stream.write(block)) await new Promise((resolve) => stream.once('drain', resolve));
    stream.end();
    await ended;
    return Buffer.concat(chunks);
  }

  it('takes no more memory when what is in it is large', async () => {
    const [small, large] = [await zeros(1), await zeros(400)];
    const peaks = [];
    for (const packed of [small, large])
      peaks.push(
        (
          await scanned([
            ['a.gz', packed],
            ['b.zip', rawZip({ members: [{ name: 'a.gz', data: packed }] })],
          ])
        ).peak,
      );
    assert.ok(peaks[1] - peaks[0] < 64 * mebibyte, `${peaks.map((peak) => Math.round(peak / mebibyte)).join(' and ')} MiB`);
  });

  it('ends where a limit ends it, which is told', async () => {
    let bomb = gzipSync(Buffer.alloc(4 * mebibyte));
    for (let level = 0; level < 5; level++)
      bomb = Buffer.from(rawZip({ members: Array.from({ length: 16 }, (_, index) => ({ name: `lib ${index}.zip`, data: bomb })) }));
    const { report, peak } = await scanned([['42.zip', bomb]], ['--limit', 'nestedBytes=256M', '--limit', 'nestedRatio=1000M']);
    assert.deepEqual(
      report.skipped.map(({ reason, limit }) => `${reason} ${limit}`),
      ['limit nestedBytes'],
    );
    assert.ok(peak < 500 * mebibyte, `${Math.round(peak / mebibyte)} MiB`);
    // By default it is the ratio that ends it.
    assert.deepEqual(
      (await scanned([['42.zip', bomb]])).report.skipped.map(({ limit }) => limit),
      ['nestedRatio'],
    );
  });

  it('may hold deltas that lead to each other, or to more than there is', async () => {
    const base = Buffer.from(`GITHUB_TOKEN=${githubToken('in a pack')}\n`.padEnd(1000, '#'));
    const id = objectName('blob', base);
    const loop = ['11'.repeat(20), '22'.repeat(20)];
    const deltas = [nameDelta(loop[0], repetition(10, 10, 1, 'x')), nameDelta(loop[1], repetition(10, 10, 1, 'y'))];
    const bomb = nameDelta(id, repetition(base.length, base.length, 100_000, 'x'));
    for (const objects of [
      [blobObject(base), ...deltas],
      [blobObject(base), bomb],
    ]) {
      const { report } = await scanned([['srv/.git/objects/pack/pack-1.pack', pack(objects)]], ['--limit', 'nestedBytes=50M']);
      assert.equal(findingsOf(report, githubToken('in a pack')).length, 1);
      assert.ok(report.skipped.length > 0);
    }
  });

  it('may be changed anywhere: there is an answer, and the files beside it are read', async () => {
    const text = `GITHUB_TOKEN=${githubToken('mutated')}\n`;
    const jar = rawZip({
      members: [
        { name: 'a.properties', data: text },
        { name: 'b', data: noise(2000), descriptor: 'signed' },
      ],
    });
    const originals = [
      jar,
      gzipSync(tar(file('a', text), file('x.jar', jar))),
      deflateSync(`blob ${text.length}\0${text}`),
      pack([blobObject(Buffer.from(text))]),
    ];
    const next = randomNumbers(5);
    const bodies = Array.from({ length: 400 }, (_, count): [string, Buffer] => {
      const bytes = Buffer.from(originals[count % originals.length]);
      for (let change = 0; change < 3; change++) bytes[Math.floor(next() * bytes.length)] = Math.floor(next() * 256);
      return [`srv/${count}.bin`, count % 5 === 0 ? bytes.subarray(0, Math.floor(next() * bytes.length)) : bytes];
    });
    const { report } = await scanned(bodies);
    assert.ok(report.skipped.length > 0);
    assert.ok(findingsOf(report, githubToken('mutated')).length > 50);
  });
});
