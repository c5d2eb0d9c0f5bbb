// The places that the core finds, compared with what plain searches of strings find.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { lookForWide, type RunKind, runKinds, runsIn } from '../../src/core/runs.ts';
import { githubToken } from '../support/planted.ts';
import { randomNumbers } from '../support/random.ts';

const fromStart = { dense: 0, percent: 0, backslash: 0, bytes: 0 };

function placesIn(text: string, kind: RunKind, { from = fromStart, isPassing = false, isEnd = true } = {}): number[] {
  const bytes = Buffer.from(text, 'latin1');
  const runs = runsIn(bytes);
  const hasPlaces = runs.look(bytes.length, from, isPassing, isEnd);
  const places = runs.places();
  assert.equal(
    hasPlaces,
    runKinds.some((each) => !places[each].isEmpty),
  );
  const list: number[] = [];
  for (let at = places[kind].next(0); at >= 0; at = places[kind].next(at + 1)) list.push(at);
  return list;
}

/** Where groups of at least four escapes begin that have at most 64 other characters of a word between them. */
function escapesIn(text: string, escape: RegExp, isMark: RegExp): number[] {
  const found: number[] = [];
  for (const word of text.matchAll(/[^\0-\x20\x7f-\xff"'`<>]+/g)) {
    let start = -1;
    let end = 0;
    let count = 0;
    for (const { 0: whole, index } of word[0].matchAll(escape)) {
      if (start >= 0 && index - end > 64) {
        if (count >= 4) found.push(word.index + start);
        start = -1;
      }
      if (start < 0) {
        if (!isMark.test(whole)) continue;
        start = index;
        count = 0;
      }
      end = index + whole.length;
      if (isPrintableEscape(whole)) count++;
    }
    if (start >= 0 && count >= 4) found.push(word.index + start);
  }
  return found;
}

function isPrintableEscape(escape: string): boolean {
  const digits = /^(?:%|\\x|\\u00)([0-9a-f]{2})$/i.exec(escape)?.[1];
  const code = digits === undefined ? (/^\\[0-3]/.test(escape) ? Number.parseInt(escape.slice(1), 8) : -1) : Number.parseInt(digits, 16);
  return code >= 0x20 && code < 0x7f;
}

/** Texts of pieces that matter to one search, at any place of the steps in which the core goes. */
function textOf(...pieces: string[]): fc.Arbitrary<string> {
  const piece = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...pieces) },
    { weight: 1, arbitrary: fc.nat(90).map((count) => 'y'.repeat(count)) },
  );
  return fc.array(piece, { maxLength: 120 }).map((parts) => parts.join(''));
}

describe('Runs', () => {
  it('finds the clusters of escapes that a plain search finds', () => {
    fc.assert(
      fc.property(textOf('%41', '%7e', '%09', '%e9', '%', '%4', '%zz', ' ', '"', 'a', '-'), (text) => {
        assert.deepEqual(placesIn(text, 'percent'), escapesIn(text, /%[0-9a-f]{2}/gi, /./));
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(
        textOf('\\x41', '\\u0041', '\\u00e9', '\\u0394', '\\101', '\\040', '\\x0a', '\\n', '\\/', '\\x', '\\1', '\\u00', '\n', "'", 'b'),
        (text) => {
          const escape = /\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|[0-3][0-7]{2}|[nrt/\\])/gi;
          assert.deepEqual(placesIn(text, 'backslash'), escapesIn(text, escape, /^\\(?:x|u00|1)/));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('finds the lists of bytes that a plain search finds', () => {
    fc.assert(
      fc.property(textOf('0x41, ', '0x4,', '0xff,\n    ', '0x41,'.repeat(9), '0x123, ', '0x', ' ', ',', ';', ' '.repeat(95), '0xg'), (text) => {
        const lists = text.matchAll(/(?:0x[0-9a-f]{1,2}(?![0-9a-f]|(?<=0x.)x)[, \t-\r]{0,96})+/gi);
        const found = [...lists].filter(([list]) => list.split('0x').length > 16).map(({ index }) => index);
        assert.deepEqual(placesIn(text, 'bytes'), found);
      }),
      { numRuns: 2000 },
    );
  });

  it('finds pieces of text in base64 or hexadecimal, and nearly none of random bytes', () => {
    const characters = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
    const printable = fc.string({ unit: fc.constantFrom(...characters, '\n'), minLength: 32, maxLength: 300 });
    const form = fc.constantFrom('base64' as const, 'base64url' as const, 'hex' as const);
    fc.assert(
      fc.property(fc.nat(200), printable, form, fc.boolean(), fc.constantFrom(' ', '\n', '"', ''), (shift, text, form, isWide, after) => {
        const encoded = Buffer.from(text, isWide && form !== 'hex' ? 'utf16le' : 'latin1').toString(form);
        // A digit of hexadecimal that is common in text is not in every text.
        if (form === 'hex' && /[^ -~]/.test(text)) return;
        const document = `${'. '.repeat(shift)}${encoded}${after}`;
        assert.deepEqual(placesIn(document, 'dense'), [2 * shift], document);
      }),
      { numRuns: 1000 },
    );
    const next = randomNumbers(6);
    let found = 0;
    for (let count = 0; count < 2000; count++) {
      const bytes = Buffer.from(Uint8Array.from({ length: 20 + (count % 80) }, () => Math.floor(next() * 256)));
      found += placesIn(` ${bytes.toString('base64')} ${bytes.toString('hex')} `, 'dense').length;
    }
    assert.ok(found <= 4, `${found} of 4000`);
  });

  it('knows headers of gzip and zlib', () => {
    for (const header of ['1f8b0800', '789c0000', '78010000']) {
      const bytes = Buffer.concat([Buffer.from(header, 'hex'), Buffer.alloc(60, 0xfe)]);
      assert.deepEqual(placesIn(`: ${bytes.toString('base64')}`, 'dense'), [2], header);
    }
    assert.deepEqual(placesIn(`: ${Buffer.from('1f8b0800'.padEnd(80, 'fe'), 'hex').toString('hex')}`, 'dense'), [2]);
  });

  it('tells what is open, unless the bytes end, and where to go on', () => {
    for (const [kind, open] of [
      ['dense', 'x'.repeat(24)],
      ['percent', 'a%4'],
      ['backslash', '\\x41'],
      ['bytes', '0x41,'],
    ] as const) {
      const text = `... ${open}`;
      assert.equal(placesIn(text, kind, { isEnd: false }).length, 1, kind);
      assert.deepEqual(placesIn(text, kind), [], kind);
    }
    const bytes = Buffer.from('some words. and rest');
    const runs = runsIn(bytes);
    assert.equal(runs.look(bytes.length, fromStart, false, false), false);
    assert.deepEqual(
      runKinds.map((kind) => runs.resumeOf(kind)),
      [16, 14, 14, 19],
    );
  });

  it('begins at the given places, and behind a piece that is to be passed', () => {
    const token = Buffer.from(`token=${githubToken('core')}`).toString('base64');
    const text = `${'A'.repeat(100)} ${token} %41%42%43%44 %45%46%47%48`;
    const percent = text.indexOf('%42');
    assert.deepEqual(placesIn(text, 'dense', { isPassing: true }), [101]);
    assert.deepEqual(placesIn(text, 'percent', { from: { ...fromStart, percent } }), [text.indexOf('%45')]);
    assert.deepEqual(placesIn(text, 'dense', { from: { ...fromStart, dense: 102 + token.length } }), []);
    const passed = runsIn(Buffer.alloc(1000, 'A'));
    passed.look(1000, { ...fromStart, dense: 10 }, true, false);
    assert.equal(passed.denseFrom, 1000);
  });

  it('looks at bytes longer than its memory', () => {
    const escapes = '%41%42%43%44 ';
    const text = `${'words of it '.repeat(50_000)}${escapes}${' '.repeat(300_000)}${escapes}`;
    assert.deepEqual(placesIn(text, 'percent'), [600_000, 900_000 + escapes.length]);
    assert.equal(placesIn(escapes.repeat(50_000), 'percent').length, 50_000);
  });
});

describe('lookForWide', () => {
  it('finds the chains of characters and NULs that a plain search finds', () => {
    const piece = fc.constantFrom(
      '\0',
      'a',
      '\0',
      'b\0',
      'c\0\0\0',
      '\xe9\0',
      '\n\0',
      '\x01',
      '\x80\0',
      'd\0'.repeat(7),
      'e\0\0\0'.repeat(7),
      '\0'.repeat(64),
      'y'.repeat(31),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const text = `${pieces.join('')}\x01`;
        const [starts, ends] = lookForWide(Buffer.from(text, 'latin1'));
        const chains = text.matchAll(/(?:[\t\n\r\x20-\x7e\xa0-\xff]\0{3}){7,}|(?:[\t\n\r\x20-\x7e\xa0-\xff]\0){7,}/g);
        assert.deepEqual(
          Array.from(starts, (start, index) => [start, ends[index]]),
          Array.from(chains, ({ 0: chain, index }) => [index, index + chain.length]),
        );
      }),
      { numRuns: 2000 },
    );
  });
});
