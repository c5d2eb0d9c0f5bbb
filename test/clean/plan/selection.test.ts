// Which findings are cleaned: what counts, or what was asked for by severity, rule, fingerprint or path.
import assert from 'node:assert/strict';
import { selectFindings, type SelectionRequest } from '../../../src/clean/plan/selection.ts';
import { globMatcher, parseMode } from '../../../src/clean/plan/treatment.ts';
import { UnbakeError } from '../../../src/model/error.ts';
import { file, finding, report } from '../../report/sample-report.ts';

const critical = finding({ fingerprint: 'f-critical', severity: 'critical', ruleId: 'github-token' });
const medium = finding({ fingerprint: 'f-medium', severity: 'medium', ruleId: 'aws-secret', place: file('/etc/app/key') });
const low = finding({ fingerprint: 'f-low', severity: 'low', ruleId: 'aws-id' });
const ignored = finding({ fingerprint: 'f-ignored', severity: 'high', ruleId: 'npm-token', place: file('/srv/x') });
const all = [critical, medium, low, ignored];
// What the judge has suppressed is another object.
const judged = report({
  findings: [critical, medium, low, { ...ignored, suppression: { by: 'ignorefile', reason: 'known' } }],
  verdict: { failOn: 'medium', counted: 3, complete: true },
});

describe('the selection of findings', () => {
  const selected = (request: SelectionRequest, ...globs: readonly string[]) =>
    selectFindings(
      all,
      judged,
      request,
      globs.map((typed) => ({ typed, matches: globMatcher(typed) })),
    ).map(({ fingerprint }) => fingerprint);

  it('is what the judge counts when nothing else is said', () => {
    assert.deepEqual(selected({}), ['f-critical', 'f-medium']);
    assert.deepEqual(selected({ only: [] }), ['f-critical', 'f-medium']);
  });

  it('is a severity and what is worse, or rules by glob, without what is suppressed', () => {
    assert.deepEqual(selected({ only: ['info'] }), ['f-critical', 'f-medium', 'f-low']);
    assert.deepEqual(selected({ only: ['critical'] }), ['f-critical']);
    assert.deepEqual(selected({ only: ['aws-*'] }), ['f-medium', 'f-low']);
    assert.deepEqual(selected({ only: ['critical', 'aws-id'] }), ['f-critical', 'f-low']);
    assert.deepEqual(selected({ only: ['none'] }), []);
  });

  it('is fingerprints, suppressed ones too, and an unknown one is refused', () => {
    assert.deepEqual(selected({ findings: ['f-ignored', 'f-low'] }), ['f-low', 'f-ignored']);
    assert.throws(
      () => selected({ findings: ['f-low', 'f-none'] }),
      (thrown) => thrown instanceof UnbakeError && /no finding f-none/.test(thrown.message),
    );
  });

  it('takes everything in a path along, whatever its severity', () => {
    assert.deepEqual(selected({ only: ['none'] }, 'srv', 'etc/**/key'), ['f-medium', 'f-ignored']);
  });

  it('has modes that are globs and a treatment, and says what is wrong with others', () => {
    assert.equal(parseMode('/app/*.yml=redact').matches('app/a.yml'), true);
    assert.equal(parseMode('./app=drop').matches('app/deep/file'), true);
    assert.equal(parseMode('app=drop').matches('apple'), false);
    assert.equal(parseMode('[id].js=drop').matches('[id].js'), true);
    assert.equal(parseMode('a=b=empty').matches('a=b'), true);
    for (const typed of ['', 'drop', '=drop', 'app=', 'app=burn', 'env:A=empty'])
      assert.throws(
        () => parseMode(typed),
        (thrown) => thrown instanceof UnbakeError && thrown.code === 'usage',
        typed,
      );
  });
});
