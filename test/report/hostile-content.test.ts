// Whatever a stranger writes into an image, no format lets it steer a terminal or a runner, and none gives a secret away.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Secret } from '../../src/model/secret.ts';
import { formats, reporterFor } from '../../src/report/format.ts';
import type { ReportOptions } from '../../src/report/reporter.ts';
import type { Report } from '../../src/model/report.ts';
import type { Finding } from '../../src/model/finding.ts';
import { file, finding, hostileReport, hostileText, image, report, rule, tokenValue } from './sample-report.ts';

const bidirectionalOrInvisible = /[\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/;
const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;

for (const format of formats) {
  const write = async (report: Report, options: ReportOptions = {}) => [...(await reporterFor(format))(report, options)].join('');

  describe(`the ${format} report of a hostile image`, () => {
    for (const showSecrets of [false, true]) {
      it(`holds nothing that steers a terminal or a workflow runner, with showSecrets ${showSecrets}`, async () => {
        const text = await write(hostileReport(tokenValue), { showSecrets, showSuppressed: true });
        assert.doesNotMatch(text, controls);
        assert.doesNotMatch(text, bidirectionalOrInvisible);
        assert.ok(text.isWellFormed());
        assert.doesNotMatch(text, /::|##\[/);
      });
    }

    it('has decoded strings without controls too', async () => {
      const text = await write(hostileReport(tokenValue));
      if (format === 'text') return;
      JSON.parse(text, (key, value: unknown) => {
        for (const string of [key, value].filter((item) => typeof item === 'string')) {
          assert.doesNotMatch(string.replaceAll('\n', ''), controls);
          assert.doesNotMatch(string, bidirectionalOrInvisible);
          // Authors of rules may use several lines in their prose; images may not.
          if (string.includes('\n')) assert.match(key, /^(?:description|advice|text|markdown)$/);
        }
        return value;
      });
    });

    it('masks a secret that stands in paths, instructions, tags, reasons and messages', async () => {
      assert.ok(!(await write(hostileReport(tokenValue), { showSuppressed: true })).includes(tokenValue));
    });

    it('masks a secret of several lines, raw or escaped, wherever it stands', async () => {
      const key = '-----BEGIN KEY-----\nQm9ndXNCb2d1c0JvZ3Vz\n-----END KEY-----';
      const text = await write(hostileReport(key), { showSuppressed: true });
      assert.ok(!text.includes('Qm9ndXNCb2d1c0JvZ3Vz'));
      const escaped = report({ findings: [finding({ secret: new Secret(key), createdBy: `RUN echo "${key.replaceAll('\n', '\\n')}"` })] });
      assert.ok(!(await write(escaped)).includes('Qm9ndXNCb2d1c0JvZ3Vz'));
    });

    it('shows the value with showSecrets, exactly or escaped on one line', async () => {
      const value = `line one\nline two ${hostileText}`;
      const text = await write(report({ findings: [finding({ secret: new Secret(value) })] }), { showSecrets: true });
      if (format === 'text') assert.match(text, /^ {2}value: line one\\nline two \\x1b\]0;x/m);
      else assert.ok(stringsOf(JSON.parse(text)).includes(value.toWellFormed()) || stringsOf(JSON.parse(text)).includes(value));
    });

    it('never holds a value of eight characters or more: any values, anywhere', async () => {
      await fc.assert(
        fc.asyncProperty(leakyReports, async ({ values, leaky }) => {
          const text = await write(leaky, { showSuppressed: true });
          for (const value of values) assert.ok(!text.includes(value), `${value} in ${text}`);
        }),
        { numRuns: 60 },
      );
    });
  });
}

function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsOf) : [];
}

// Capitals and digits only: no word of ours looks like that, so that whatever is found is a leak. Few letters, so that values overlap.
const values = fc.array(fc.string({ unit: fc.constantFrom('Q', 'X', 'Z', '7'), minLength: 8, maxLength: 40 }), { minLength: 1, maxLength: 6 });
const leakyReports = values.chain((values) => {
  const text = fc
    .array(fc.oneof(fc.constantFrom(...values), fc.constantFrom('/', ' ', 'Q', '::', '\n', '%', 'é')), { maxLength: 8 })
    .map((parts) => parts.join(''));
  const findings: fc.Arbitrary<Finding[]> = fc.array(
    fc
      .record({ value: fc.constantFrom(...values), path: text, createdBy: text, by: text, other: text, proof: text, pointer: fc.boolean() })
      .map(({ value, path, createdBy, by, other, proof, pointer }) =>
        finding({
          secretId: value.length.toString(),
          secret: new Secret(value),
          place: pointer ? { kind: 'metadata', pointer: path, position: file('').position } : file(path),
          createdBy,
          proved: [proof],
          fate: { kind: 'hidden', byLayer: 3, byInstruction: by },
          alsoAt: [{ path: other, fate: { kind: 'visible' } }],
        }),
      ),
    { maxLength: 6 },
  );
  // Each value has a finding: what no finding holds, no report can know.
  const held = values.map((value) => finding({ secret: new Secret(value), secretId: value.length.toString() }));
  return fc.record({ findings, name: text, place: text, detail: text }).map(({ findings, name, place, detail }) => ({
    values,
    leaky: report({
      findings: [...held, ...findings],
      reference: name,
      images: [image({ name, tags: [name], platform: name }), image({ name: detail })],
      skipped: [{ reason: 'damaged', place, detail }],
      notices: [{ place, detail }],
      rules: [rule()],
    }),
  }));
});
