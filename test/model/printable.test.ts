import assert from 'node:assert/strict';
import fc from 'fast-check';
import { printable, printableBytes } from '../../src/model/printable.ts';
import { assertNeutral } from '../support/cli.ts';

describe('printable', () => {
  it('leaves ordinary text as it is', () => {
    for (const text of ['', 'srv/app/.env', 'COPY . /srv # buildkit', 'größe 漢字 😀 ñ', 'a: b', "it's #1"]) assert.equal(printable(text), text);
  });

  it('makes what steers visible', () => {
    assert.equal(printable('a\nb\rc\td\u001b[31m\u007f\u009b'), 'a\\nb\\rc\\td\\x1b[31m\\x7f\\x9b');
    assert.equal(printable('\u202e\u2066\u200b\ufeff\u2028\ud800'), '\\u{202e}\\u{2066}\\u{200b}\\u{feff}\\u{2028}\\u{d800}');
  });

  it('breaks workflow commands', () => {
    assert.ok(!printable('::set-output name=x::y').includes('::'));
    assert.ok(!printable(':::').includes('::'));
    assert.ok(!printable('##[group]x').includes('##['));
  });

  it('lets nothing through that steers, of any text', () => {
    const odd = fc.constantFrom('\u001b', '\n', '\r', ':', '#', '[', '\u202e', '\u2067', '\ud83d', '\udc00', '\u0085', '\u200f', 'a', '😀');
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(odd, { maxLength: 20 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const shown = printable(text);
        assertNeutral(shown);
        assert.ok(!/[\n\t]/.test(shown) && !/(?<!\[)::/.test(shown) && !shown.includes('##['));
        assert.ok(shown.isWellFormed());
        assert.equal(printable(shown), shown, 'what is printable stays as it is');
      }),
      { numRuns: 300 },
    );
  });

  it('lets no character through that a terminal may not show, of all there are', () => {
    for (let code = 0; code <= 0x10ffff; code++) {
      const character = String.fromCodePoint(code);
      if (/[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(character))
        assert.notEqual(printable(character), character, code.toString(16));
    }
  });
});

describe('printableBytes', () => {
  it('reads UTF-8, and shows what is none as bytes', () => {
    assert.equal(printableBytes(Buffer.from('größe')), 'größe');
    assert.equal(printableBytes(Buffer.from('gr\xf6\xdfe', 'latin1')), 'gr\\xf6\\xdfe');
    assert.equal(printableBytes(Buffer.from('a\nb\xff', 'latin1')), 'a\\nb\\xff');
  });

  it('shows a replacement character that the name itself has', () => {
    assert.ok(['\ufffd', '\\xef\\xbf\\xbd'].includes(printableBytes(Buffer.from('\ufffd'))));
  });

  it('lets nothing through that steers, of any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const shown = printableBytes(bytes);
        assertNeutral(shown);
        assert.ok(!/[\n\t]/.test(shown));
      }),
      { numRuns: 300 },
    );
  });
});
