// What is wrong in a rule file is said with file, rule and field.
import assert from 'node:assert/strict';
import { stringify } from 'yaml';
import { pathMatcher } from '../../src/rule/path-matcher.ts';
import { parseRuleFile } from '../../src/rule/rule-sources.ts';

const good = {
  id: 'acme-token',
  name: 'Acme token',
  pattern: String.raw`\<acme_(?<secret>[a-z0-9]{16})\>`,
  keywords: ['acme_'],
  severity: 'high',
  confidence: 'medium',
  description: 'A token.',
  advice: 'Revoke it. See https://acme.example/',
  references: ['https://acme.example/'],
  examples: ['acme_k3v9x2m8<|>q4t7w1z6', { path: 'app/x', text: 'a acme_z3v9x2m8<|>q4t7w1z6' }],
  counterExamples: ['acme_short'],
};

function problemOf(change: Record<string, unknown>): string {
  const { problems } = parseRuleFile(stringify({ rules: [{ ...good, ...change }] }), 'acme.yml');
  assert.equal(problems.length, 1);
  assert.equal(problems[0]!.code, 'usage');
  return problems[0]!.message;
}

describe('parseRuleFile', () => {
  it('reads a rule, removes the break mark and takes default reach', () => {
    const { rules, problems } = parseRuleFile(stringify({ rules: [good] }), 'acme.yml');
    assert.deepEqual(problems, []);
    assert.equal(rules[0]!.info.id, 'acme-token');
    assert.equal(rules[0]!.examples[0]!.text, 'acme_k3v9x2m8q4t7w1z6');
    assert.deepEqual(rules[0]!.examples[1], { path: 'app/x', text: 'a acme_z3v9x2m8q4t7w1z6' });
    assert.deepEqual(rules[0]!.reach, { before: 256, after: 1024 });
    assert.equal(rules[0]!.pattern.flags, 'gmu');
  });

  it('lets a file give defaults', () => {
    const { severity: _, ...rest } = good;
    const { rules } = parseRuleFile(stringify({ defaults: { severity: 'low' }, rules: [rest] }), 'acme.yml');
    assert.equal(rules[0]!.info.severity, 'low');
  });

  it('asks for no examples and no advice of rules that were imported', () => {
    const { examples: _e, counterExamples: _c, advice: _a, references: _r, ...rest } = good;
    const { rules, problems } = parseRuleFile(stringify({ imported: true, rules: [rest] }), 'acme.yml');
    assert.deepEqual(problems, []);
    assert.ok(rules[0]!.isImported);
    assert.match(rules[0]!.info.advice, /Revoke or rotate it/);
    assert.equal(parseRuleFile(stringify({ rules: [rest] }), 'acme.yml').problems.length, 1);
    assert.match(parseRuleFile(stringify({ imported: 'yes', rules: [good] }), 'acme.yml').problems[0]!.message, /"imported" must be true or false/);
  });

  it('takes globs and regular expressions as paths', () => {
    const { rules } = parseRuleFile(stringify({ rules: [{ ...good, paths: ['*.env', '/(?i)^etc\\/.*\\.conf$/'] }] }), 'acme.yml');
    const looksAt = pathMatcher(rules[0]!.paths);
    for (const path of ['.env', 'app.ENV', 'etc/a/b.conf', 'ETC/x.CONF']) assert.ok(looksAt(path), path);
    for (const path of ['a/env', 'x/etc/a.conf', 'etc/a.conf2']) assert.ok(!looksAt(path), path);
    assert.match(problemOf({ paths: ['/(/'] }), /field "paths" is not a usable regular expression/);
  });

  const wrong: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
    ['an unknown field', { colour: 'red' }, /rule acme-token in acme\.yml: field "colour" is unknown/],
    ['a missing field', { name: undefined }, /field "name" is missing/],
    ['a wrong word', { severity: 'urgent' }, /field "severity" must be one of info, low/],
    ['a pattern that is none', { pattern: '(' }, /field "pattern" is not a usable regular expression/],
    ['a pattern that matches nothing at all', { pattern: 'a*' }, /it matches the empty text/],
    ['an escape without a meaning', { pattern: String.raw`acme\_x` }, /field "pattern"/],
    ['a keyword that is too short', { keywords: ['ac'] }, /field "keywords" must be of 3 characters/],
    ['no keyword', { keywords: [] }, /field "keywords" must name/],
    ['one example only', { examples: ['a'] }, /field "examples" must be a list of 2/],
    ['an unknown check', { checks: ['magic'] }, /unknown check "magic"/],
    ['a reach beyond reason', { reach: { before: 1, after: 1e9 } }, /field "after" must be a whole number/],
    ['an id with capitals', { id: 'AcmeToken' }, /field "id" must be lower-case/],
  ];
  for (const [what, change, expected] of wrong) {
    it(`names ${what}`, () => assert.match(problemOf(change), expected));
  }

  it('keeps the good rules beside a wrong one', () => {
    const { rules, problems } = parseRuleFile(stringify({ rules: [{ ...good, severity: 'x' }, good] }), 'acme.yml');
    assert.equal(rules.length, 1);
    assert.equal(problems.length, 1);
  });

  for (const text of ['', '[]', 'rules: 3', 'rules:\n - 1', '{', 'rules: [{id: __proto__}]']) {
    it(`answers ${JSON.stringify(text)} with a problem`, () => assert.ok(parseRuleFile(text, 'x.yml').problems.length > 0));
  }
});
