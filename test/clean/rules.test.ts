// Every rule: what it finds in its own examples is written over so that no rule finds anything there any more.
import assert from 'node:assert/strict';
import { packagedRules } from '../../src/rule/packaged-rules.ts';
import { readRulesFolder } from '../../src/rule/rules-folder.ts';
import { file } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';
import { cleaned, scanned } from './cleaning.ts';

describe('cleaning the examples of all rules', () => {
  const place = scratch();

  it('leaves nothing that any rule finds, and all files with their length', async function () {
    this.timeout(120_000);
    const rules = (await readRulesFolder(packagedRules)).flatMap((each) => each.rules);
    const files = rules.flatMap(({ info, examples }) => examples.map(({ text, path }, index) => ({ name: `${info.id}/${index}/${path}`, text })));
    assert.ok(files.length > 200, `${files.length} examples`);
    const { output, report } = await cleaned(
      place,
      { layers: [{ entries: files.map(({ name, text }) => file(name, text)), compression: 'gzip' }] },
      { selection: { only: ['info'] } },
    );
    const after = await scanned(output);
    assert.deepEqual(
      after.report.findings.map(({ ruleId, place: where }) => `${ruleId} in ${'path' in where ? where.path : where.kind}`),
      [],
    );
    const redacted = report.plan.steps.filter(({ kind, treatment }) => kind === 'file' && treatment === 'redact');
    assert.ok(redacted.length > files.length * 0.9, `${redacted.length} files of ${files.length}`);
    const [{ entries }] = after.layers.values();
    assert.deepEqual(
      entries.map(({ size }) => size),
      files.map(({ text }) => Buffer.byteLength(text)),
    );
  });
});
