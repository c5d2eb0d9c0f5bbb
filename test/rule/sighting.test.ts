// Where a rule looks in a text: anywhere, or only at the places that are known.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { MatchPlace } from '../../src/model/rule.ts';
import { parseRuleDocument } from '../../src/rule/rule-file.ts';
import { sightingsOf } from '../../src/rule/sighting.ts';

const document = {
  rules: [
    {
      id: 'word',
      name: 'Word',
      pattern: '(?<![a-z=])(?<secret>[a-z]{3})(?=[= ,]|$)',
      keywords: ['abc'],
      severity: 'high',
      confidence: 'high',
      description: 'A word.',
      advice: 'Leave it. See https://example.com',
      references: ['https://example.com'],
      examples: ['abc', 'abd'],
      counterExamples: ['1'],
    },
  ],
};
const [rule] = parseRuleDocument(document, 'rules.yml').rules;

/** Starts of what is found. */
function found(text: string, places?: readonly MatchPlace[]): number[] {
  return sightingsOf(rule!, text, 'a', { places }).map(({ start }) => start);
}

describe('sightings', () => {
  const text = 'abc 123 xyz=uvw, abd 4';

  it('are looked for anywhere, or where matches may be', () => {
    assert.deepEqual(found(text), [0, 8, 17]);
    assert.deepEqual(found(text, [8]), [8]);
    assert.deepEqual(found(text, [7, 8, 17]), [8, 17]);
    assert.deepEqual(found(text, [{ start: 1, end: 16 }]), [8]);
    assert.deepEqual(found(text, [0, { start: 1, end: 9 }, { start: 16, end: 22 }]), [0, 17]);
    assert.deepEqual(found(text, []), []);
  });

  it('see what stands in front of a stretch, and nothing behind it', () => {
    assert.deepEqual(found(text, [{ start: 1, end: 3 }]), [], 'bc is the rest of a word');
    assert.deepEqual(found(text, [{ start: 8, end: 12 }]), [8]);
    assert.deepEqual(found(text, [{ start: 8, end: 10 }]), []);
  });

  it('are each found once where places overlap', () => {
    assert.deepEqual(found(text, [8, 8, { start: 8, end: 20 }, { start: 9, end: 22 }]), [8, 17]);
  });

  it('are found anywhere exactly when all of the text is a place', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', '=', ' '), maxLength: 60 }), (random) => {
        assert.deepEqual(found(random, [{ start: 0, end: random.length }]), found(random));
        assert.deepEqual(
          found(
            random,
            Array.from({ length: random.length }, (_, index) => index),
          ),
          found(random),
        );
      }),
    );
  });
});
