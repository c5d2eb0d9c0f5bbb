// What a shape lets pass: every match of its pattern, wherever its keyword stands in it; and what it stops, no match.
import assert from 'node:assert/strict';
import { array, assert as assertProperty, constantFrom, nat, oneof, property, string, stringMatching } from 'fast-check';
import type { KeywordShape } from '../../../src/model/rule.ts';
import { longestShape, shapeOf } from '../../../src/rule/shape/shape.ts';

function fits(shape: KeywordShape, keyword: string, bytes: Buffer, at: number, length: number, isEnd: boolean): boolean {
  const place = shape.placeOf(keyword);
  return place === undefined || shape.begins(place, bytes, at, at + keyword.length, length, isEnd).length > 0;
}

/** Whether some keyword in the text passes. */
function passes(pattern: RegExp, keywords: readonly string[], text: string, encoding: 'utf8' | 'latin1' = 'utf8'): boolean {
  const shape = shapeOf(pattern, keywords);
  assert.ok(shape !== undefined, `${pattern.source} always holds one of its keywords`);
  const bytes = Buffer.from(text, encoding);
  return keywords.some((keyword) => {
    const folded = /[A-Z]/.test(keyword)
      ? bytes
      : Buffer.from(
          bytes.toString('latin1').replace(/[A-Z]/g, (letter) => letter.toLowerCase()),
          'latin1',
        );
    for (let at = folded.indexOf(keyword); at >= 0; at = folded.indexOf(keyword, at + 1))
      if (fits(shape, keyword, bytes, at, bytes.length, true)) return true;
    return false;
  });
}

describe('the shape of a rule', () => {
  const token = /(?<![A-Za-z0-9])tok_[a-z0-9]{8}(?![a-z0-9])/u;
  const pair = /(?:api[_-]?)?key\s{0,4}[:=]\s{0,4}["']?(?<secret>[^\s"'\n]{8,60})/iu;

  it('lets a match pass and stops what only begins like one', () => {
    assert.equal(passes(token, ['tok_'], 'x = tok_abcd1234;'), true);
    assert.equal(passes(token, ['tok_'], 'x = tok_abcd123;'), false);
    assert.equal(passes(token, ['tok_'], 'x = tok_abcd'), false, 'the text is over');
    assert.equal(passes(pair, ['key'], 'API_KEY = "correcthorse"'), true);
    assert.equal(passes(pair, ['key'], 'the keyboard of a monkey'), false);
    assert.equal(passes(pair, ['key'], 'key: short'), false);
  });

  it('says nothing while the text may go on, and nothing behind its longest', () => {
    const shape = shapeOf(token, ['tok_'])!;
    const bytes = Buffer.from('tok_abcd');
    assert.equal(fits(shape, 'tok_', bytes, 0, 8, false), true);
    assert.equal(fits(shape, 'tok_', bytes, 0, 8, true), false);
    const long = Buffer.from(`a-${'x'.repeat(2 * longestShape)}!`);
    const far = shapeOf(/a-x*!/u, ['a-'])!;
    assert.equal(fits(far, 'a-', long.subarray(0, longestShape + 2), 0, longestShape + 2, true), true);
    assert.equal(fits(far, 'a-', long.subarray(0, longestShape), 0, longestShape, true), false);
  });

  it('takes characters beyond ASCII, of UTF-8 and of latin1, wherever a pattern takes others than those it names', () => {
    const quoted = /pass="[^"\n]{4,20}"!/u;
    for (const value of ['schlüssel', 'пароль', '🔑🔑🔑🔑']) assert.equal(passes(quoted, ['pass='], `pass="${value}"!`), true, value);
    assert.equal(passes(quoted, ['pass='], 'pass="schl\xfcssel"!', 'latin1'), true);
    assert.equal(passes(/pass=[a-z]{4,20}!/u, ['pass='], 'pass=schlüssel!'), false);
    // The long s and the sign of Kelvin are letters too where case does not matter.
    assert.equal(passes(/token-[a-z]{6}!/iu, ['token-'], 'token-\u017fecret!'), true);
  });

  it('looks at what stands behind and in front of a match like at the match', () => {
    assert.equal(passes(/(?<=secret:\s)[a-f0-9]{8}/u, ['secret:'], 'secret: 0123abcd'), true);
    assert.equal(passes(/(?<=secret:\s)[a-f0-9]{8}/u, ['secret:'], 'secret: nothing'), false);
    assert.equal(passes(/key-[a-f0-9]{8}(?=@host)/u, ['key-'], 'key-0123abcd@host'), true);
    assert.equal(passes(/key-[a-f0-9]{8}(?=@host)/u, ['key-'], 'key-0123abcd@other'), false);
  });

  it('looks back from the keyword too', () => {
    const compared = /(?:[=!]==?|\.equals\()\s{0,3}(?:this\.)?[\w.]{0,40}key/iu;
    assert.equal(passes(compared, ['key'], 'if (given === this.apiKey)'), true);
    assert.equal(passes(compared, ['key'], 'given.equals(key)'), true);
    assert.equal(passes(compared, ['key'], 'const given = this.apiKey'), false);
    assert.equal(passes(compared, ['key'], 'given === that && the.key'), false);
  });

  it('lets a keyword pass that stands near matches and not in them, and knows no place for it', () => {
    const shape = shapeOf(/(?:key|[0-9]{4})-x/u, ['key', 'service'])!;
    assert.notEqual(shape.placeOf('key'), undefined);
    assert.equal(shape.placeOf('service'), undefined);
    assert.equal(shapeOf(/KEY-x/u, ['Key'])!.placeOf('Key'), undefined, 'a keyword with a capital is exact');
    assert.notEqual(shapeOf(/KEY-x/u, ['key'])!.placeOf('key'), undefined);
  });

  it('lets every match of a pattern pass, whatever stands around it and in other words of it', () => {
    const patterns: readonly (readonly [RegExp, readonly string[]])[] = [
      [token, ['tok_']],
      [/(?:user|login)[a-z]{0,3}[:=](?:"[^"\n]{3,9}"|\w{4,70})(?:;|,){1,2}/u, ['user', 'login']],
      [/(?:ab){2,90}c-?key[^\n]{0,40}?=\s?[A-Z]{5}/u, ['key', 'c-key']],
      [/x{70,80}key(?:[0-9]{2}-){3}[a-c]z/u, ['xkey', 'key']],
    ];
    for (const [pattern, keywords] of patterns) {
      const around = oneof(
        string({ maxLength: 30 }),
        array(constantFrom(...keywords, ' ', '=', 'é'), { maxLength: 8 }).map((words) => words.join('')),
      );
      assertProperty(
        property(stringMatching(new RegExp(pattern.source.replace(/\(\?<?[!=][^)]*\)/g, ''), 'u')), around, around, (match, before, behind) => {
          const text = `${before} ${match} ${behind}`;
          if (new RegExp(pattern.source, pattern.flags).test(text)) assert.ok(passes(pattern, keywords, text), text);
        }),
        { numRuns: 200 },
      );
    }
  });

  it('stops nothing that the pattern finds in random text of its own pieces', () => {
    const pieces = ['key', 'KEY', ' ', '=', ':', '"', "'", 'abcd', 'x', '\n', 'api_', 'é', '1'];
    assertProperty(
      property(array(nat(pieces.length - 1), { maxLength: 40 }), (picks) => {
        const text = picks.map((pick) => pieces[pick]).join('');
        if (new RegExp(pair.source, pair.flags).test(text)) assert.ok(passes(pair, ['key'], text), text);
      }),
      { numRuns: 2000 },
    );
  });

  it('knows where every match begins, as far back as it may', () => {
    const patterns: readonly (readonly [RegExp, readonly string[]])[] = [
      [/(?<![a-z])(?:x{1,3}key|keyx)=\w/gu, ['key']],
      [/(?:a|(?<!b)bb?)[ax]{0,9}key/gu, ['key']],
      [/(?<!x)(?:key|[ab]{2,40}=key)x|x=ab(?:key){1,2}/gu, ['key', 'x=ab']],
      [/\bkey(?:=[^x]{0,30}b)?/gu, ['key']],
    ];
    const pieces = ['key', 'a', 'b', 'x', '=', ' ', 'é', 'ab', 'x=ab'];
    for (const [pattern, keywords] of patterns) {
      const shape = shapeOf(pattern, keywords)!;
      assertProperty(
        property(array(nat(pieces.length - 1), { maxLength: 40 }), (picks) => {
          const text = picks.map((pick) => pieces[pick]).join('');
          const bytes = Buffer.from(text);
          const begins = new Set<number>();
          for (const keyword of keywords)
            for (let at = bytes.indexOf(keyword); at >= 0; at = bytes.indexOf(keyword, at + 1)) {
              const found = shape.begins(shape.placeOf(keyword)!, bytes, at, at + keyword.length, bytes.length, true);
              assert.ok(found !== 'anywhere', 'no match of these is without bounds in front');
              for (const begin of found) begins.add(begin);
            }
          for (const { index } of text.matchAll(pattern))
            assert.ok(begins.has(Buffer.byteLength(text.slice(0, index))), `${pattern.source}: ${text}`);
        }),
        { numRuns: 1000 },
      );
    }
  });

  it('says nothing of the beginning where that may be further away than is looked', () => {
    const far = shapeOf(/<[^>]*key/u, ['key'])!;
    const text = (length: number) => Buffer.from(`<${'a'.repeat(length)}key`);
    assert.deepEqual(far.begins(far.placeOf('key')!, text(100), 101, 104, 104, true), 'anywhere', 'another may stand before all that is there');
    const near = shapeOf(/<[^>]{0,90}key/u, ['key'])!;
    assert.deepEqual(near.begins(near.placeOf('key')!, text(80), 81, 84, 84, true), [0]);
  });

  it('lets nothing pass that stands behind what may not stand in front', () => {
    const shape = shapeOf(token, ['tok_'])!;
    for (const [before, expected] of [
      ['', true],
      [' ', true],
      ['é', true],
      ['a', false],
      ['9', false],
    ] as const) {
      const bytes = Buffer.from(`${before}tok_abcd1234`);
      const at = bytes.indexOf('tok_');
      assert.equal(fits(shape, 'tok_', bytes, at, bytes.length, true), expected, before);
    }
    // What must stand in front comes before what may not: that is not about the beginning.
    assert.equal(passes(/(?<!x)(?<=key:)[0-9]{4}/u, ['key:'], 'xkey:1234'), true);
  });
});
