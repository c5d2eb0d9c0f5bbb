// A file of gitleaks' as a file of ours: what it finds, what it allows, and what is told.
import assert from 'node:assert/strict';
import { stringify } from 'yaml';
import { UnbakeError } from '../../../src/model/error.ts';
import { importGitleaks } from '../../../src/rule/import/import-gitleaks.ts';
import { parseRuleFile } from '../../../src/rule/rule-sources.ts';
import { pathMatcher } from '../../../src/rule/path-matcher.ts';
import { sightingsOf } from '../../../src/rule/sighting.ts';

const value = ['k3v9x2m8', 'q4t7w1z6'].join('');

interface Imported {
  readonly ids: readonly string[];
  /** `id: sentence`, or the sentence alone. */
  readonly told: readonly string[];
  readonly rule: (id: string) => Readonly<Record<string, unknown>>;
  /** The values that the rules find in a text, in the order of the rules. */
  readonly found: (text: string, name?: string) => readonly string[];
}

function imported(toml: string): Imported {
  const { document, told } = importGitleaks(toml, '.gitleaks.toml');
  const { rules, problems } = parseRuleFile(stringify(document), 'out.yml');
  assert.deepEqual(problems, [], 'what was written is read again');
  return {
    ids: rules.map(({ info }) => info.id),
    told: told.map(({ about, sentence }) => (about === '' ? sentence : `${about}: ${sentence}`)),
    rule: (id) => document.rules.find((rule) => rule['id'] === id)!,
    found: (text, name = 'app/x') =>
      rules
        .filter(({ paths }) => pathMatcher(paths)(name))
        .flatMap((rule) => sightingsOf(rule, text, name).map(({ start, end }) => text.slice(start, end))),
  };
}

const rule = (fields: string, id = 'acme') => `[[rules]]\nid = "${id}"\n${fields}\n`;
const acme = rule(`description = "Acme token"\nregex = '''(?i)acme_([a-z0-9]{16})\\b'''\nkeywords = ["Acme_"]`);

describe('importGitleaks', () => {
  it('carries a rule over, and makes up severity and advice alone', () => {
    const { rule: of, told, found } = imported(acme);
    assert.deepEqual(of('acme'), {
      id: 'acme',
      name: 'Acme',
      pattern: String.raw`(?i)acme_(?<secret>[a-z0-9]{16})\b`,
      keywords: ['acme_'],
      description: 'Acme token',
    });
    assert.deepEqual(told, []);
    assert.deepEqual(found(`x ACME_${value} y`), [value]);
  });

  it('takes the group that is the secret, else the first that took part, else all', () => {
    const of = (fields: string) => imported(rule(fields)).found(`user:acme_${value}`);
    assert.deepEqual(of(`regex = '(user):(acme_([a-z0-9]{16}))'\nsecretGroup = 2`), [`acme_${value}`]);
    assert.deepEqual(of(`regex = '(?:nobody(x)|user:acme_([a-z0-9]{16}))'`), [value]);
    assert.deepEqual(of(`regex = 'acme_[a-z0-9]{16}'`), [`acme_${value}`]);
    const none = imported(rule(`regex = 'acme_[a-z0-9]{16}'\nsecretGroup = 1`));
    assert.deepEqual([none.ids, none.told], [[], ['acme: not imported: secretGroup 1 is no group of its regex']]);
  });

  it('carries entropy and path over', () => {
    const { found } = imported(rule(`regex = 'acme_([a-z0-9]{16})'\nentropy = 3\npath = '(?i)\\.env$'`));
    assert.deepEqual(found(`acme_${value}`, 'app/.ENV'), [value]);
    assert.deepEqual(found(`acme_${value}`, 'app/env'), []);
    assert.deepEqual(found('acme_aaaaaaaabbbbbbbb', 'app/.env'), []);
  });

  describe('keywords', () => {
    const of = (regex: string, keywords: string) => imported(rule(`regex = '${regex}'\nkeywords = ${keywords}`));
    it('are taken as they are when every match holds one', () =>
      assert.deepEqual(of('(?:acme|zeta)_[0-9]{9}', '["ACME", "zeta"]').rule('acme')['keywords'], ['acme', 'zeta']));
    it('are those of the regex when there are none, or too short ones', () => {
      for (const given of ['[]', '["ac"]']) {
        const { rule: one, told } = of('(?:acme|zeta)_[0-9]{9}', given);
        assert.deepEqual([one('acme')['keywords'], told], [['acme_', 'zeta_'], []]);
      }
    });
    it('are those of the regex when they need not stand in a match, and that is told', () => {
      const { rule: one, told } = of('acme_[0-9]{9}', '["zeta"]');
      assert.deepEqual(one('acme')['keywords'], ['acme_']);
      assert.match(told.join(), /acme: its keywords need not stand near a match; here "acme_" of its regex must/);
    });
    it('reach further when nothing of the regex can stand for them', () => {
      const { rule: one, told } = of('[0-9a-f]{32}', '["acme"]');
      assert.deepEqual([one('acme')['keywords'], one('acme')['reach']], [['acme'], { before: 8192, after: 8192 }]);
      assert.match(told.join(), /up to 8192 characters away/);
    });
    it('must be had: a rule that would see every text is not imported', () => {
      for (const [given, why] of [
        ['[]', /would see every text/],
        ['["ac"]', /shorter than 3 characters/],
      ] as const) {
        const { ids, told } = of('[0-9a-f]{32}', given);
        assert.deepEqual(ids, []);
        assert.match(told.join(), why);
      }
    });
  });

  it('gives long matches the reach that they need', () => {
    const key = imported(rule(String.raw`regex = '-----BEGIN ACME[\s\S]{64,}?-----END'`)).rule('acme');
    assert.ok((key['reach'] as { after: number }).after > 8000);
    assert.equal(imported(acme).rule('acme')['reach'], undefined);
  });

  describe('allowlists', () => {
    const text = `one acme_${value}\n`;
    const withList = (list: string, global = '') => imported(`${global}\n${acme}${list}`);
    const isFound = (list: string, name = 'app/x', global = '') => withList(list, global).found(text, name).length === 1;

    it('are held against value, match or line, paths and words', () => {
      assert.ok(!isFound(`[rules.allowlist]\nregexes = ['^k3v9']`));
      assert.ok(isFound(`[[rules.allowlists]]\nregexes = ['acme']`));
      assert.ok(!isFound(`[[rules.allowlists]]\nregexTarget = "match"\nregexes = ['acme']`));
      assert.ok(!isFound(`[[rules.allowlists]]\nregexTarget = "line"\nregexes = ['one']`));
      assert.ok(!isFound(`[[rules.allowlists]]\nstopwords = ["K3V9"]`));
      assert.ok(!isFound(`[[rules.allowlists]]\npaths = ['^app/']`));
      assert.ok(isFound(`[[rules.allowlists]]\npaths = ['^app/']`, 'srv/app/x'));
    });

    it('hold for all rules of the file, or for those that they name', () => {
      assert.ok(!isFound('', 'app/x', `[allowlist]\npaths = ['^app/']`));
      assert.ok(!isFound('', 'app/x', `[[allowlists]]\ntargetRules = ["acme"]\nstopwords = ["k3v"]`));
      assert.ok(isFound('', 'app/x', `[[allowlists]]\ntargetRules = ["zeta"]\nstopwords = ["k3v"]`));
      assert.match(
        withList('', `[[allowlists]]\ntargetRules = ["zeta"]\nstopwords = ["k3v"]`).told.join(),
        /for the rule "zeta", which the file does not have/,
      );
    });

    it('hold as a whole with AND, and are left out when a part of them is lost', () => {
      const both = `[[rules.allowlists]]\ncondition = "AND"\nstopwords = ["k3v"]\npaths = ['^test/']`;
      assert.ok(isFound(both));
      assert.ok(!isFound(both, 'test/x'));
      const lost = `${both}\ncommits = ["abc"]`;
      assert.ok(isFound(lost, 'test/x'));
      assert.match(withList(lost).told.join(), /left out as all of it must hold, has commits/);
      assert.ok(!isFound(lost.replace('"AND"', '"OR"'), 'test/x'));
    });

    it('lose a regex that JavaScript cannot say or that hides everything, and say so', () => {
      const { told, found } = withList(`[[rules.allowlists]]\nregexes = ['\\C', '', 'x*', '(?:y+)+z', 'zzz']`);
      assert.equal(found(text).length, 1);
      assert.match(told.join('\n'), /one of its regexes: the escape "\\C"/);
      assert.match(told.join('\n'), /one of its regexes: it matches the empty text/);
    });
  });

  it('tells all else that it leaves out, in a line each', () => {
    const { told, ids } = imported(`
title = "ours"
colour = "red"
[extend]
useDefault = true
path = "base.toml"
disabledRules = ["a"]
${rule(`regex = 'acme_[0-9]{8}'\ntags = ["a"]\nseverity = "high"`, 'Acme_Key')}
[[rules.required]]
id = "zeta"
${rule(`path = '\\.p12$'`, 'names')}
${rule(`regex = 'zeta_[0-9]{8}'\nskipReport = true`, 'zeta')}
${rule(`regex = 'zeta_[0-9'`, 'broken')}
${rule(`regex = '^beta_[0-9]{8}'`, 'beta')}
${rule(`regex = 'acme_[0-9]{8}'`, 'acme-key')}
[[rules]]
description = "nothing"
`);
    assert.deepEqual(ids, ['acme-key', 'beta']);
    const expected = [
      /^extend\.useDefault is not followed/,
      /^extend\.path and extend\.url are not followed/,
      /^extend\.disabledRules is not followed/,
      /^the field "colour" is not carried over/,
      /^the tags of 1 of its rules/,
      /^acme-key: its id was "Acme_Key"/,
      /^acme-key: it is found also where the rules that it requires/,
      /^acme-key: the field "severity" is not carried over/,
      /^names: not imported: it asks for the names of files alone/,
      /^zeta: not imported: it reports nothing itself/,
      /^broken: not imported: a "\[" is not closed/,
      /^beta: "\^" and "\\A"/,
      /^acme-key: not imported: another rule has this id/,
      /^rule-7: not imported: it has no regex/,
    ];
    assert.equal(told.length, expected.length, told.join('\n'));
    expected.forEach((pattern, index) => assert.match(told[index]!, pattern));
  });

  it('imports nothing that hostile text slows down, and is not slowed down itself', () => {
    for (const regex of ['acme_(a+)+$', '(?:acme_(?:a|aa)+)+!']) {
      const { ids, told } = imported(rule(`regex = '${regex}'`));
      assert.deepEqual(ids, []);
      assert.match(told.join(), /not imported: the pattern takes \d+ ms/);
    }
  });

  for (const text of [
    '',
    'rules = 3',
    '[rules]\na = 1',
    '[[rules',
    'x = ',
    '[[rules]]\nid = 3',
    `a = ${'['.repeat(5000)}`,
    '[[rules]]\nregex = 3\nkeywords = 3\nallowlists = 3',
  ]) {
    it(`answers ${JSON.stringify(text.slice(0, 30))} in words`, () => {
      try {
        assert.deepEqual(imported(text).ids, []);
      } catch (thrown) {
        assert.ok(thrown instanceof UnbakeError, String(thrown));
      }
    });
  }
});
