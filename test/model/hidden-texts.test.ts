import assert from 'node:assert/strict';
import fc from 'fast-check';
import { HiddenTexts, traitOf } from '../../src/model/hidden-texts.ts';

/** What `mask` promises, in the plainest way. */
function plainly(texts: readonly string[], text: string): string {
  const longestFirst = texts.filter(({ length }) => length >= 3).toSorted((a, b) => b.length - a.length);
  let masked = '';
  for (let at = 0; at < text.length;) {
    const found = longestFirst.find((hidden) => text.startsWith(hidden, at));
    masked += found === undefined ? text[at] : `<${found.length}>`;
    at += found?.length ?? 1;
  }
  return masked;
}

describe('HiddenTexts', () => {
  const few = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '\n'), maxLength: 14 });

  it('hides the longest text at each character, whether texts are held or recognised', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(few, fc.boolean()), { maxLength: 6 }),
        fc.string({ unit: fc.constantFrom('a', 'b', 'é', '\n'), maxLength: 60 }),
        (texts, text) => {
          const hidden = new HiddenTexts(texts.map(([each, isHeld]) => ({ text: isHeld ? each : traitOf(each), mask: `<${each.length}>` })));
          const expected = plainly(
            texts.map(([each]) => each),
            text,
          );
          assert.equal(hidden.mask(text), expected);
          assert.equal(hidden.isIn(text), expected !== text);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('does not hold what it only recognises', () => {
    const text = 'a long and secret text';
    const trait = traitOf(text);
    assert.ok(!JSON.stringify(trait).includes('secret'));
    assert.equal(new HiddenTexts([{ text: trait, mask: '***' }]).mask(`-${text}-`), '-***-');
  });

  it('takes time for the text that it looks at, not for all that it hides', () => {
    const many = Array.from({ length: 50_000 }, (_, index) => `${'gh'}p_${index.toString(36).padStart(12, '0')}`);
    const hidden = new HiddenTexts(many.map((text) => ({ text: traitOf(text), mask: '*' })));
    assert.equal(hidden.mask(many.slice(0, 1000).join(' ')), Array.from({ length: 1000 }, () => '*').join(' '));
  });
});
