// Rules of the user's own that do not come back: each is stopped and told with its place, and takes nothing from others.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultLimits } from '../../../src/model/limits.ts';
import type { RulesetOptions } from '../../../src/rule/ruleset.ts';
import type { ScanOptions } from '../../../src/scan/scan-options.ts';
import { forgetStops, loadGuardedRuleset } from '../../../src/scan/workers/guarded-ruleset.ts';
import { archive, docker25Archive } from '../../support/forms.ts';
import { assemble } from '../../support/image.ts';
import { file } from '../../support/raw-tar.ts';
import { scratch } from '../../support/scratch.ts';
import { inAllFormats, scanned } from '../cache/cached.ts';
import { token } from '../small-rules.ts';
import { always, tokenRules } from './threaded.ts';

/** A rule that finds its word and digits, and does `trouble` with every text that it is run over. */
const userRule = (id: string, word: string, trouble: string): string => `export const creator = {
  messages: { FOUND: { en: () => 'found' } },
  meta: { id: '${id}', type: 'scanner', recommended: false, supportedContentTypes: ['text'] },
  create(context) {
    const translate = context.createTranslator(creator.messages);
    return { async file(source) {
      ${trouble}
      for (const match of source.content.matchAll(/${word}-\\d+/g))
        context.report({ message: translate('FOUND'), range: [match.index, match.index + match[0].length] });
    } };
  },
};`;

describe('a rule of the user that does not come back', function () {
  this.timeout(120_000);
  const files = scratch();
  const limits = { ...defaultLimits, ruleMilliseconds: 200 };
  const ended = 'it took longer than 0.2 s over this text and was ended';
  const finalEnd = `${ended}, as twice before: it was not run over what follows`;

  /** These rules, and the one for tokens, in a folder of the user's. */
  function rulesetOptions(...rules: readonly string[]): RulesetOptions {
    const rcDirectory = files.newFolder();
    for (const [index, rule] of rules.entries()) writeFileSync(join(rcDirectory, `rule${index}.mjs`), rule);
    writeFileSync(join(rcDirectory, '.secretlintrc.json'), JSON.stringify({ rules: rules.map((_, index) => ({ id: `./rule${index}.mjs` })) }));
    const { rulesDirectories = [] } = tokenRules(files);
    return { rcDirectory, rulesDirectories, enable: ['token', ...rules.map((_, index) => `./rule${index}.mjs`)] };
  }

  it('is stopped, however it is stuck, and all other rules are heard', async () => {
    const trouble = `
      if (source.content.includes('LOOP')) for (;;);
      await undefined;
      if (source.content.includes('LATER')) for (;;);
      if (source.content.includes('NEVER')) await new Promise(() => {});
      if (source.content.includes('EXIT')) process.exit(7);`;
    const options = rulesetOptions(userRule('first', 'MINE', trouble), userRule('second', 'YOURS', ''));
    const ruleset = await loadGuardedRuleset(options, limits);
    const detect = async (text: string, ...of: readonly string[]) => {
      forgetStops(ruleset);
      const detectors = [...ruleset.detectors.keys()].filter((index) => of.includes(ruleset.detectors[index]!.ruleId));
      const { detections, failures } = await ruleset.detect(text, 'a', detectors);
      return [
        ...detections.map(({ ruleId, secret }) => `${ruleId} ${secret.reveal()}`),
        ...failures.map(({ ruleId, reason }) => `${ruleId}: ${reason}`),
      ];
    };
    const all = ['./rule0.mjs', './rule1.mjs', 'token'];
    assert.deepEqual(await detect(`MINE-123456 YOURS-654321 ${token(1)}`, ...all), [
      './rule0.mjs MINE-123456',
      './rule1.mjs YOURS-654321',
      `token ${token(1)}`,
    ]);
    const stopped = await detect(`MINE-123456 YOURS-654321 LOOP ${token(2)}`, ...all);
    assert.deepEqual(stopped, ['./rule1.mjs YOURS-654321', `token ${token(2)}`, `./rule0.mjs: ${ended}`]);
    for (const [word, reason] of [
      ['LATER', ended],
      ['NEVER', ended],
      ['EXIT', 'it ended the thread that it was run in'],
    ] as const)
      assert.deepEqual(
        await detect(`MINE-123456 ${word} ${token(3)}`, './rule0.mjs', 'token'),
        [`token ${token(3)}`, `./rule0.mjs: ${reason}`],
        word,
      );
    assert.deepEqual(await detect('MINE-654321', ...all), ['./rule0.mjs MINE-654321']);
  });

  it('is not run any more when it was stopped three times, until the next layer', async () => {
    const ruleset = await loadGuardedRuleset(rulesetOptions(userRule('first', 'MINE', 'for (;;);')), limits);
    const reasons = async () => (await ruleset.detect('a text', 'a', ruleset.detectors.keys())).failures.map(({ reason }) => reason);
    assert.deepEqual([await reasons(), await reasons(), await reasons(), await reasons()], [[ended], [ended], [finalEnd], []]);
    forgetStops(ruleset);
    assert.deepEqual(await reasons(), [ended]);
  });

  it('is told the same by one thread and by several, at most three times for a layer', async () => {
    const options = rulesetOptions(userRule('first', 'MINE', "if (source.content.includes('STUCK')) for (;;);"));
    const layer = (seed: number) => ({
      entries: [
        file(`calm${seed}`, Buffer.from(`MINE-1234${seed} ${token(seed)}`)),
        ...Array.from({ length: seed }, (_, index) => file(`stuck${seed}.${index}`, Buffer.from(`STUCK ${token(10 * seed + index)}`))),
      ],
    });
    const image = assemble({ layers: [layer(1), layer(2), layer(4)] });
    const reference = files.file(archive(docker25Archive(image)));
    const report = async (changes: Partial<ScanOptions>) =>
      scanned(reference, { ruleset: await loadGuardedRuleset(options, limits), rulesetOptions: options, limits, ...changes });
    const one = await report({ jobs: 1 });
    assert.deepEqual(await inAllFormats(await report(always(2))), await inAllFormats(one));
    const values = new Set(one.report.findings.map(({ secret }) => secret.reveal()));
    for (const value of ['MINE-12341', 'MINE-12342', ...[1, 2, 10, 20, 21].map(token)]) assert.ok(values.has(value), value);
    const failed = one.report.skipped.filter(({ reason }) => reason === 'rule-failed');
    const where = failed.map(({ place }) => /stuck\d\.\d/.exec(place)?.[0]);
    assert.deepEqual(where, ['stuck1.0', 'stuck2.0', 'stuck2.1', 'stuck4.0', 'stuck4.1', 'stuck4.2']);
    assert.match(failed.at(-1)!.detail, /as twice before/);
  });
});
