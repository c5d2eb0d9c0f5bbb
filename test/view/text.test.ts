import assert from 'node:assert/strict';
import fc from 'fast-check';
import { brokenCharacters, decodeText, isBinary } from '../../src/view/text.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.array(fc.constantFrom('a', 'ä', '€', '😀', '\n', '\ufeff', '\u0000'), { maxLength: 40 }).map((parts) => parts.join('')),
);

describe('decodeText', () => {
  it('reads valid UTF-8 as such and leads each index back to its byte', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const decoded = decodeText(Buffer.from(text));
        assert.equal(decoded.text, text.toWellFormed());
        let byte = 0;
        for (const character of decoded.text) {
          const index = indexOfByte(decoded.text, byte);
          assert.equal(decoded.byteOf(index), byte);
          byte += Buffer.byteLength(character);
        }
        assert.equal(decoded.byteOf(decoded.text.length), byte);
      }),
      { numRuns: 200 },
    );
  });

  it('reads text that is no UTF-8 as latin1', () => {
    const decoded = decodeText(Buffer.from('gr\xf6\xdfe: key', 'latin1'));
    assert.equal(decoded.text, 'größe: key');
    assert.equal(decoded.byteOf(5), 5);
  });

  it('lets bytes above 0x7f be no letters in binaries', () => {
    assert.equal(decodeText(Buffer.from('\x00\xe9token\xff', 'latin1')).text, '\0\0token\0');
  });

  it('keeps a character for a byte of whatever is no UTF-8, and all of ASCII as it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const { text, byteOf } = decodeText(Buffer.from(bytes));
        const isUtf8 = Buffer.from(text).equals(bytes);
        if (isUtf8) return;
        assert.equal(text.length, bytes.length);
        for (const [index, byte] of bytes.entries()) {
          assert.equal(byteOf(index), index);
          if (byte < 0x80) assert.equal(text.charCodeAt(index), byte);
        }
      }),
      { numRuns: 200 },
    );
  });
});

/** The index in UTF-16 code units of the character that begins at a byte. */
function indexOfByte(text: string, byte: number): number {
  return Buffer.from(text).subarray(0, byte).toString().length;
}

describe('brokenCharacters', () => {
  it('cuts just enough of both ends that what is left is valid', () => {
    fc.assert(
      fc.property(anyText, fc.nat(), fc.nat(), (text, a, b) => {
        const whole = Buffer.from(text);
        const [from, to] = [a % (whole.length + 1), b % (whole.length + 1)].sort((x, y) => x - y);
        const part = whole.subarray(from, to);
        const { atStart, atEnd } = brokenCharacters(part);
        assert.ok(atStart <= 3 && atEnd <= 3);
        if (atStart + atEnd > part.length) return;
        const rest = part.subarray(atStart, part.length - atEnd);
        assert.ok(Buffer.from(rest.toString()).equals(rest), `${part.toString('hex')}: ${atStart}, ${atEnd}`);
        // Not more than what the cut broke.
        const isBorder = (at: number) => at === whole.length || (whole[at] & 0xc0) !== 0x80;
        if (isBorder(from)) assert.equal(atStart, 0);
        if (isBorder(to)) assert.equal(atEnd, 0);
      }),
      { numRuns: 300 },
    );
  });

  it('is calm over any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        const { atStart, atEnd } = brokenCharacters(Buffer.from(bytes));
        assert.ok(atStart >= 0 && atEnd >= 0 && atStart <= bytes.length && atEnd <= bytes.length);
      }),
    );
  });
});

describe('indexOf of a decoded text', () => {
  it('leads from every byte to the character that it is of, in any order', () => {
    for (const text of ['plain', 'schlüssel = пароль 🔑!', '🔑🔑é']) {
      const bytes = Buffer.from(text);
      const { indexOf } = decodeText(bytes);
      const expected: number[] = [];
      for (const [index, character] of splitAt(text)) for (let byte = 0; byte < Buffer.byteLength(character); byte++) expected.push(index);
      expected.push(text.length, text.length);
      const all = expected.map((_, byte) => byte);
      assert.deepEqual(all.map(indexOf), expected, text);
      assert.deepEqual(all.toReversed().map(indexOf), expected.toReversed(), `${text}, backwards`);
    }
    assert.deepEqual([0, 3, 9].map(decodeText(Buffer.from([0x61, 0xff, 0xfe, 0x62])).indexOf), [0, 3, 4], 'bytes of no UTF-8 are characters');
  });
});

/** The characters of a text with their indices. */
function splitAt(text: string): [number, string][] {
  let at = 0;
  return [...text].map((character) => {
    at += character.length;
    return [at - character.length, character];
  });
}

describe('isBinary', () => {
  it('knows the control characters that text has', () => {
    assert.ok(!isBinary(Buffer.from('a\tb\r\nc\f\x1b[1m größe')));
    for (const byte of [0, 1, 7, 8, 0x0b, 0x0e, 0x1a, 0x1f]) assert.ok(isBinary(Buffer.from([0x61, byte])), `${byte}`);
    assert.ok(!isBinary(Buffer.alloc(0)));
  });
});
