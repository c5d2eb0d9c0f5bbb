// Large numbers of everything: hits, entries, links, values. What took the square of them would not end in time.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Hunt } from '../../src/clean/values/hunt.ts';
import { githubToken, password } from '../support/planted.ts';
import { end, file, hardlink } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';
import { cleaned, scanned } from './cleaning.ts';
import { removedAll } from './removed.ts';

const token = githubToken('many');

describe('cleaning many of everything', () => {
  const place = scratch();

  it('copes with 50,000 hits in one file', async () => {
    const text = `GITHUB_TOKEN=${token}\n`.repeat(50_000);
    const { output, report } = await cleaned(place, { layers: [{ entries: [file('log', text)], compression: 'gzip' }] });
    assert.deepEqual(
      report.plan.steps.map((step) => 'places' in step && step.places),
      [50_000],
    );
    assert.deepEqual((await scanned(output)).report.findings, []);
  });

  it('copes with 130,000 hits outside of all entries', async () => {
    const behind = Buffer.from(`${token}\n`.repeat(130_000));
    const { output } = await cleaned(
      place,
      { layers: [{ entries: [file('a', 'x'), end(), behind], raw: true, compression: 'gzip' }] },
      { allowUnread: true },
    );
    assert.deepEqual((await scanned(output)).report.findings, []);
  });

  it('copes with 5,000 hard links to one file, in a row and in a chain', async () => {
    const links = Array.from({ length: 5000 }, (_, index) =>
      hardlink(`links/${index}`, index % 2 === 0 || index === 0 ? 'target' : `links/${index - 1}`),
    );
    const { report } = await cleaned(place, { layers: [{ entries: [file('target', `GITHUB_TOKEN=${token}\n`), ...links], compression: 'gzip' }] });
    assert.deepEqual(
      report.plan.steps.map((step) => 'names' in step && step.names.length),
      [5000],
    );
  });

  it('copes with 3,000 files that hold a value, and with as many that are dropped', async () => {
    const files = Array.from({ length: 3000 }, (_, index) => file(`d${index % 100}/f${index}`, `GITHUB_TOKEN=${token}\n`));
    for (const paths of [[], ['d*']]) {
      const { output } = await cleaned(place, { layers: [{ entries: files, compression: 'gzip' }] }, { selection: { paths } });
      const after = await scanned(output);
      assert.deepEqual(after.report.findings, []);
      assert.equal([...after.layers.values()][0].entries.length, paths.length === 0 ? files.length : 0);
      rmSync(join(output));
    }
  });

  it('looks for 5,000 values at once', () => {
    const texts = Array.from({ length: 5000 }, (_, index) => `${password('same')}-${password(String(index))}`);
    const hunt = new Hunt(removedAll(...texts));
    const hits = hunt.in(Buffer.from(texts.join('\n')));
    assert.equal(new Set(hits.map(({ value }) => value.id)).size, texts.length);
    assert.deepEqual(hunt.in(Buffer.from(`${password('same')}-`.repeat(10_000))), []);
  });
});
