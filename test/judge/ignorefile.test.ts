// The ignore file is read to the letter or not at all, and matches what it says and nothing beside it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { UnbakeError } from '../../src/model/error.ts';
import type { Place } from '../../src/model/finding.ts';
import { ignoreMatcher } from '../../src/judge/ignore-match.ts';
import { parseIgnoreFile } from '../../src/judge/ignorefile.ts';
import { file, finding, position } from '../report/sample-report.ts';

const entriesOf = (text: string) => parseIgnoreFile(text, '.unbakeignore').entries;

function isIgnored(line: string, place: Place, ruleId = 'github-token'): boolean {
  return ignoreMatcher(entriesOf(line))(finding({ place, ruleId })).length > 0;
}

describe('an ignore file', () => {
  it('has entries of a fingerprint or of a rule and a place, with date and reason', () => {
    const text = [
      '\ufeff# a comment',
      '',
      '0123456789ABCDEF',
      '  0123456789abcdef exp:2027-01-01 -- rotated -- really',
      'github-token /app/my file.txt',
      '* **/*.pem exp:2030-02-28',
      '@secretlint/secretlint-rule-aws config.Env[*] -- a sample\r',
      '\t# indented comment',
    ].join('\n');
    assert.deepEqual(entriesOf(text), [
      { line: 3, target: { kind: 'fingerprint', fingerprint: '0123456789abcdef' } },
      { line: 4, target: { kind: 'fingerprint', fingerprint: '0123456789abcdef' }, expires: '2027-01-01', reason: 'rotated -- really' },
      { line: 5, target: { kind: 'place', ruleId: 'github-token', place: '/app/my file.txt' } },
      { line: 6, target: { kind: 'place', ruleId: '*', place: '**/*.pem' }, expires: '2030-02-28' },
      { line: 7, target: { kind: 'place', ruleId: '@secretlint/secretlint-rule-aws', place: 'config.Env[*]' }, reason: 'a sample' },
    ]);
  });

  it('may be empty', () => assert.deepEqual(entriesOf(''), []));

  const wrong: Readonly<Record<string, RegExp>> = {
    'github-token': /"github-token" is neither a fingerprint/,
    '0123456789abcde': /neither a fingerprint/,
    '0123456789abcdef rotated': /a reason is set off by " -- "/,
    '0123456789abcdef --': /nothing after "--"/,
    '0123456789abcdef exp:2027-02-30': /"exp:2027-02-30" is not a date/,
    '0123456789abcdef exp:tomorrow': /is not a date/,
    '0123456789abcdef exp:': /is not a date/,
    'github-token a exp:2027-01-01 b': /must be the last thing/,
    'github-token exp:2027-01-01': /neither a fingerprint/,
    'github-token !/app/**': /negation is not supported/,
    'rule$ /app': /not the id of a rule/,
    '-- only a reason': /not the id of a rule/,
    '\u001b[31m': /\\x1b/,
  };
  for (const [line, message] of Object.entries(wrong)) {
    it(`is refused as a whole for ${JSON.stringify(line)}, with its name and line`, () => {
      assert.throws(
        () => parseIgnoreFile(`# fine\n* /fine\n${line}\n* /fine`, 'my.ignore'),
        (error) => {
          assert.ok(error instanceof UnbakeError && error.code === 'usage' && error.hint !== undefined);
          assert.match(error.message, /^my\.ignore, line 3: /);
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }

  it('is parsed or refused with an UnbakeError, whatever stands in it', () => {
    const line = fc
      .array(
        fc.oneof(
          fc.constantFrom('exp:', '--', ' ', '*', '!', '[', '{', '(', '\\', '0123456789abcdef', '2027-01-01', '#'),
          fc.string({ unit: 'binary' }),
        ),
        { maxLength: 8 },
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(line, (line) => {
        try {
          ignoreMatcher(entriesOf(line))(finding());
        } catch (error) {
          assert.ok(error instanceof UnbakeError, String(error));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is what the documentation shows', () => {
    const page = readFileSync(new URL('../../docs/ignoring.md', import.meta.url), 'utf8');
    const example = page
      .split('\n')
      .filter((line) => line.startsWith('    '))
      .map((line) => line.slice(4))
      .join('\n');
    assert.equal(entriesOf(example).length, 5);
  });
});

describe('an entry of an ignore file', () => {
  it('matches paths by glob, with or without a leading slash, hidden files too', () => {
    assert.ok(isIgnored('github-token app/*.txt', file('/app/a.txt')));
    assert.ok(isIgnored('github-token /app/*.txt', file('/app/.txt')));
    assert.ok(isIgnored('* **', file('/app/.env')));
    assert.ok(isIgnored('* **/.env', file('/.env')));
    assert.ok(isIgnored('* app/my file', file('/app/my file')));
    assert.ok(isIgnored('* etc/shadow', { kind: 'header', path: '/etc/shadow', position: position() }));
    assert.ok(!isIgnored('* app/*', file('/app/b/c')));
    assert.ok(!isIgnored('* app', file('/app/b')));
    assert.ok(!isIgnored('* *.txt', file('/app/a.txt')));
  });

  it('matches its rule only', () => {
    assert.ok(!isIgnored('github-token **', file('/a'), 'aws-key'));
    assert.ok(!isIgnored('github **', file('/a')));
  });

  it('matches metadata and stray bytes to the letter, but for *', () => {
    const env = (index: string): Place => ({ kind: 'metadata', pointer: `config.Env[${index}]`, position: position() });
    assert.ok(isIgnored('* config.Env[*]', env('3')));
    assert.ok(isIgnored('* config.Env[3]', env('3')));
    assert.ok(!isIgnored('* config.Env[3]', env('33')));
    assert.ok(!isIgnored('* config.Env[12]', env('1')));
    assert.ok(!isIgnored('* configXEnv[3]', env('3')));
    assert.ok(isIgnored('* end of layer *', { kind: 'stray', what: 'end of layer 3', position: position() }));
  });

  it('matches a fingerprint wherever it stands', () => {
    const match = ignoreMatcher(entriesOf('0123456789abcdef'));
    assert.equal(match(finding({ place: file('/anywhere') })).length, 1);
    assert.equal(match(finding({ fingerprint: 'fedcba9876543210' })).length, 0);
  });

  it('comes in the order of the file when several match', () => {
    const entries = ignoreMatcher(entriesOf('* **\n0123456789abcdef\ngithub-token app/**'))(finding());
    assert.deepEqual(
      entries.map(({ line }) => line),
      [1, 2, 3],
    );
  });
});
