// A comparison in words. What came out of a container cannot steer the terminal.
import assert from 'node:assert/strict';
import type { Comparison } from '../../src/model/comparison.ts';
import { comparisonReporterFor } from '../../src/report/comparison-format.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}` as const;
const probe = { port: 8080, path: '/healthz' };
const comparison: Comparison = {
  before: {
    image: 'app.tar',
    digest: digest('a'),
    outcome: { kind: 'running', health: 'healthy' },
    answers: [{ probe, status: 200, contentType: 'text/html', fingerprint: 'f', length: 7 }],
    lines: 1,
    stopCode: 143,
  },
  after: {
    image: 'clean.tar',
    digest: digest('b'),
    outcome: { kind: 'exited', exitCode: 137, isOutOfMemory: true },
    answers: [{ probe, error: 'ECONNREFUSED' }],
    lines: 2,
  },
  differences: [
    { what: 'outcome', before: 'runs, healthy', after: 'ended', isBreaking: true },
    { what: 'output', before: 'ready\u001b[2J', after: 'no token\n::error::x', isBreaking: false },
  ],
  verdict: 'broken',
};

describe('the report of a comparison', () => {
  const textOf = async (of: Comparison, colorLevel: 0 | 1 = 0) => [...(await comparisonReporterFor('text'))(of, { colorLevel })].join('');

  it('says what each did and what differs', async () => {
    assert.equal(
      await textOf(comparison),
      [
        'BROKEN: something that worked in the first does not work in the second',
        '  before: app.tar (aaaaaaaaaaaa) runs, healthy; 8080:/healthz 200 text/html; 1 line of output; exit code 143 when stopped',
        '  after:  clean.tar (bbbbbbbbbbbb) ended with exit code 137, out of memory; 8080:/healthz no answer: ECONNREFUSED; 2 lines of output',
        '  broken:  outcome',
        '    before: runs, healthy',
        '    after:  ended',
        '  differs: output',
        '    before: ready\\x1b[2J',
        '    after:  no token',
        '            :\\x3aerror:\\x3ax',
        '',
      ].join('\n'),
    );
  });

  for (const [verdict, words] of [
    ['same', /^same: both did the same$/m],
    ['works', /^works: what the first did the second does too/m],
    ['unclear', /^UNCLEAR: the first did not work either/m],
  ] as const) {
    it(`says in the first line that it is ${verdict}`, async () => assert.match(await textOf({ ...comparison, verdict }), words));
  }

  it('has colours where they are wanted', async () => assert.match(await textOf(comparison, 1), /^\u001b\[31mBROKEN:\u001b\[39m/));

  it('tells programs its format and all that there is', async () => {
    const text = [...(await comparisonReporterFor('json'))(comparison, {})].join('');
    assert.deepEqual(JSON.parse(text), { format: 'unbake-comparison', schemaVersion: 1, ...JSON.parse(JSON.stringify(comparison)) });
  });
});
