// The exit codes are promises to scripts.
import assert from 'node:assert/strict';
import type { SkipReason } from '../../src/model/report.ts';
import { exitCodeFor, exitCodeForError } from '../../src/judge/exit-code.ts';
import { finding, report } from '../report/sample-report.ts';

const skipping = (reason: SkipReason) => ({ skipped: [{ reason, place: 'layer 1', detail: 'a reason' }] });

describe('the exit code', () => {
  it('is 0 for a clean image, and 1 for findings that count', () => {
    assert.equal(exitCodeFor(report(), false), 0);
    assert.equal(exitCodeFor(report(), true), 0);
    assert.equal(exitCodeFor(report({ findings: [finding()] }), false), 1);
    assert.equal(exitCodeFor(report({ findings: [finding({ suppression: { by: 'baseline' } })] }), false), 0);
  });

  it('is never 0 after a read error', () => {
    for (const reason of ['damaged', 'mismatch', 'missing', 'encrypted', 'unsupported'] as const) {
      assert.equal(exitCodeFor(report(skipping(reason)), false), 4, reason);
    }
  });

  it('is 4 after a limit or a failed rule only when that is asked for', () => {
    for (const reason of ['limit', 'rule-failed'] as const) {
      assert.equal(exitCodeFor(report(skipping(reason)), false), 0, reason);
      assert.equal(exitCodeFor(report(skipping(reason)), true), 4, reason);
    }
  });

  it('is 1 when there are findings and read errors', () => {
    assert.equal(exitCodeFor(report({ findings: [finding()], ...skipping('damaged') }), true), 1);
  });

  it('tells wrong usage, an image that could not be read, and an interruption apart', () => {
    assert.equal(exitCodeForError('usage'), 2);
    for (const code of ['not-found', 'not-an-image', 'no-such-platform', 'damaged', 'limit', 'unsupported', 'io'] as const)
      assert.equal(exitCodeForError(code), 3, code);
    assert.equal(exitCodeForError('interrupted'), 130);
  });
});
