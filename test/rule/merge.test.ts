// Overlapping detections become one, whatever their order.
import assert from 'node:assert/strict';
import { array, assert as assertProperty, constantFrom, integer, nat, property, record } from 'fast-check';
import { mergeOverlapping, type Ranked } from '../../src/rule/merge.ts';
import { confidences, severities } from '../../src/model/severity.ts';
import { Secret } from '../../src/model/secret.ts';

function ranked(ruleId: string, start: number, end: number, more: Partial<Ranked['detection']> & { isGeneric?: boolean } = {}): Ranked {
  const { isGeneric = false, ...rest } = more;
  return {
    start,
    end,
    isGeneric,
    detection: { ruleId, severity: 'medium', confidence: 'medium', secret: new Secret('x'), start, end, alsoRules: [], proved: [], ...rest },
  };
}

describe('mergeOverlapping', () => {
  it('lets the surer rule speak, then the worse, then the one that knows the form', () => {
    const [sure] = mergeOverlapping([ranked('a', 0, 10, { severity: 'critical' }), ranked('b', 2, 8, { confidence: 'high' })]);
    assert.deepEqual([sure!.detection.ruleId, sure!.detection.alsoRules], ['b', ['a']]);
    const [worse] = mergeOverlapping([ranked('a', 0, 10), ranked('b', 2, 8, { severity: 'high' })]);
    assert.equal(worse!.detection.ruleId, 'b');
    const [form] = mergeOverlapping([ranked('generic', 0, 10, { isGeneric: true }), ranked('token', 2, 8)]);
    assert.equal(form!.detection.ruleId, 'token');
  });

  it('keeps neighbours apart', () => assert.equal(mergeOverlapping([ranked('a', 0, 5), ranked('b', 5, 9)]).length, 2));

  it('gives detections that do not overlap, in order, and loses no rule', () => {
    const item = record({
      rule: constantFrom('a', 'b', 'c', 'd'),
      start: nat(60),
      length: integer({ min: 1, max: 20 }),
      severity: constantFrom(...severities),
      confidence: constantFrom(...confidences),
    });
    assertProperty(
      property(array(item, { maxLength: 15 }), (items) => {
        const all = items.map(({ rule, start, length, severity, confidence }) => ranked(rule, start, start + length, { severity, confidence }));
        const merged = mergeOverlapping(all);
        for (let index = 1; index < merged.length; index++) assert.ok(merged[index]!.start >= merged[index - 1]!.end);
        const named = new Set(merged.flatMap(({ detection: { ruleId, alsoRules } }) => [ruleId, ...alsoRules]));
        assert.ok(all.every(({ detection }) => named.has(detection.ruleId)));
        assert.deepEqual(
          mergeOverlapping(all.toReversed()).map(({ start, end }) => [start, end]),
          merged.map(({ start, end }) => [start, end]),
        );
      }),
      { numRuns: 200 },
    );
  });
});
