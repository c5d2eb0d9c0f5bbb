// The report of a cleaning for people: everything that they must know and do stands in it, and nothing that steers a terminal.
import assert from 'node:assert/strict';
import { cleanReporterFor } from '../../src/report/clean-format.ts';
import { cleanTextReport } from '../../src/report/clean-text.ts';
import { assertNeutral } from '../support/cli.ts';
import { cleaning, steps } from './sample-cleaning.ts';
import { digest, hostileText } from './sample-report.ts';

const textOf = (report = cleaning()) => [...cleanTextReport(report, {})].join('');

/** Every text in it replaced. */
function withTexts<T>(value: T, text: string): T {
  if (typeof value === 'string') return (/^sha256:|^[a-z]{4,11}$/.test(value) ? value : text) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => withTexts(item, text)) as T;
  return (
    typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withTexts(item, text)])) : value
  ) as T;
}

describe('the report of a cleaning', () => {
  it('tells each change, the proof, the digests, and what is left to do', () => {
    const text = textOf();
    for (const part of [
      '7 changes for 1 secret',
      '/app/.env (also /app/link) (inside: gunzip!inner, b, c, ...)',
      'padding of an entry',
      'config.Env[1]',
      'attestation of something',
      'blobs/sha256/0123',
    ])
      assert.ok(text.includes(part), part);
    for (const part of [
      'proved: nothing is found',
      '1 layer of 2 as before',
      `${digest('config')} -> ${digest('new config')}`,
      'Vault: vault holds 1 file and 2 variables, encrypted',
      'NOT READ: ',
    ])
      assert.ok(text.includes(part), part);
    for (const part of [
      'GitHub token (1)',
      'https://a.example/2',
      digest('signature'),
      'add to .dockerignore:',
      'docker build --secret id=x .',
      'copy it no more',
      'statement.json',
    ])
      assert.ok(text.includes(part), part);
    assert.equal(text.split('https://a.example/1').length, 2, 'an address of the advice is told once');
  });

  it('says that nothing was written when it is a plan, and that there is nothing to clean', () => {
    const { output: _, proof: __, ...rest } = cleaning();
    assert.match([...cleanTextReport(rest, {})].join(''), /^app\.tar: 7 changes for 1 secret \(plan only, nothing was written\)/);
    assert.match(textOf(cleaning({ plan: { ...cleaning().plan, steps: [] } })), /nothing to clean/);
  });

  it('tells what the plan leaves out, and what is not proved', () => {
    assert.match(textOf(cleaning({ undone: [steps[4]] })), /LEFT ALONE: config\.Env\[1\]/);
    const proof = { checks: [{ name: 'bytes' as const, isPassed: false, detail: 'they differ', problems: [] }], untouched: [] };
    assert.match(textOf(cleaning({ proof })), /NOT proved: they differ/);
  });

  it('tells how many changes there are when they are too many to be read', () => {
    const many = Array.from({ length: 1000 }, (_, index) => ({ ...steps[4], pointer: `config.Labels.l${index}` }) as (typeof steps)[number]);
    const text = textOf(cleaning({ plan: { ...cleaning().plan, steps: many } }));
    assert.match(text, /1,?000 changes for 1 secret/);
    assert.match(text, /and 800 changes more/);
    assert.ok(text.split('\n').length < 400);
  });

  it('is neutral, whatever the image is called and holds', () => {
    assertNeutral(textOf(withTexts(cleaning(), hostileText)));
  });

  it('is the whole report for programs, under the names of the model', async () => {
    const report = cleaning();
    const json = [...(await cleanReporterFor('json'))(report, {})].join('');
    assert.deepEqual(JSON.parse(json), { format: 'unbake-clean-report', schemaVersion: 1, ...report });
    assert.equal(await cleanReporterFor('text'), cleanTextReport);
  });
});
