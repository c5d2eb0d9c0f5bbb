// Layers over several threads: the same report, whatever the layers are; and whatever becomes of a thread, it is told.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { UnbakeError } from '../../../src/model/error.ts';
import { defaultLimits } from '../../../src/model/limits.ts';
import { loadRuleset } from '../../../src/rule/ruleset.ts';
import { LayerThread } from '../../../src/scan/workers/layer-thread.ts';
import { scanStore } from '../../../src/scan/scan.ts';
import type { Progress, ScanOptions } from '../../../src/scan/scan-options.ts';
import { pathBlob } from '../../../src/store/path-blob.ts';
import { compressed, gzipInMembers, gzipMember } from '../../support/compressed.ts';
import { archive, classicArchive, docker25Archive, writeFolder } from '../../support/forms.ts';
import { assemble, type LayerPlan } from '../../support/image.ts';
import { randomNumbers } from '../../support/random.ts';
import { directory, file, gnuLongName, tar } from '../../support/raw-tar.ts';
import { scratch } from '../../support/scratch.ts';
import { scanned, withStore } from '../cache/cached.ts';
import { token } from '../small-rules.ts';
import { always, sameReports, tokenRules } from './threaded.ts';

function noise(seed: number, size: number): Buffer {
  const random = randomNumbers(seed);
  return Buffer.from(Uint32Array.from({ length: Math.ceil(size / 4) }, () => random() * 2 ** 32).buffer).subarray(0, size);
}

/** A layer with a token of its own and so many random bytes. */
function layer(seed: number, size: number, plan: Partial<LayerPlan> = {}): LayerPlan {
  const entries = [directory(`d${seed}`), file(`d${seed}/secret`, Buffer.from(`key ${token(seed)}\n`)), file(`d${seed}/noise`, noise(seed, size))];
  return { entries, ...plan };
}

/** The folder that was read is not there any more. */
function openFile(descriptor: string): string[] {
  try {
    return [readlinkSync(join('/proc/self/fd', descriptor))];
  } catch {
    return [];
  }
}

const truncated = (bytes: Buffer): Buffer => gzipMember(bytes).subarray(0, Math.floor((bytes.length * 2) / 3));

describe('layers over several threads', function () {
  this.timeout(120_000);
  const files = scratch();
  const rules = tokenRules(files);

  const hostile = assemble({
    tags: ['app:1'],
    layers: [
      layer(1, 1000, { compression: 'gzip' }),
      layer(2, 300_000, { compression: (bytes) => gzipMember(bytes, { name: `${token(20)}.tar`, comment: token(21) }) }),
      layer(3, 200_000, { compression: truncated }),
      { entries: [Buffer.from(`no tar at all, but ${token(22)}`)], raw: true },
      layer(4, 100_000, { compression: (bytes) => Buffer.concat([compressed(bytes, 'zstd'), Buffer.from(`behind it ${token(23)}`)]) }),
      { entries: [], compression: 'gzip' },
      layer(1, 1000, { compression: 'gzip' }),
      layer(5, 50_000, { diffId: `sha256:${'0'.repeat(64)}` }),
      layer(6, 90_000, { compression: gzipInMembers(512, 40_000) }),
    ],
  });
  const other = assemble({
    tags: ['app:2'],
    layers: [layer(2, 400_000), layer(7, 10, { compression: 'zstd' }), layer(1, 1000, { compression: 'gzip' })],
  });

  it('give the report that one thread gives: layers that are damaged, shared, empty, no archives, with bytes beside them', async () => {
    const report = await sameReports(files.file(archive(docker25Archive(hostile, other))), rules);
    const found = new Set(report.findings.map(({ secret }) => secret.reveal()));
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 20, 21, 22, 23]) assert.ok(found.has(token(seed)), `token ${seed}`);
    assert.ok(report.skipped.some(({ reason }) => reason === 'damaged') && report.skipped.some(({ reason }) => reason === 'mismatch'));
  });

  it('and so for an archive of an older docker, and for a folder', async () => {
    await sameReports(files.file(archive(classicArchive(hostile, other))), rules, [2]);
    const folder = files.newFolder();
    writeFolder(folder, docker25Archive(hostile, other));
    await sameReports(folder, rules, [3]);
  });

  it('and so when one layer is most of the image: another thread reads it', async () => {
    const stray = (bytes: Buffer): Buffer => Buffer.concat([gzipMember(bytes, { name: token(30) }), Buffer.from(`behind it ${token(31)}`)]);
    const lone = assemble({ layers: [layer(8, 600_000, { compression: stray })] });
    const first = await sameReports(files.file(archive(docker25Archive(lone))), rules);
    assert.deepEqual(new Set(first.findings.map(({ secret }) => secret.reveal())), new Set([8, 30, 31].map(token)));
    const among = assemble({ layers: [layer(1, 10), layer(2, 900_000, { compression: truncated }), layer(3, 10_000, { compression: 'gzip' })] });
    const second = await sameReports(files.file(archive(docker25Archive(among))), rules);
    assert.equal(second.findings.length, 3);
    assert.ok(second.skipped.some(({ reason }) => reason === 'damaged'));
  });

  it('and so for any order of layers', async () => {
    const layers = [layer(1, 10), layer(2, 50_000, { compression: 'gzip' }), layer(3, 5000, { compression: truncated }), layer(4, 700), layer(5, 20)];
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(layers, { minLength: 2 }), async (chosen) => {
        const report = await sameReports(files.file(archive(docker25Archive(assemble({ layers: chosen })))), rules, [2]);
        assert.equal(report.findings.length, chosen.length);
      }),
      { numRuns: 4 },
    );
  });

  it('tell their progress, each layer up to its end, by its place in the image', async () => {
    const told: Progress[] = [];
    const reference = files.file(archive(docker25Archive(other)));
    await scanned(reference, { ruleset: await loadRuleset(rules), rulesetOptions: rules, ...always(2), onLayer: (progress) => told.push(progress) });
    const ends = told.filter(({ isDone }) => isDone);
    assert.deepEqual(ends.map(({ number }) => number).toSorted(), [1, 2, 3]);
    assert.ok(told.every(({ read, size, of }) => read >= 0 && read <= size && of === 3));
    assert.ok(ends.every(({ read, size }) => read === size));
  });

  it('end with the error of the first layer that has one, as one thread does', async () => {
    const folder = files.newFolder();
    writeFolder(folder, docker25Archive(assemble({ layers: [layer(1, 1000), layer(2, 2_000_000), layer(3, 500_000)] })));
    const ruleset = await loadRuleset(rules);
    const blobs = join(folder, 'blobs/sha256');
    const options = { ruleset, rulesetOptions: rules, limits: defaultLimits, platform: 'all', version: '0.0.0' } as const;
    const failing = (changes: Partial<ScanOptions>): Promise<unknown> =>
      withStore(folder, async (store) => {
        const paths = readdirSync(blobs).map((name) => join(blobs, name));
        for (const path of paths) renameSync(path, `${path}.gone`);
        try {
          await scanStore(store, folder, { ...options, ...changes });
          return undefined;
        } catch (thrown) {
          return thrown;
        } finally {
          for (const path of paths) renameSync(`${path}.gone`, path);
        }
      });
    const expected = await failing({ jobs: 1 });
    const actual = await failing(always(3));
    assert.ok(expected instanceof UnbakeError && actual instanceof UnbakeError);
    assert.deepEqual([actual.code, actual.message, actual.hint], [expected.code, expected.message, expected.hint]);
    assert.equal((actual.cause as NodeJS.ErrnoException).code, 'ENOENT');
  });

  it('are scanned by this thread alone when the others would have other rules', async () => {
    const reference = files.file(archive(docker25Archive(other)));
    const rulesetOptions = tokenRules(files);
    const ruleset = { ...(await loadRuleset(rulesetOptions)), hash: 'of rules that are not there any more' };
    const { report } = await scanned(reference, { ruleset, rulesetOptions, ...always(2) });
    assert.equal(report.findings.length, 3);
  });

  it('are let go at once when the scan is ended, and nothing stays open', async () => {
    const options = { ruleset: await loadRuleset(rules), rulesetOptions: rules, ...always(2) };
    const openFiles = (): readonly string[] =>
      readdirSync('/proc/self/fd')
        .flatMap(openFile)
        .filter((path) => path.startsWith(files.folder));
    const interrupted = new UnbakeError('interrupted', 'interrupted');
    // In the second image the larger layer is read by another thread.
    for (const layers of [
      [layer(1, 8_000_000), layer(2, 8_000_000)],
      [layer(3, 1000), layer(4, 12_000_000)],
    ]) {
      const reference = files.file(archive(docker25Archive(assemble({ layers }))));
      for (const wait of [0, 50, undefined]) {
        const controller = new AbortController();
        const abort = (): void => controller.abort(interrupted);
        if (wait !== undefined) setTimeout(abort, wait);
        const onLayer = wait === undefined ? abort : () => undefined;
        await assert.rejects(scanned(reference, { ...options, signal: controller.signal, onLayer }), { code: 'interrupted' });
        assert.deepEqual(openFiles(), []);
      }
    }
  });

  it('that lose their thread are told: it ended, or ran out of memory', async () => {
    const longName = 'x'.repeat(3000);
    const many = Buffer.concat(
      Array.from({ length: 30_000 }, (_, index) => Buffer.concat([gnuLongName(`${index}/${longName}`), file('x', Buffer.alloc(0))])),
    );
    const path = files.file(gzipMember(tar(many)));
    const ruleset = await loadRuleset(rules);
    const task = {
      name: 'the layer\n',
      blob: pathBlob(path, readFileSync(path).length),
      algorithm: 'sha256',
      onProgress: () => undefined,
      onDone: () => undefined,
    } as const;
    const terms = { rulesetOptions: rules, rulesetHash: ruleset.hash, limits: defaultLimits };
    const thread = new LayerThread(terms);
    await thread.start();
    const ending = assert.rejects(thread.scan(task), {
      code: 'unread',
      message: 'layer the layer\\n could not be scanned: the thread that scanned it has ended',
    });
    await thread.stop();
    await ending;
    const small = new LayerThread({ ...terms, heapMegabytes: 64 });
    assert.ok(await small.start());
    await assert.rejects(small.scan(task), { code: 'unread', message: /ran out of memory$/ });
    await small.stop();
  });
});
