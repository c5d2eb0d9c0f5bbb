// The shapes of our own rules: what their examples hold passes, and most rules have one.
import assert from 'node:assert/strict';
import { loadRuleset } from '../../../src/rule/ruleset.ts';
import { packagedRules } from '../../../src/rule/packaged-rules.ts';
import { readRulesFolder } from '../../../src/rule/rules-folder.ts';
import { sightingsOf } from '../../../src/rule/sighting.ts';
import { siftFor } from '../../../src/rule/sift.ts';

describe('the shapes of our rules', () => {
  it('let every example pass', async () => {
    const { detectors } = await loadRuleset();
    const sift = siftFor(detectors);
    const missed: string[] = [];
    let examples = 0;
    for (const rule of (await readRulesFolder(packagedRules)).flatMap(({ rules }) => rules)) {
      const index = detectors.findIndex(({ ruleId }) => ruleId === rule.info.id);
      for (const { path, text } of [...rule.examples, ...rule.counterExamples]) {
        if (detectors[index]?.looksAt?.(path) === false || sightingsOf(rule, text, path).length === 0) continue;
        examples++;
        if (!sift.detectorsIn(Buffer.from(text), (detector) => detectors[detector]!.looksAt?.(path) !== false).includes(index))
          missed.push(rule.info.id);
      }
    }
    assert.deepEqual(missed, []);
    assert.ok(examples > 2000, String(examples));
  });

  it('are known for most of them', async () => {
    const { detectors } = await loadRuleset();
    const known = detectors.filter(({ shape }) => shape?.() !== undefined).length;
    assert.ok(known > 0.75 * detectors.length, `${known} of ${detectors.length}`);
  });
});
