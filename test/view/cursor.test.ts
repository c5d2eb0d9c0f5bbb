import assert from 'node:assert/strict';
import fc from 'fast-check';
import { advance, advanceText, type Cursor, startOfText } from '../../src/view/cursor.ts';

/** By the letter: lines end at LF, columns count UTF-16 code units. */
function naive(text: string): Cursor {
  const lines = text.split('\n');
  return { line: lines.length, column: lines.at(-1)!.length + 1 };
}

const texts = fc
  .array(fc.constantFrom('a', 'word ', 'ä', '€', '😀', '\n', '\r\n', '\r', '\u2028', '\0'), { maxLength: 60 })
  .map((parts) => parts.join(''));

describe('cursors', () => {
  it('are the same over bytes and over text, in one go and in pieces', () => {
    fc.assert(
      fc.property(texts, fc.array(fc.nat(), { maxLength: 5 }), (text, cuts) => {
        const expected = naive(text);
        const bytes = Buffer.from(text);
        assert.deepEqual(advance(startOfText, bytes), expected);
        assert.deepEqual(advanceText(startOfText, text), expected);
        // Bytes may be cut in the middle of a character, texts in the middle of a pair.
        assert.deepEqual(pieces(bytes, cuts).reduce(advance, startOfText), expected);
        assert.deepEqual(pieces(text, cuts).reduce(advanceText, startOfText), expected);
      }),
      { numRuns: 300 },
    );
  });

  it('count from one, CR belongs to its line', () => {
    assert.deepEqual(advance(startOfText, Buffer.from('a\r\nb')), { line: 2, column: 2 });
    assert.deepEqual(advance(startOfText, Buffer.from('a\r')), { line: 1, column: 3 });
    assert.deepEqual(advance({ line: 7, column: 5 }, Buffer.from('x😀')), { line: 7, column: 8 });
  });
});

function pieces<T extends { readonly length: number; slice(from: number, to: number): T }>(whole: T, cuts: readonly number[]): T[] {
  const edges = [0, ...cuts.map((cut) => cut % (whole.length + 1)).sort((a, b) => a - b), whole.length];
  return edges.slice(1).map((edge, index) => whole.slice(edges[index], edge));
}
