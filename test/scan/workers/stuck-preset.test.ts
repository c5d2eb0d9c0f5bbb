// A rule of the preset that does not come back stops the thread of its layer; the layer is scanned once more, with that rule where it can be
// stopped alone.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { slackToken } from '../../support/planted.ts';
import { file, tar } from '../../support/raw-tar.ts';
import { scratch } from '../../support/scratch.ts';
import { tool } from '../../support/tool.ts';
import { token } from '../small-rules.ts';
import { tokenRules } from './threaded.ts';

const source = new URL('../../../src/', import.meta.url);

describe('a rule of the preset that does not come back', function () {
  this.timeout(120_000);
  const files = scratch();

  it('is stopped and told with its place, and the rest of the layer is read', () => {
    // In every thread of the program the rule for Slack hangs over a text that holds this word.
    const sabotage = join(files.folder, 'sabotage.mjs');
    writeFileSync(
      sabotage,
      `const { rules } = await import(${JSON.stringify(import.meta.resolve('@secretlint/secretlint-rule-preset-recommend'))});
for (const rule of rules.filter(({ meta }) => meta.id.endsWith('-slack'))) {
  const { create } = rule;
  rule.create = (...given) => ({ file: (text) => { if (text.content.includes('STUCK')) for (;;); return create(...given).file(text); } });
}`,
    );
    const tokens = tokenRules(files);
    const rules = { ...tokens, enable: [...(tokens.enable ?? []), 'secretlint/slack'] };
    const layer = files.file(
      tar(
        file('one', Buffer.from(`${token(1)} ${slackToken('one')}`)),
        file('stuck', Buffer.from(`${token(2)} STUCK ${slackToken('two')}`)),
        file('three', Buffer.from(`${token(3)} ${slackToken('three')}`)),
      ),
    );
    const program = join(files.folder, 'scan.mts');
    writeFileSync(
      program,
      `import { statSync } from 'node:fs';
const { loadRuleset } = await import(${JSON.stringify(new URL('rule/ruleset.ts', source).href)});
const { LayerThread } = await import(${JSON.stringify(new URL('scan/workers/layer-thread.ts', source).href)});
const { pathBlob } = await import(${JSON.stringify(new URL('store/path-blob.ts', source).href)});
const { defaultLimits } = await import(${JSON.stringify(new URL('model/limits.ts', source).href)});
const rulesetOptions = ${JSON.stringify(rules)};
const { hash } = await loadRuleset(rulesetOptions);
const thread = new LayerThread({ rulesetOptions, rulesetHash: hash, limits: { ...defaultLimits, ruleMilliseconds: 300 } });
const path = ${JSON.stringify(layer)};
const blob = pathBlob(path, statSync(path).size);
const { sightings, skipped } = await thread.scan({ name: 'layer', blob, algorithm: 'sha256', onProgress() {}, onDone() {} });
await thread.stop();
const found = sightings.map(({ origin, detection }) => origin.entry.path + ' ' + detection.ruleId).sort();
process.stdout.write(JSON.stringify({ found, skipped }));`,
    );
    const { found, skipped } = JSON.parse(tool(process.execPath, ['--import', sabotage, program])) as {
      found: readonly string[];
      skipped: readonly object[];
    };
    assert.deepEqual(found, ['one secretlint/slack', 'one token', 'stuck token', 'three secretlint/slack', 'three token']);
    assert.deepEqual(skipped, [
      {
        reason: 'rule-failed',
        place: '/stuck, byte 0',
        detail: 'rule secretlint/slack: it took longer than 0.3 s over this text and was ended',
      },
    ]);
  });
});
