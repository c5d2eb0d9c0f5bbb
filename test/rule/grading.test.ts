// Rules that the user adds and grades, as they are listed and as they find.
import assert from 'node:assert/strict';
import { loadRuleset } from '../../src/rule/ruleset.ts';
import { githubToken, privateKey } from '../support/planted.ts';

const acme = {
  id: 'acme-token',
  name: 'Acme token',
  pattern: 'acme_(?<secret>[a-z0-9]{16})',
  keywords: ['acme_'],
  severity: 'high',
  confidence: 'high',
  description: 'A token.',
  advice: 'Revoke it. See https://acme.example/',
  checks: ['varied'],
  examples: ['acme_k3v9x2m8<|>q4t7w1z6', 'acme_z3v9x2m8<|>q4t7w1z6'],
  counterExamples: ['acme_short'],
};
const added = { file: 'unbake.config.yml', rules: [acme] };

describe('grades', () => {
  it('change what a rule is listed with and what it finds', async () => {
    const set = await loadRuleset({ enable: ['github-token'], grades: [{ rules: 'github-token', severity: 'low', confidence: 'low' }] });
    const info = set.rules.find(({ id }) => id === 'github-token')!;
    assert.deepEqual([info.severity, info.confidence], ['low', 'low']);
    const { detections } = await set.detect(`token ${githubToken('graded')}`, 'app/x', set.detectors.keys());
    assert.deepEqual(
      detections.map(({ ruleId, severity, confidence }) => [ruleId, severity, confidence]),
      [['github-token', 'low', 'low']],
      'a checksum that fits does not raise the confidence above the grade',
    );
  });

  it('hold for globs, a later one wins, and a field that it does not name stays', async () => {
    const grades = [
      { rules: 'github-*', severity: 'low' },
      { rules: 'github-token', severity: 'critical' },
    ] as const;
    const set = await loadRuleset({ grades, enable: ['github-*', 'gitlab-*'] });
    for (const { id, severity, confidence } of set.rules.filter((rule) => rule.id.startsWith('github-'))) {
      assert.equal(severity, id === 'github-token' ? 'critical' : 'low', id);
      const plain = (await loadRuleset({ enable: [id] })).rules[0]!;
      assert.equal(confidence, plain.confidence, id);
    }
  });

  it('are lowered by a check', async () => {
    const set = await loadRuleset({ added, grades: [{ rules: 'acme-token', severity: 'critical' }] });
    const severityIn = async (text: string) => (await set.detect(text, 'app/x', set.detectors.keys())).detections[0]?.severity;
    assert.equal(await severityIn('acme_k3v9x2m8q4t7w1z6'), 'critical');
    assert.equal(await severityIn('acme_abcdefghijklmnop'), 'low', 'it looks made up');
  });

  it('reach the rules of secretlint too', async () => {
    const set = await loadRuleset({ grades: [{ rules: 'secretlint/*', severity: 'info', confidence: 'low' }] });
    for (const { origin, severity, confidence } of set.rules.filter((rule) => rule.origin === 'secretlint')) {
      assert.deepEqual([origin, severity, confidence], ['secretlint', 'info', 'low']);
    }
  });

  it('must be for a rule that there is', async () => {
    await assert.rejects(loadRuleset({ grades: [{ rules: 'github-tokn', severity: 'low' }] }), /there is no rule "github-tokn"/);
  });

  it('make another set', async () => {
    const hashes = await Promise.all(
      [{}, { added }, { grades: [{ rules: 'github-token', severity: 'low' }] as const }].map((options) => loadRuleset(options)),
    );
    assert.equal(new Set(hashes.map(({ hash }) => hash)).size, 3);
  });
});

describe('rules that are added', () => {
  it('find, beside ours', async () => {
    const set = await loadRuleset({ added });
    const text = `acme_k3v9x2m8q4t7w1z6\n${privateKey('ed25519')}`;
    const { detections } = await set.detect(text, 'app/x', set.detectors.keys());
    assert.deepEqual(detections.map(({ ruleId }) => ruleId).sort(), ['acme-token', 'private-key']);
    assert.equal(set.rules.find(({ id }) => id === 'acme-token')!.origin, 'user');
  });

  it('take the place of one with the same id', async () => {
    const set = await loadRuleset({ added: { ...added, rules: [{ ...acme, id: 'github-token' }] } });
    assert.deepEqual(
      set.rules.filter(({ id }) => id === 'github-token').map(({ name }) => name),
      ['Acme token'],
    );
  });

  it('are refused with the file, the rule and the field', async () => {
    await assert.rejects(
      loadRuleset({ added: { ...added, rules: [{ ...acme, severity: 'bad' }] } }),
      /rule acme-token in unbake\.config\.yml: field "severity"/,
    );
    await assert.rejects(loadRuleset({ added: { ...added, rules: [3] } }), /rule number 1 in unbake\.config\.yml/);
  });
});
