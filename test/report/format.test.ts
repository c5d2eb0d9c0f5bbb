// The list of formats is closed, and each name leads to its reporter.
import assert from 'node:assert/strict';
import { UnbakeError } from '../../src/model/error.ts';
import { formats, parseFormat, reporterFor } from '../../src/report/format.ts';
import { report } from './sample-report.ts';

describe('parseFormat', () => {
  it('knows the formats and nothing else', () => {
    for (const format of formats) assert.equal(parseFormat(format), format);
    for (const wrong of ['', 'TEXT', 'yaml', 'toString', '\u001b[31m']) {
      assert.throws(
        () => parseFormat(wrong),
        (error) => error instanceof UnbakeError && error.code === 'usage' && error.hint!.includes('sarif') && !error.message.includes('\u001b'),
      );
    }
  });

  it('leads to a reporter that begins as its format does', async () => {
    const beginnings = { text: 'app.tar (', json: '{"format":"unbake-report"', sarif: '{"$schema":"https://json.schemastore.org/sarif-2.1.0.json"' };
    for (const format of formats) {
      const reporter = await reporterFor(format);
      assert.ok([...reporter(report(), {})].join('').startsWith(beginnings[format]));
    }
  });
});
