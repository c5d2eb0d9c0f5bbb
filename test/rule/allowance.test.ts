// What a rule or its file allows is not found: by value, match, line, word and path.
import assert from 'node:assert/strict';
import { stringify } from 'yaml';
import { parseRuleFile } from '../../src/rule/rule-sources.ts';
import { sightingsOf } from '../../src/rule/sighting.ts';

const base = {
  id: 'acme-token',
  name: 'Acme token',
  pattern: 'key=(?<secret>[a-z0-9]{8})',
  keywords: ['key='],
  severity: 'high',
  confidence: 'medium',
  description: 'A token.',
};

/** The values that are found, with this as `allow` of the rule and of its file. */
function found(text: string, allow: object | undefined, name = 'app/x', ofFile?: object): readonly string[] {
  const { rules, problems } = parseRuleFile(stringify({ imported: true, allow: ofFile ?? [], rules: [{ ...base, allow: allow ?? [] }] }), 'a.yml');
  assert.deepEqual(problems, []);
  return sightingsOf(rules[0]!, text, name).map(({ start, end }) => text.slice(start, end));
}

describe('allow', () => {
  const text = 'one key=aaaa0001\ntwo key=bbbb0002 # test\n';

  it('drops nothing when it is not there', () => assert.deepEqual(found(text, undefined), ['aaaa0001', 'bbbb0002']));

  it('drops by the value, by the match and by the line, each for itself', () => {
    assert.deepEqual(found(text, { patterns: ['^aaaa'] }), ['bbbb0002']);
    assert.deepEqual(found(text, { patterns: ['key='] }).length, 2, 'the name is no part of the value');
    assert.deepEqual(found(text, { matches: ['^key=b'] }), ['aaaa0001']);
    assert.deepEqual(found(text, { matches: ['two'] }).length, 2, 'what stands before the match is no part of it');
    assert.deepEqual(found(text, { lines: ['^two.*# test$'] }), ['aaaa0001']);
    assert.deepEqual(found(text, { lines: ['(?i)ONE'] }), ['bbbb0002']);
  });

  it('drops by words in the value, in any case', () => assert.deepEqual(found(text, { words: ['AAA0'] }), ['bbbb0002']));

  it('drops by globs and regular expressions for paths', () => {
    for (const paths of [['app/**'], ['*.md', 'app/*'], ['/^app/'], ['/(?i)\\/X$/']]) assert.deepEqual(found(text, { paths }), [], paths.join());
    for (const paths of [['etc/**'], ['/^x/'], ['/\\/X$/']]) assert.equal(found(text, { paths }).length, 2, paths.join());
  });

  it('is content with one list that fits, unless all must', () => {
    const both = { words: ['aaaa'], paths: ['test/**'] };
    assert.deepEqual(found(text, both), ['bbbb0002']);
    assert.deepEqual(found(text, both, 'test/y'), []);
    assert.equal(found(text, { ...both, all: true }).length, 2);
    assert.deepEqual(found(text, { ...both, all: true }, 'test/y'), ['bbbb0002']);
  });

  it('may be several, and may stand in the file for all its rules', () => {
    assert.deepEqual(found(text, [{ words: ['aaaa'] }, { lines: ['test'] }]), []);
    assert.deepEqual(found(text, { words: ['aaaa'] }, 'app/x', { lines: ['test'] }), []);
  });

  it('goes on behind what it dropped', () => assert.deepEqual(found('key=key=aaaa0001', { patterns: ['^key'] }), ['aaaa0001']));

  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [3, /field "allow" must be a mapping/],
    [{}, /field "allow" must hold a list/],
    [{ all: true }, /field "allow" must hold a list/],
    [{ value: ['x'] }, /field "value" is unknown; known are patterns, matches, lines/],
    [{ patterns: ['('] }, /field "patterns" is not a usable regular expression/],
    [{ lines: ['x*'] }, /field "lines" .*empty text/],
    [{ paths: ['/(/'] }, /field "paths" is not a usable/],
    [{ words: 'x' }, /field "words" must be a list/],
    [{ words: ['x'], all: 1 }, /field "all" must be true or false/],
  ];
  for (const [allow, expected] of wrong) {
    it(`names what is wrong in ${JSON.stringify(allow)}`, () => {
      for (const document of [
        { imported: true, rules: [{ ...base, allow }] },
        { imported: true, allow, rules: [base] },
      ]) {
        assert.match(parseRuleFile(stringify(document), 'a.yml').problems[0]!.message, expected);
      }
    });
  }
});
