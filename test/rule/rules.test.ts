// The packaged rules, proved by the same function as `unbake rules check`.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { checkRules } from '../../src/rule/check-rules.ts';
import { breakMark } from '../../src/rule/examples.ts';
import { packagedRules } from '../../src/rule/packaged-rules.ts';
import { readRuleSources } from '../../src/rule/rule-sources.ts';

describe('the packaged rules', () => {
  it('are proved by their own examples', async function () {
    this.timeout(60_000);
    const { problems, rules } = await checkRules(packagedRules);
    assert.deepEqual(
      problems.map(({ file, ruleId, problem }) => `${file} ${ruleId}: ${problem}`),
      [],
    );
    assert.ok(rules > 100, `${rules} rules`);
  });

  it('fit the published JSON schema', async () => {
    const validate = new Ajv({ allErrors: true }).compile(JSON.parse(readFileSync(join(packagedRules, 'schema.json'), 'utf8')));
    for (const { file, source } of await readRuleSources(packagedRules)) {
      assert.ok(validate(parse(source)), `${file}: ${JSON.stringify(validate.errors)}`);
    }
  });

  it('break every long example token, so that no scanner finds one in this repository', async () => {
    for (const { file, source } of await readRuleSources(packagedRules)) {
      const lists = (parse(source) as { rules: { id: string; examples: (string | { text?: string; base64?: string })[] }[] }).rules;
      for (const { id, examples } of lists) {
        const isBroken = examples.every(
          (example) => (typeof example === 'string' ? example : (example.text ?? example.base64))?.includes(breakMark) === true,
        );
        assert.ok(isBroken, `${file} ${id}: an example without ${breakMark}`);
      }
    }
  });
});
