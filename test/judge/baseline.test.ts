// A baseline is a report of ours, of a version that is known; anything else is refused with a reason.
import assert from 'node:assert/strict';
import { UnbakeError } from '../../src/model/error.ts';
import { parseBaseline } from '../../src/judge/baseline.ts';
import { jsonReport } from '../../src/report/json.ts';
import { finding, report } from '../report/sample-report.ts';

describe('a baseline', () => {
  it('is what the JSON report writes: every fingerprint, suppressed then or not', () => {
    const findings = [finding(), finding({ fingerprint: 'aaaaaaaaaaaaaaaa', suppression: { by: 'baseline' } })];
    const baseline = parseBaseline([...jsonReport(report({ findings }), {})].join(''), 'old.json');
    assert.deepEqual([...baseline.fingerprints], ['0123456789abcdef', 'aaaaaaaaaaaaaaaa']);
    assert.equal(parseBaseline([...jsonReport(report(), {})].join(''), 'old.json').fingerprints.size, 0);
  });

  const wrong: Readonly<Record<string, RegExp>> = {
    '': /is not JSON/,
    '{"format":': /is not JSON/,
    null: /is not a report of unbake/,
    '[]': /is not a report of unbake/,
    '{"version":"2.1.0","runs":[]}': /is not a report of unbake/,
    '{"format":"unbake-report","schemaVersion":2,"findings":[]}': /has schemaVersion 2; .* reads 1/,
    '{"format":"unbake-report","findings":[]}': /has schemaVersion none/,
    '{"format":"unbake-report","schemaVersion":1}': /no list "findings"/,
    '{"format":"unbake-report","schemaVersion":1,"findings":[{"fingerprint":"0123456789abcdef"},null]}': /findings\[1\]\.fingerprint/,
    '{"format":"unbake-report","schemaVersion":1,"findings":[{"fingerprint":1}]}': /findings\[0\]\.fingerprint/,
    '{"format":"unbake-report","schemaVersion":"\\u001b[31m"}': /\\u001b/,
  };
  for (const [text, message] of Object.entries(wrong)) {
    it(`is not: ${text}`, () => {
      assert.throws(
        () => parseBaseline(text, 'old.json'),
        (error) => {
          assert.ok(error instanceof UnbakeError && error.code === 'usage');
          assert.match(error.message, /^The baseline old\.json /);
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }
});
