import assert from 'node:assert/strict';
import { join } from 'node:path';
import { compileRules } from '../../src/rule/compile-rules.ts';
import { readCompiledRules } from '../../src/rule/compiled-rules.ts';
import type { Candidate } from '../../src/rule/check/check.ts';
import { isAllowed } from '../../src/rule/allowance.ts';
import { packagedRules } from '../../src/rule/packaged-rules.ts';
import { readRuleFiles, readRuleSources } from '../../src/rule/rule-sources.ts';
import { occurrencesOf } from '../../src/rule/shape/occurrences.ts';
import { positionsOf } from '../../src/rule/shape/positions.ts';
import { scratch } from '../support/scratch.ts';

describe('compiled rules', () => {
  const temporary = scratch();
  const compiled = (text: string) => readCompiledRules(temporary.file(Buffer.from(text)));

  it('are the rules that they were made of, but for the examples', async () => {
    const files = await readRuleFiles(packagedRules);
    const read = await compiled(compileRules(await readRuleSources(packagedRules)));
    const known = (all: typeof files) =>
      all.map(({ rules, ...file }) => ({
        ...file,
        rules: rules.map(({ info, pattern, reach, paths, checks, allow, isGeneric, isImported, file: ofRule }) => ({
          info, pattern, reach, paths, checks, allow: allow.length, isGeneric, isImported, file: ofRule,
        })), // prettier-ignore
      }));
    assert.deepEqual(known(read!), known(files));
    assert.ok(read!.every(({ rules }) => rules.every(({ examples, counterExamples }) => examples.length + counterExamples.length === 0)));
  });

  it('know where their keywords stand, as it is found out anew', async () => {
    const read = (await compiled(compileRules(await readRuleSources(packagedRules))))!.flatMap(({ rules }) => rules);
    for (const { info, pattern, occurrences } of read) assert.deepEqual(occurrences, occurrencesOf(positionsOf(pattern)!, info.keywords), info.id);
    assert.ok(read.length > 1000);
  });

  it('allow what the rule and its file allow', async () => {
    const source = `
allow: { words: [sample] }
defaults: { severity: low }
rules:
  - id: acme-token
    name: Acme token
    pattern: ' (?i)acme_[a-z0-9]{16} '
    keywords: [acme_]
    confidence: high
    description: A token of Acme.
    advice: Revoke it.
    allow: [{ paths: ['docs/**'] }]
    examples: [acme_k3v9x2m8q4t7w1z6, acme_z3v9x2m8q4t7w1z6]
    counterExamples: [acme_short]
`;
    const rule = (await compiled(compileRules([{ file: 'acme.yml', source }])))![0]!.rules[0]!;
    assert.deepEqual([rule.info.severity, rule.pattern.source, rule.pattern.flags], ['low', 'acme_[a-z0-9]{16}', 'gimu']);
    const at = (secret: string, name: string): Candidate => ({ secret, groups: {}, text: secret, index: 0, start: 0, end: secret.length, name });
    const isLeft = (secret: string, name: string) => !isAllowed(at(secret, name), secret, rule.allow);
    assert.deepEqual(
      [isLeft('acme_k3v9x2m8q4t7w1z6', 'a.txt'), isLeft('acme_k3v9x2m8q4t7w1z6', 'docs/a'), isLeft('acme_sample4t7w1z60', 'a.txt')],
      [true, false, false],
    );
  });

  it('need not be there', async () => {
    assert.equal(await readCompiledRules(join(temporary.newFolder(), 'rules.json')), undefined);
  });

  it('are not made of a file with a problem', () => {
    assert.throws(() => compileRules([{ file: 'acme.yml', source: 'rules: [{ id: acme-token }]' }]), {
      code: 'usage',
      message: /acme-token in acme\.yml/,
    });
  });
});
