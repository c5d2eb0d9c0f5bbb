// What counts and what does not, and that nothing is left out in silence.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Finding } from '../../src/model/finding.ts';
import { isAtLeast, severities } from '../../src/model/severity.ts';
import { parseIgnoreFile } from '../../src/judge/ignorefile.ts';
import { defaultFailOn, judge, type Policy } from '../../src/judge/judge.ts';
import { file, finding, report, rule } from '../report/sample-report.ts';

const now = new Date('2026-11-21T12:00:00Z');

function judged(findings: readonly Finding[], policy: Partial<Policy> = {}) {
  return judge(report({ findings, rules: [rule()] }), { failOn: 'low', now, ...policy });
}

const ignoring = (text: string) => ({ ignoreFile: parseIgnoreFile(text, '.unbakeignore') });
const baseline = (...fingerprints: string[]) => ({ baseline: { name: 'old.json', fingerprints: new Set(fingerprints) } });

describe('the judge', () => {
  it('counts by default everything above info', () => {
    const findings = severities.map((severity) => finding({ severity }));
    assert.deepEqual(judged(findings, { failOn: defaultFailOn }).verdict, { failOn: 'low', counted: 4, complete: true });
    assert.equal(judged(findings, { failOn: 'high' }).verdict.counted, 2);
    assert.equal(judged(findings, { failOn: 'info' }).verdict.counted, 5);
  });

  it('suppresses by baseline and ignore file, which goes first for its reason', () => {
    const { findings, verdict } = judged(
      [finding(), finding({ fingerprint: 'aaaaaaaaaaaaaaaa', place: file('/b') }), finding({ fingerprint: 'bbbbbbbbbbbbbbbb', place: file('/c') })],
      {
        ...ignoring('0123456789abcdef -- a sample'),
        ...baseline('0123456789abcdef', 'aaaaaaaaaaaaaaaa'),
      },
    );
    assert.deepEqual(
      findings.map(({ suppression }) => suppression),
      [{ by: 'ignorefile', reason: 'a sample' }, { by: 'baseline' }, undefined],
    );
    assert.equal(verdict.counted, 1);
  });

  it('lets an entry expire at the beginning of its day, in UTC, and says so', () => {
    const at = (time: string) => judged([finding()], { ...ignoring('* ** exp:2027-01-01'), now: new Date(time) });
    const before = at('2026-12-31T23:59:59.999Z');
    assert.equal(before.verdict.counted, 0);
    assert.deepEqual(before.notices, []);
    const after = at('2027-01-01T00:00:00Z');
    assert.equal(after.verdict.counted, 1);
    assert.deepEqual(after.notices, [{ place: '.unbakeignore, line 1', detail: 'expired on 2027-01-01 and suppresses nothing any more' }]);
  });

  it('tells of entries that match nothing, but not of those that match what another one matches', () => {
    const { notices } = judged([finding()], ignoring('* **\ngithub-token app/**\naaaaaaaaaaaaaaaa'));
    assert.deepEqual(notices, [{ place: '.unbakeignore, line 3', detail: 'matches no finding' }]);
  });

  it('leaves findings below the least severity out, and counts them in a notice', () => {
    const { findings, notices, verdict, rules } = judged(
      [finding({ severity: 'high', ruleId: 'other' }), finding({ severity: 'low' }), finding({ severity: 'low' }), finding({ severity: 'info' })],
      { severity: 'medium' },
    );
    assert.deepEqual(
      findings.map(({ severity }) => severity),
      ['high'],
    );
    assert.deepEqual(notices, [{ place: '--severity', detail: 'findings below medium are left out of this report: 2 low, 1 info' }]);
    assert.deepEqual(verdict, { failOn: 'medium', counted: 1, complete: true });
    assert.deepEqual(rules, []);
  });

  it('does not call an ignore entry useless that matches what is left out', () => {
    const { notices } = judged([finding({ severity: 'info' })], { severity: 'low', ...ignoring('0123456789abcdef') });
    assert.deepEqual(
      notices.map(({ place }) => place),
      ['--severity'],
    );
  });

  it('calls a scan complete only when nothing was skipped', () => {
    const skipped = [{ reason: 'limit' as const, place: 'a', detail: 'b' }];
    assert.equal(judge(report({ skipped }), { failOn: 'low', now }).verdict.complete, false);
    assert.equal(judge(report(), { failOn: 'low', now }).verdict.complete, true);
  });

  it('keeps notices of the scan, and does not touch what it is given', () => {
    const scanned = Object.freeze(
      report({ findings: Object.freeze([Object.freeze(finding())]), notices: Object.freeze([{ place: 'a', detail: 'b' }]) }),
    );
    assert.deepEqual(judge(scanned, { failOn: 'low', now, ...ignoring('* **') }).notices, [{ place: 'a', detail: 'b' }]);
  });

  it('reports or counts as left out every finding, and counts only what is reported', () => {
    const policies = fc.record({ failOn: fc.constantFrom(...severities), severity: fc.constantFrom(...severities), ignored: fc.boolean() });
    const lists = fc.array(fc.constantFrom(...severities), { maxLength: 30 });
    fc.assert(
      fc.property(policies, lists, ({ failOn, severity, ignored }, list) => {
        const result = judged(
          list.map((severity) => finding({ severity })),
          { failOn, severity, ...(ignored ? ignoring('* **') : {}) },
        );
        const left = (result.notices.find(({ place }) => place === '--severity')?.detail.match(/\d+/g) ?? []).reduce(
          (sum, digits) => sum + Number(digits),
          0,
        );
        assert.equal(result.findings.length + left, list.length);
        const counting = list.filter((each) => isAtLeast(each, failOn) && isAtLeast(each, severity)).length;
        assert.equal(result.verdict.counted, ignored ? 0 : counting);
      }),
      { numRuns: 200 },
    );
  });
});
