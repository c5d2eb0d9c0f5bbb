// Which file is treated how, and that nothing comes back, breaks or disappears by it.
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { parseMode } from '../../src/clean/plan/treatment.ts';
import type { CleanOptions } from '../../src/clean/clean.ts';
import { parsePlan } from '../../src/clean/plan/reconcile.ts';
import { docker25Archive, type Member } from '../support/forms.ts';
import { assemble, type ImagePlan, type LayerPlan } from '../support/image.ts';
import { githubToken, npmToken } from '../support/planted.ts';
import { directory, file, gnuLongName, gnuSparse, hardlink, opaque, pax, tar, whiteout } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';
import { rawZip } from '../view/nested/raw-zip.ts';
import { cleaned, contentOf, scanned } from './cleaning.ts';

const token = githubToken('treated');
const secret = `GITHUB_TOKEN=${token}\n`;
const marks = 'x'.repeat(token.length);

describe('what becomes of a file', () => {
  const place = scratch();
  const layers = (...entries: readonly (readonly Buffer[])[]): ImagePlan => ({ layers: entries.map((each): LayerPlan => ({ entries: each })) });

  async function after(image: ImagePlan | readonly Member[], changes: Partial<CleanOptions> = {}) {
    const { report, output, source } = await cleaned(place, image, changes);
    const scan = await scanned(output);
    return {
      report,
      source,
      output,
      findings: scan.report.findings.length,
      /** Each layer's entries: path and bytes. */
      entries: [...scan.layers.values()].map(({ entries }) => entries.map(({ path, size }) => `${path} ${size}`)),
      treatments: Object.fromEntries(report.plan.steps.flatMap((step) => (step.kind === 'file' ? [[step.path, step.treatment]] : []))),
    };
  }
  const modes = (...typed: readonly string[]) => ({ modes: typed.map(parseMode) });

  it('is its nature: text is written over, what was deleted is dropped, a binary is emptied, an archive is rewritten', async () => {
    const { treatments, findings } = await after(
      layers(
        [file('ghost', secret), file('over', secret), directory('hidden'), file('hidden/a', secret)],
        [
          file('text', secret),
          file('binary', Buffer.concat([Buffer.from([0, 1, 2]), Buffer.from(secret), Buffer.alloc(5)])),
          file('packed.tar.gz', gzipSync(tar(file('inner', secret)))),
          file('packed.tar', tar(file('inner', secret))),
          file('packed.zip', rawZip({ members: [{ name: 'inner', data: Buffer.from(secret) }] })),
          whiteout('ghost'),
          file('over', 'new'),
          opaque('hidden'),
        ],
      ),
    );
    assert.deepEqual(treatments, {
      '/ghost': 'drop',
      '/over': 'drop',
      '/hidden/a': 'drop',
      '/text': 'redact',
      '/binary': 'empty',
      '/packed.tar.gz': 'rewrite',
      '/packed.tar': 'redact',
      '/packed.zip': 'rewrite',
    });
    assert.equal(findings, 0);
  });

  it('is an empty file where a sparse one hides the place, and where a whiteout has a body', async () => {
    const sparse = gnuSparse('sparse', [{ offset: 512, data: Buffer.from(secret.padEnd(512)) }], 4096);
    const { treatments } = await after(layers([sparse, file('gone', 'x')], [file('.wh.gone', secret)]));
    assert.deepEqual(treatments, { '/sparse': 'empty', '/.wh.gone': 'empty' });
  });

  it('is what --mode says: by glob, by folder, and the last one that fits', async () => {
    const image = layers([file('a/one', secret), file('a/two.key', secret), file('b/three', secret)]);
    const { treatments, entries } = await after(image, modes('a=empty', '**/*.key=drop', 'b/**=redact'));
    assert.deepEqual(treatments, { '/a/one': 'empty', '/a/two.key': 'drop', '/b/three': 'redact' });
    assert.deepEqual(entries, [['a/one 0', `b/three ${secret.length}`]]);
  });

  it('is the same for all hard links of it', async () => {
    const image = layers([file('d/a', secret), hardlink('d/b', 'd/a'), hardlink('d/c', 'd/b')], [hardlink('e', 'd/b')]);
    assert.deepEqual((await after(image, modes('d/a=drop'))).entries.flat(), []);
    assert.deepEqual((await after(image)).entries, [[`d/a ${secret.length}`, 'd/b 0', 'd/c 0'], ['e 0']]);
  });

  it('does not let what a dropped file had hidden come back: older copies, and a folder that it had replaced', async () => {
    const older = layers([file('conf', 'old'), directory('x'), file('x/a', 'old')], [file('conf', secret), file('x', secret)]);
    assert.deepEqual((await after(older, modes('conf=drop', 'x=drop'))).entries.flat(), []);
    // Nobody sees the file `x`, but without it `x/a` would be in the folder that came after it.
    const { treatments, entries } = await after(
      layers([directory('x'), file('x/a', 'old')], [file('x', secret)], [directory('x'), file('x/b', 'new')]),
    );
    assert.deepEqual([treatments, entries[1]], [{ '/x': 'empty' }, ['x 0']]);
  });

  it('is not decided for one image at the cost of another that shares the layer', async () => {
    const stack = layers([file('conf', 'base')], [file('conf', secret)], [file('conf', 'fixed')]).layers;
    const images = [1, 2, 3].map((count) => assemble({ tags: [`app:${count}`], layers: stack.slice(0, count) }));
    const { entries, report } = await after(docker25Archive(...images), modes('conf=drop'));
    assert.deepEqual(entries.toSorted(), [['conf 0'], ['conf 4'], ['conf 5']]);
    assert.match(report.plan.steps[0].reason, /another image needs/);
    // The layer is a ghost in one image and visible in another: it is no ghost.
    assert.deepEqual((await after(docker25Archive(...images))).treatments, { '/conf': 'redact' });
  });

  it('keeps names apart that only their values told apart', async () => {
    const names = [token, githubToken('second'), npmToken('third')];
    const { output, findings } = await after(
      layers(
        names.map((name) => file(`keys/${name}`, 'x')),
        [file(`keys/.wh.${names[1]}`, '')],
      ),
    );
    const [first, second] = [...(await scanned(output)).layers.values()].map(({ entries }) => entries.map(({ path }) => path));
    assert.equal(new Set(first).size, names.length);
    assert.ok(first.every((path) => path.startsWith('keys/xxxxxxxx')));
    assert.deepEqual(second, [first[1].replace('keys/', 'keys/.wh.')], 'a whiteout still means the file that it meant');
    assert.equal(findings, 0);
  });

  it('is left as it is when it was not asked for, in a folder that gets another name too', async () => {
    const image = layers([file(`d/${token}/f`, `DB_PASSWORD=${npmToken('other').slice(4)}\n`)]);
    const { report, findings } = await after(image, { selection: { only: ['github-token'] } });
    assert.deepEqual([report.plan.steps.map(({ kind }) => kind), findings], [['header'], 1]);
  });

  it('leaves no beginning of a value in the field of a header that is too short for the name', async () => {
    const name = `${'d'.repeat(65)}/${token}.txt`;
    const { output } = await after(
      layers([gnuLongName(name), file(name, 'x', { magic: 'gnu', mode: 0o640 })], [pax([['path', name]]), file(name, 'y')]),
    );
    const { bytes } = await contentOf(output);
    for (let length = 6; length <= token.length; length++) assert.ok(!bytes.includes(token.slice(0, length)), `${length} characters`);
    assert.ok([...(await scanned(output)).layers.values()].every(({ entries }) => entries[0].path === `${'d'.repeat(65)}/${marks}.txt`));
  });

  it('is gone in all layers when --path names it or a folder above it, and what a whiteout had deleted stays deleted', async () => {
    const image = layers(
      [file('app/.env', 'A=1'), file('app/config', 'old'), file('root/.aws/credentials', 'none')],
      [whiteout('app/config'), file('app/.env', 'A=2')],
    );
    const { entries } = await after(image, { selection: { paths: ['/app/.*', 'root/.aws', '/root/**'] } });
    assert.deepEqual(entries, [['app/config 3'], ['app/.wh.config 0']]);
    await assert.rejects(after(image, { selection: { paths: ['no/such'] } }), /matches no file/);
    await assert.rejects(after(image, { selection: { paths: ['/'] } }), /the whole file system/);
  });

  it('treats both of two entries of one name, and so does a plan that is carried out later', async () => {
    const image = layers([file('d/a', 'first'), file('d/a', secret), file(`keys/${'hunter2'}`, 'x')]);
    const first = await after(image, modes('d/a=drop'));
    const again = await after(image, { plan: parsePlan(JSON.stringify(first.report.plan), 'plan.json') });
    assert.deepEqual([first.entries, again.entries, again.report.undone], [[['keys/hunter2 1']], [['keys/hunter2 1']], []]);
  });

  it('loses the table of contents of eStargz in a layer that is touched, and in no other', async () => {
    const table = (mark: string) => file('stargz.index.json', `{"version":1,"entries":["${mark}"]}`);
    const annotations = { 'containerd.io/snapshot/stargz/toc.digest': 'sha256:0', 'org.example': 'kept' };
    const layer = (...entries: readonly Buffer[]): LayerPlan => ({ entries, compression: 'gzip', descriptor: { annotations, data: 'AAAA' } });
    const { output, entries } = await after({ layers: [layer(file('a', secret), table('a')), layer(file('b', 'clean'), table('b'))] });
    assert.deepEqual(
      entries.map((each) => each.map((entry) => entry.split(' ')[0])),
      [['a'], ['b', 'stargz.index.json']],
    );
    const described = (await contentOf(output)).images[0].json['manifest']['layers'] as Record<string, unknown>[];
    assert.deepEqual(
      described.map(({ annotations: left, data }) => [left, data]),
      [
        [{ 'org.example': 'kept' }, undefined],
        [annotations, 'AAAA'],
      ],
    );
  });
});
