// Our table knows every rule of the preset that is installed: a new one there must get its keywords here.
import assert from 'node:assert/strict';
import { inlineCommentsRule, loadPresetRules, presetRuleId } from '../../src/rule/preset-rule.ts';
import { presetRules } from '../../src/rule/preset-table.ts';

describe('the table of the recommended preset', () => {
  it('has each rule of the preset once', async () => {
    const known = [...presetRules.map(presetRuleId), inlineCommentsRule].sort();
    assert.deepEqual(known, [...(await loadPresetRules()).keys()].sort());
  });

  it('gives every rule keywords that the filter can use', () => {
    for (const { info } of presetRules) assert.ok(info.keywords.length > 0 && info.keywords.every((keyword) => keyword.length >= 3), info.id);
  });
});
