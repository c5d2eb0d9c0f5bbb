// Layers and archives compressed with bzip2: what stands behind them is read like what stands behind gzip, and a bomb ends at its limit.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { clean } from '../support/cleaning.ts';
import { findingsOf, scan } from '../support/cli.ts';
import { compressed } from '../support/compressed.ts';
import { exposedAt } from '../support/exposed.ts';
import { archive, ociLayout } from '../support/forms.ts';
import { assertFoundAndBroken, early, late, noise, scanCalmly } from '../support/hostile.ts';
import { assemble, type LayerPlan } from '../support/image.ts';
import { githubToken } from '../support/planted.ts';
import { end, file, header } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';
import { needs } from '../support/tool.ts';

const mebibyte = 1 << 20;
const mediaType = 'application/vnd.oci.image.layer.v1.tar+bzip2';

const archiveOf = (...layers: readonly LayerPlan[]): Buffer => archive(ociLayout(assemble({ layers })));

/** A file of zeros behind one with a token, in 50 bytes for each 45 MB. */
function bomb(streams: number): LayerPlan {
  const zeros = Buffer.alloc(45_056_000);
  const stream = compressed(zeros, 'bzip2');
  const before = Buffer.concat([file('srv/before', githubToken('before')), header({ name: 'srv/zeros', size: streams * zeros.length })]);
  const after = Buffer.concat([file('srv/after', githubToken('after')), end()]);
  const hash = createHash('sha256').update(before);
  for (let count = 0; count < streams; count++) hash.update(zeros);
  const bytes = Buffer.concat([compressed(before, 'bzip2'), ...Array.from({ length: streams }, () => stream), compressed(after, 'bzip2')]);
  return { entries: [], compression: () => bytes, mediaType, diffId: `sha256:${hash.update(after).digest('hex')}` };
}

describe('bzip2', function () {
  this.timeout(120_000);
  const files = scratch();
  before(function () {
    needs(this, 'bzip2');
  });

  it('what stands behind a layer is found, padded, compressed or as it is', async () => {
    const behind: Readonly<Record<string, Buffer>> = {
      plain: Buffer.from(` ${githubToken('plain')} `),
      padded: Buffer.concat([Buffer.alloc(700), Buffer.from(` ${githubToken('padded')} `)]),
      gzip: gzipSync(` ${githubToken('gzip')} `),
      second: Buffer.concat([compressed(Buffer.alloc(0), 'bzip2'), Buffer.from(` ${githubToken('second')} `)]),
      'like a head': Buffer.from(`BZh9 ${githubToken('like a head')} `),
    };
    const layers = Object.entries(behind).map(([name, bytes]) => ({
      entries: [file(name, githubToken(`in ${name}`))],
      mediaType,
      compression: (tar: Buffer) => Buffer.concat([compressed(tar, 'bzip2'), bytes]),
    }));
    const { report, code } = await scan(files.file(archiveOf(...layers)));
    for (const [index, name] of Object.keys(behind).entries()) {
      const [inside, ...more] = findingsOf(report, githubToken(`in ${name}`));
      assert.deepEqual([inside?.place.kind, inside?.layer?.index, more.length], ['file', index, 0], name);
      assert.deepEqual(
        findingsOf(report, githubToken(name)).map(({ place, layer, fate }) => [place.kind, layer?.index, fate.kind]),
        [['stray', index, 'unreachable']],
        name,
      );
    }
    assert.deepEqual(report.skipped, []);
    assert.equal(code, 1);
  });

  it('what stands behind a whole archive is found', async () => {
    const whole = compressed(archiveOf({ entries: [file('a', githubToken('inside'))] }), 'bzip2');
    const { report } = await scan(files.file(Buffer.concat([whole, Buffer.from(` ${githubToken('behind')} `)])));
    for (const seed of ['inside', 'behind']) assert.equal(findingsOf(report, githubToken(seed)).length, 1, seed);
    assert.deepEqual(report.skipped, []);
  });

  it('a layer in several streams is one layer', async () => {
    const path = files.file(
      archiveOf({
        entries: [file('a', noise(5000)), file('b', githubToken('in the second stream'))],
        mediaType,
        compression: (tar) => Buffer.concat([compressed(tar.subarray(0, 3000), 'bzip2'), Buffer.alloc(10), compressed(tar.subarray(3000), 'bzip2')]),
      }),
    );
    const { report } = await scan(path);
    assert.equal(findingsOf(report, githubToken('in the second stream')).length, 1);
    assert.deepEqual(report.skipped, []);
  });

  it('a layer that ends too soon, or has a broken block: what stands before is found', async () => {
    const bytes = compressed(Buffer.concat([early, file('bulky', noise(2_000_000)), late, end()]), 'bzip2');
    const changed = Buffer.from(bytes);
    changed.fill(0x55, 1_500_000, 1_500_100);
    for (const broken of [bytes.subarray(0, -20), bytes.subarray(0, 1_500_000), changed]) {
      const told = await scanCalmly(files, archiveOf({ entries: [], compression: () => broken, mediaType }));
      assertFoundAndBroken(told, /bzip2 stream is (?:truncated|corrupt)/);
    }
  });

  it('a bomb ends at its limit, in the middle of a block', async () => {
    const path = files.file(archiveOf(bomb(1)));
    const { report, code } = await scan(path, ['--limit', 'layerBytes=1M']);
    assert.deepEqual([findingsOf(report, githubToken('before')).length, findingsOf(report, githubToken('after')).length, code], [1, 0, 1]);
    const [{ limit, detail }] = report.skipped;
    assert.equal(limit, 'layerBytes');
    const given = Number(/more than (\d+) bytes/.exec(detail)![1]);
    assert.ok(given > mebibyte && given < 2 * mebibyte, detail);
  });

  it('a whole archive that is a bomb ends at its limit', async () => {
    const plain = archiveOf({ entries: [file('srv/before', githubToken('before'))] });
    const bytes = Buffer.concat([compressed(plain.subarray(0, -1024), 'bzip2'), compressed(file('zeros', Buffer.alloc(45 * mebibyte)), 'bzip2')]);
    const { report } = await scan(files.file(bytes), ['--limit', 'layerBytes=2M']);
    assert.equal(findingsOf(report, githubToken('before')).length, 1);
    assert.deepEqual([...new Set(report.skipped.map(({ reason, limit }) => limit ?? reason))], ['layerBytes', 'damaged']);
  });

  it('memory does not grow with what comes out', async () => {
    const peakFile = files.file(Buffer.alloc(0));
    const peakPreload = new URL('../support/peak-memory.ts', import.meta.url).pathname;
    const { report } = await scan(files.file(archiveOf(bomb(9))), [], {
      nodeFlags: ['--import', peakPreload],
      env: { UNBAKE_TEST_PEAK_FILE: peakFile },
    });
    for (const seed of ['before', 'after']) assert.equal(findingsOf(report, githubToken(seed)).length, 1, seed);
    assert.deepEqual(report.skipped, []);
    const peak = Number(readFileSync(peakFile, 'utf8'));
    assert.ok(peak > 0 && peak < 350 * mebibyte, `peak of ${Math.round(peak / mebibyte)} MiB`);
  });

  it('clean leaves nothing of what stands behind a layer', async () => {
    const values = { inside: githubToken('inside'), behind: githubToken('behind') };
    const path = files.file(
      archiveOf({
        entries: [file('srv/token', `${values.inside}\n`), file('srv/else', 'else')],
        mediaType,
        compression: (tar) => Buffer.concat([compressed(tar, 'bzip2'), Buffer.from(` ${values.behind} `)]),
      }),
    );
    const output = join(files.newFolder(), 'clean.tar');
    await clean(path, ['-o', output], { values });
    assert.deepEqual(exposedAt(output, values), []);
    const { report, code } = await scan(output);
    assert.deepEqual([report.findings, report.skipped, code], [[], [], 0]);
  });
});
