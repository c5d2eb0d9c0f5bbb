// Every limit is crossed: what lies beyond is named with the limit, what lies before is found, and --fail-on-incomplete makes it an error.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { findingsOf, run, scan } from '../support/cli.ts';
import { compressed } from '../support/compressed.ts';
import { archive, nestedLayout, ociLayout } from '../support/forms.ts';
import { assemble, type ImagePlan, type LayerPlan } from '../support/image.ts';
import { githubToken } from '../support/planted.ts';
import { file, header, pax, tar } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';

const first = githubToken('before the limit');
const last = githubToken('behind the limit');

/** Without the limit both tokens are told and nothing is skipped; with it the first at most, and the limit is named. */
async function assertCrossed(
  path: string,
  limit: string,
  options: { readonly isFirstFound?: boolean; readonly isLastFound?: boolean } = {},
): Promise<void> {
  const { isFirstFound = true, isLastFound = false } = options;
  const whole = await scan(path);
  assert.deepEqual([findingsOf(whole.report, first).length > 0, findingsOf(whole.report, last).length > 0], [true, true]);
  assert.deepEqual(whole.report.skipped, []);
  const { code, report } = await scan(path, ['--limit', limit]);
  assert.deepEqual([findingsOf(report, first).length > 0, findingsOf(report, last).length > 0], [isFirstFound, isLastFound]);
  const told = report.skipped.filter((skipped) => skipped.reason === 'limit');
  assert.ok(
    told.some((skipped) => skipped.limit === limit.split('=')[0]),
    JSON.stringify(report.skipped),
  );
  assert.equal(code, isFirstFound || isLastFound ? 1 : 4);
}

describe('limits', function () {
  this.timeout(60_000);
  const files = scratch();
  const pathOf = (plan: ImagePlan): string => files.file(archive(ociLayout(assemble(plan))));

  it('entryBytes: the rest of the entry is not searched, the next entry is', async () => {
    const body = `${first}\n`.padEnd(200_000, '.\n') + last;
    await assertCrossed(pathOf({ layers: [{ entries: [file('a', body)] }] }), 'entryBytes=64k');
    const path = pathOf({ layers: [{ entries: [file('a', `${first}\n`.padEnd(200_000, '.\n')), file('b', last)] }] });
    const { report } = await scan(path, ['--limit', 'entryBytes=64k']);
    assert.equal(findingsOf(report, last).length, 1);
  });

  it('layerBytes: the rest of the layer is not read', async () => {
    const entries = [file('a', first), file('b', Buffer.alloc(3_000_000, '.\n')), file('c', last)];
    await assertCrossed(pathOf({ layers: [{ entries, compression: 'gzip' }] }), 'layerBytes=1M');
  });

  it('manifestBytes: a config that is larger is not parsed, but searched as text', async () => {
    const plan = { layers: [{ entries: [file('a', first)] }], config: { Env: [`T=${last}`, `FILLER=${'x'.repeat(100_000)}`] } };
    await assertCrossed(pathOf(plan), 'manifestBytes=50k', { isLastFound: true });
  });

  it('indexDepth: manifests that stand deeper are not read', async () => {
    const image = assemble({ layers: [{ entries: [file('a', `${first} ${last}`)] }] });
    const path = files.file(archive(nestedLayout([image], 'latest', 5)));
    assert.equal((await scan(path)).code, 1);
    const outcome = await run(['scan', path, '--limit', 'indexDepth=3', '-f', 'json']);
    assert.ok(outcome.code === 3 || outcome.code === 4 || outcome.code === 1, String(outcome.code));
    assert.match(outcome.stdout + outcome.stderr, /deep|indexDepth/);
  });

  it('jsonDepth: a config that is deeper is not parsed, but searched as text', async () => {
    const nested = (depth: number): unknown => (depth === 0 ? { note: last } : { deeper: nested(depth - 1) });
    await assertCrossed(pathOf({ layers: [{ entries: [file('a', first)] }], configFile: { 'com.example': nested(100) } }), 'jsonDepth=50', {
      isLastFound: true,
    });
  });

  it('extendedHeaderBytes: a longer header is searched all the same', async () => {
    const layer = tar(
      pax([
        ['comment', 'x'.repeat(100_000)],
        ['SCHILY.xattr.user.note', ` ${last} `],
      ]),
      file('a', first),
    );
    const { code, report } = await scan(pathOf({ layers: [{ entries: [layer], raw: true }] }), ['--limit', 'extendedHeaderBytes=10k']);
    assert.equal(code, 1);
    for (const token of [first, last]) assert.notDeepEqual(findingsOf(report, token), []);
  });

  it('findings: the first ones are listed, and that there are more', async () => {
    const lines = Array.from({ length: 30 }, (_, index) => githubToken(`of many ${index}`));
    await assertCrossed(pathOf({ layers: [{ entries: [file('a', [first, ...lines, last].join('\n'))] }] }), 'findings=10');
  });

  it('expansionRatio: a layer that swells more is not read to its end', async () => {
    // Asked only once a stream has given a GiB: seventeen frames of 64 MiB.
    const zeros = Buffer.alloc(64 << 20);
    const frame = compressed(zeros, 'zstd');
    const before = tar(file('a', first)).subarray(0, -1024);
    const zerosHeader = header({ name: 'zeros', size: 17 * zeros.length });
    const after = tar(file('z', last));
    const hash = createHash('sha256').update(before).update(zerosHeader);
    for (let count = 0; count < 17; count++) hash.update(zeros);
    const layer: LayerPlan = {
      entries: [],
      compression: () =>
        Buffer.concat([
          compressed(Buffer.concat([before, zerosHeader]), 'zstd'),
          ...Array.from({ length: 17 }, () => frame),
          compressed(after, 'zstd'),
        ]),
      mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd',
      diffId: `sha256:${hash.update(after).digest('hex')}`,
    };
    await assertCrossed(pathOf({ layers: [layer] }), 'expansionRatio=100');
  });

  it('is incomplete, and an error only when that is asked for', async () => {
    const path = pathOf({ layers: [{ entries: [file('a', Buffer.alloc(200_000, '.\n'))] }] });
    assert.equal((await run(['scan', path, '--limit', 'entryBytes=64k'])).code, 0);
    assert.equal((await run(['scan', path, '--limit', 'entryBytes=64k', '--fail-on-incomplete'])).code, 4);
    const text = await run(['scan', path, '--limit', 'entryBytes=64k']);
    assert.match(text.stdout, /entryBytes|65536/);
  });

  it('that does not exist, or has no number, is wrong usage', async () => {
    const path = pathOf({ layers: [{ entries: [file('a', 'a')] }] });
    for (const limit of ['patience=3', 'entryBytes=lots', 'entryBytes', '__proto__=1']) {
      const outcome = await run(['scan', path, '--limit', limit]);
      assert.equal(outcome.code, 2, outcome.stderr);
    }
  });
});
