// Regular expressions of Go, written in JavaScript: they match the same texts.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { UnbakeError } from '../../../src/model/error.ts';
import { parseGoRegex } from '../../../src/rule/import/go-regex.ts';
import { toJsRegex } from '../../../src/rule/import/js-regex.ts';
import { requiredLiterals, spanOf } from '../../../src/rule/import/required-literals.ts';
import { toRegExp } from '../../../src/rule/pattern.ts';

function compiled(source: string): RegExp {
  return toRegExp(toJsRegex(parseGoRegex(source).tree), 'mu');
}

const raw = String.raw;

describe('a regular expression of Go in JavaScript', () => {
  const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['(?i)acme', ['acme', 'ACME'], ['acm']],
    ['key(?i)acme', ['keyACME'], ['KEYacme']],
    ['(?i:key)-acme', ['KEY-acme'], ['key-ACME']],
    ['(?i)key-(?-i:acme)', ['KEY-acme'], ['key-ACME']],
    ['(a(?i)b)c', ['aBc'], ['aBC', 'ABc']],
    ['a(?i)b|c', ['aB', 'C'], ['AB']],
    ['x(?i:[a-f]|[^g-z])y', ['xFy', 'x0y'], ['xGy', 'xFY']],
    [raw`(?P<all>\d)x(?<again>\w)`, ['1x_'], ['xx_']],
    ['a.b', ['a\rb', 'a b'], ['a\nb']],
    ['(?s)a.b', ['a\nb'], ['ab']],
    ['(?s:a.)b.', ['a\nbc'], ['a\nb\n']],
    [raw`\Aab\z`, ['ab'], ['ab\n', '\nab']],
    ['^ab$', ['ab', 'x\nab\ny'], ['xab']],
    ['[[:alnum:]_]{3}', ['aZ0'], ['a-b']],
    ['[[:^alnum:]]', ['-', 'é'], ['a']],
    ['[^[:space:]x]', ['a'], [' x\t']],
    [raw`[\w-.]{2}x`, ['-.x', 'a.x'], ['+.x']],
    ['[]a]', [']', 'a'], ['b']],
    ['[^]a]', ['b'], [']a']],
    ['[a-]', ['-'], ['b']],
    [raw`\pL\p{Greek}\PN`, ['aλb'], ['aab', 'aλ1']],
    [raw`\p{^L}`, ['1'], ['a']],
    [raw`\Qa.b*\E+`, ['a.b**'], ['axb*']],
    [raw`\x41\x{1F600}\101\a`, ['A😀A\x07'], []],
    [raw`\-\_\<\>\=\~\"\/\ \@`.replace(raw`\ `, ''), ['-_<>=~"/@'], []],
    ['a{,5}', ['a{,5}'], ['aaa']],
    ['a{2,}b{1}', ['aab'], ['ab']],
    ['}]', ['}]'], []],
    ['(?:ab|cd)ef|gh', ['abef', 'gh'], ['abg']],
    ['(|a)b', ['b', 'ab'], ['a']],
  ];
  for (const [source, matching, others] of cases) {
    it(`matches as it did: ${JSON.stringify(source)}`, () => {
      for (const text of matching) assert.match(text, compiled(source));
      for (const text of others) assert.doesNotMatch(text, compiled(source));
    });
  }

  it('turns greed around where Go does', () => {
    assert.equal(compiled('(?U)a+').exec('aaa')?.[0], 'a');
    assert.equal(compiled('(?U)a+?').exec('aaa')?.[0], 'aaa');
    assert.equal(compiled('a+?').exec('aaa')?.[0], 'a');
  });

  it('names the group that is the secret, and captures nothing else', () => {
    const { tree, captures } = parseGoRegex('(a)(?P<x>b(c))(?:d)');
    assert.equal(captures, 3);
    assert.equal(toJsRegex(tree, 2), '(?:a)(?<secret>b(?:c))(?:d)');
    assert.equal(toJsRegex(tree, 0), '(?<secret>a)(?<secret2>b(?<secret3>c))(?:d)');
    assert.equal(toJsRegex(tree), '(?:a)(?:b(?:c))(?:d)');
  });

  it('ignores case as a whole only where it did so everywhere', () => {
    assert.equal(toJsRegex(parseGoRegex('(?i)ab[0-9]').tree), '(?i)ab[0-9]');
    assert.equal(toJsRegex(parseGoRegex('(?i:a)1b').tree), '(?:[aA])1b');
  });

  for (const source of [
    '(',
    ')',
    'a)',
    '[a',
    '[b-a]',
    '*a',
    'a**',
    'a{2}{3}',
    'a{2,1}',
    'a{1001}',
    raw`\1`,
    raw`\8`,
    raw`\C`,
    raw`\y`,
    '\\',
    raw`\x{110000}`,
    raw`\p{Nowhere}`,
    '(?=a)',
    '(?!a)',
    '(?<=a)',
    '(?z)',
    '[[:nothing:]]',
    raw`\pX`,
    '('.repeat(300),
  ]) {
    it(`refuses ${JSON.stringify(source.slice(0, 20))} with a reason`, () => assert.throws(() => parseGoRegex(source), UnbakeError));
  }

  it('gives for anything at all an expression that JavaScript takes, or a reason', () => {
    const part = fc.constantFrom(
      'a',
      'Z',
      '0',
      '.',
      '*',
      '+',
      '?',
      '{2}',
      '{1,3}',
      '(',
      ')',
      '(?i)',
      '(?i:',
      '(?P<n>',
      '[',
      ']',
      '^',
      '-',
      '|',
      '$',
      raw`\d`,
      raw`\b`,
      raw`\Q`,
      raw`\E`,
      '[:alpha:]',
      raw`\pL`,
      '{',
      '}',
      'é',
      '\\',
      '\n',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        let source: string;
        try {
          source = toJsRegex(parseGoRegex(parts.join('')).tree, 0);
        } catch (thrown) {
          assert.ok(thrown instanceof UnbakeError, String(thrown));
          return;
        }
        // A repeated assertion is the one thing that Go takes and JavaScript may not; it is wrapped.
        assert.ok(toRegExp(source, 'gmu'));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('what must stand in every match', () => {
  const best = (source: string) => requiredLiterals(parseGoRegex(source).tree, 3)[0];
  const cases: readonly (readonly [string, readonly string[] | undefined])[] = [
    ['ghx_[0-9a-z]{36}', ['ghx_']],
    ['(?i)GHX_[0-9]{3}', ['ghx_']],
    [raw`\b(?:AKX|ASX)[A-Z]{16}`, ['akx', 'asx']],
    ['x[ab]c-d?e', ['xac-de', 'xac-e', 'xbc-de', 'xbc-e']],
    ['(?:abc|de)[0-9]+', undefined],
    ['(?:abcd)?[0-9]+', undefined],
    ['(?:abcd)+', ['abcd']],
    ['[0-9]{4}-?abc.def-ghi', ['def-ghi']],
    ['(ab){2}x?', ['abab', 'ababx']],
    ['   [0-9]', undefined],
    ['ééé', undefined],
  ];
  for (const [source, expected] of cases) {
    it(`of ${source}`, () => assert.deepEqual(best(source)?.toSorted(), expected === undefined ? undefined : [...expected].sort()));
  }

  it('stands in every match, whatever the expression', () => {
    const literal = fc.stringMatching(/^[a-c]{1,3}$/);
    const piece = fc.oneof(
      literal,
      fc.tuple(literal, literal).map(([a, b]) => `(?:${a}|${b})`),
      fc.tuple(literal, fc.constantFrom('?', '*', '+', '{2}', '{1,2}')).map(([a, by]) => `(?:${a})${by}`),
      fc.constant('[a-c]'),
    );
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 5 }), fc.stringMatching(/^[a-c]{0,12}$/), (pieces, text) => {
        const { tree } = parseGoRegex(pieces.join(''));
        const match = new RegExp(toJsRegex(tree), 'u').exec(text)?.[0];
        if (match === undefined) return;
        for (const texts of requiredLiterals(tree, 1))
          assert.ok(
            texts.some((each) => match.includes(each)),
            `${texts.join()} in ${match}`,
          );
        assert.ok(match.length <= spanOf(tree));
      }),
      { numRuns: 2000 },
    );
  });
});
