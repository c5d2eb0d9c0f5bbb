// `unbake rules check` on folders with something wrong in them.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { checkRules, hasKeyword } from '../../src/rule/check-rules.ts';

const rule = {
  id: 'acme-token',
  name: 'Acme token',
  pattern: 'acme_[a-z0-9]{16}',
  keywords: ['acme_'],
  severity: 'high',
  confidence: 'medium',
  description: 'A token.',
  advice: 'Revoke it. See https://acme.example/',
  references: ['https://acme.example/'],
  examples: ['acme_k3v9x2m8<|>q4t7w1z6', 'acme_z3v9x2m8<|>q4t7w1z6'],
  counterExamples: ['acme_short'],
};

describe('checkRules', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'unbake-rules-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  async function problemsOf(...rules: object[]): Promise<string> {
    rules.forEach((content, index) => writeFileSync(join(directory, `${index}.yml`), stringify({ rules: [content] })));
    return (await checkRules(directory)).problems.map(({ file, ruleId, problem }) => `${file} ${ruleId}: ${problem}`).join('\n');
  }

  it('finds nothing wrong in a good folder', async () => assert.equal(await problemsOf(rule), ''));
  it('tells an id that is taken', async () => assert.match(await problemsOf(rule, rule), /1\.yml acme-token: the id is taken by a rule in 0\.yml/));
  it('tells an example that is not found', async () =>
    assert.match(await problemsOf({ ...rule, examples: ['acme_k3v9x2m8<|>q4t7w1z6', 'acme_no'] }), /example 2 is not found/));
  it('tells a counter-example that is found', async () =>
    assert.match(await problemsOf({ ...rule, counterExamples: ['acme_k3v9x2m8q4t7w1z6'] }), /counter-example 1 is found/));
  it('tells an example without a keyword', async () =>
    assert.match(await problemsOf({ ...rule, keywords: ['ACME_'] }), /example 1 holds none of the keywords/));
  it('tells an example beyond the reach', async () =>
    assert.match(await problemsOf({ ...rule, reach: { before: 0, after: 10 } }), /example 1 goes further/));
  it('tells a wrong field', async () => assert.match(await problemsOf({ ...rule, colour: 1 }), /field "colour" is unknown/));
  it('tells a pattern that hostile text slows down', async () => {
    assert.match(await problemsOf({ ...rule, pattern: '(?<secret>acme_(?:[a-z0-9]+)+)!?(?=$|!)' }), /the pattern takes \d+ ms/);
  }).timeout(60_000);

  it('ends a search that would take years', async () => {
    assert.match(await problemsOf({ ...rule, pattern: 'acme_(?:[a-z0-9]|[a-z])+_?$' }), /the pattern takes \d+ ms/);
  }).timeout(60_000);

  it('takes a single file, and tells how many rules were imported', async () => {
    const file = join(directory, 'imported.yml');
    const { examples: _e, counterExamples: _c, advice: _a, ...rest } = rule;
    writeFileSync(file, stringify({ imported: true, rules: [rest, { ...rule, id: 'other' }] }));
    writeFileSync(join(directory, 'wrong.yml'), 'rules: 3');
    assert.deepEqual(await checkRules(file), { files: 1, rules: 2, imported: 2, problems: [] });
    await assert.rejects(checkRules(join(directory, 'nowhere.yml')), /there is no folder of rules/);
  });

  it('matches keywords as the filter does', () => {
    assert.ok(hasKeyword(['acme_'], 'x ACME_y'));
    assert.ok(!hasKeyword(['Acme_'], 'x ACME_y'));
  });
});
