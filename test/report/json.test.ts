// The JSON report keeps to its schema, in pieces that do not grow with the number of findings.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Report } from '../../src/model/report.ts';
import { jsonReport } from '../../src/report/json.ts';
import type { ReportOptions } from '../../src/report/reporter.ts';
import { digest, file, finding, hostileReport, image, position, report, tokenValue } from './sample-report.ts';

const schema: unknown = JSON.parse(readFileSync(new URL('../../docs/report.schema.json', import.meta.url), 'utf8'));

/** The published schema lets unknown fields pass; what we write has none. */
const validate = new Ajv2020({ allErrors: true, strict: true, formats: { 'date-time': true } }).compile(closed(schema) as object);

function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, member]) => [key, closed(member)]));
  return 'properties' in copy ? { ...copy, additionalProperties: false } : copy;
}

function parsed(report: Report, options: ReportOptions = {}): any {
  const value: unknown = JSON.parse([...jsonReport(report, options)].join(''));
  assert.ok(validate(value), JSON.stringify(validate.errors));
  return value;
}

const everything = report({
  images: [image(), image({ platform: undefined, manifestDigest: undefined, configDigest: undefined, layers: [] })],
  findings: [
    finding({ proved: ['checksum valid'], alsoRules: ['generic'], inherited: false, secretFingerprint: 'ffff' }),
    finding({ place: { kind: 'header', path: '/a', position: position() }, fate: { kind: 'deleted', byLayer: 2, byInstruction: 'RUN rm' } }),
    finding({
      place: { kind: 'stray', what: 'end of layer 1', position: position() },
      fate: { kind: 'unreachable', why: 'no entry' },
      suppression: { by: 'baseline' },
    }),
    finding({
      place: { kind: 'metadata', pointer: 'config.Env[3]', position: position() },
      image: undefined,
      layer: undefined,
      createdBy: undefined,
    }),
    finding({ alsoAt: [{ path: '/b', fate: { kind: 'hidden', byLayer: 3 } }], suppression: { by: 'ignorefile', reason: 'a sample' } }),
  ],
  skipped: [
    { reason: 'limit', limit: 'max-entry-size', place: 'a', detail: 'b', image: 1 },
    { reason: 'encrypted', place: 'a', detail: 'b' },
  ],
  notices: [{ place: 'a', detail: 'b' }],
});

describe('the JSON report', () => {
  it('keeps to its schema: empty, full, hostile, with secrets', () => {
    parsed(report());
    parsed(report({ images: [] }));
    parsed(everything);
    parsed(everything, { showSecrets: true });
    parsed(hostileReport(tokenValue));
  });

  it('says what it is', () => {
    const value = parsed(report());
    assert.equal(value.format, 'unbake-report');
    assert.equal(value.schemaVersion, 1);
    assert.equal(value.reference, 'app.tar');
  });

  it('tells findings, skipped and verdict with the names of the model', () => {
    const value = parsed(everything);
    assert.equal(value.findings.length, 5);
    assert.deepEqual(value.findings[0].place, {
      kind: 'file',
      path: '/app/.env',
      position: { line: 3, column: 12, endLine: 3, endColumn: 22, offset: 0, length: 10 },
    });
    assert.deepEqual(value.findings[1].fate, { kind: 'deleted', byLayer: 2, byInstruction: 'RUN rm' });
    assert.equal(value.findings[0].layer.diffId, digest('tar 2'));
    assert.ok(!('image' in value.findings[3]));
    assert.deepEqual(value.findings[4].suppression, { by: 'ignorefile', reason: 'a sample' });
    assert.deepEqual(value.skipped[0], { reason: 'limit', limit: 'max-entry-size', place: 'a', detail: 'b', image: 1 });
    assert.deepEqual(value.verdict, { failOn: 'low', counted: 3, complete: false });
  });

  it('has the mask alone, and the value only with showSecrets', () => {
    assert.deepEqual(Object.keys(parsed(everything).findings[0].secret), ['mask']);
    assert.equal(parsed(everything, { showSecrets: true }).findings[0].secret.value, tokenValue);
  });

  it('comes in pieces of one finding, each on a line of its own', () => {
    const findings = Array.from({ length: 2000 }, (_, line) => finding({ place: file('/log', line + 1) }));
    const pieces = [...jsonReport(report({ findings }), {})];
    assert.ok(pieces.length > 2000);
    assert.ok(pieces.every((piece) => piece.length < 5000));
    const lines = pieces.join('').split('\n');
    const first = lines.indexOf('"findings":[') + 1;
    assert.equal(JSON.parse(lines[first + 1999]!.replace(/\]?,?$/, '')).place.position.line, 2000);
    assert.equal(JSON.parse(lines[first]!.replace(/,$/, '')).place.position.line, 1);
  });

  it('writes no raw separators, C1 or bidirectional characters even in a value', () => {
    const sample = hostileReport(`\u2028\u0085\u202e${tokenValue}`);
    assert.doesNotMatch([...jsonReport(sample, { showSecrets: true })].join(''), /[\u0080-\u009f\u2028\u202e]/);
  });
});
