// The user's own secretlint configuration, in a folder of its own.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { loadRuleset } from '../../src/rule/ruleset.ts';

const shopToken = ['shpat_5f2a9c1b7e3d', '8046a1b3c5d7e9f20468'].join('');

function ruleModule(id: string, body: string): string {
  return `export const creator = {
  messages: { FOUND: { en: () => 'found' } },
  meta: { id: '${id}', type: 'scanner', recommended: false, supportedContentTypes: ['text'] },
  create(context) {
    const translate = context.createTranslator(creator.messages);
    return { file(source) { ${body} } };
  },
};`;
}

describe("a .secretlintrc in the user's folder", () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'unbake-rc-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  function write(name: string, content: string): void {
    mkdirSync(join(directory, name, '..'), { recursive: true });
    writeFileSync(join(directory, name), content);
  }

  async function found(text: string, name = 'app/x.txt') {
    const ruleset = await loadRuleset({ rcDirectory: directory });
    return ruleset.detect(text, name, ruleset.detectors.keys());
  }

  const mine = ruleModule(
    'mine',
    `for (const match of source.content.matchAll(/MINE-\\d+/g)) context.report({ message: translate('FOUND'), range: [match.index, match.index + match[0].length] });`,
  );

  it('adds a local rule, named in YAML', async () => {
    write('mine.mjs', mine);
    write('.secretlintrc.yml', stringify({ rules: [{ id: './mine.mjs', severity: 'warning' }] }));
    const { detections } = await found('a MINE-12345 b');
    assert.deepEqual(
      detections.map(({ ruleId, severity, secret }) => [ruleId, severity, secret.reveal()]),
      [['./mine.mjs', 'medium', 'MINE-12345']],
    );
  });

  it('finds a rule package of the project, and the bundled preset from there, named in JSON', async () => {
    write('node_modules/secretlint-rule-mine/package.json', JSON.stringify({ name: 'secretlint-rule-mine', type: 'module', exports: './index.js' }));
    write('node_modules/secretlint-rule-mine/index.js', mine);
    write('.secretlintrc.json', JSON.stringify({ rules: [{ id: 'mine' }, { id: '@secretlint/secretlint-rule-preset-recommend' }] }));
    const ruleset = await loadRuleset({ rcDirectory: directory });
    assert.equal(new Set(ruleset.rules.map(({ id }) => id)).size, ruleset.rules.length);
    const { detections, failures } = await found(`MINE-1234567 ${shopToken}`);
    assert.deepEqual(failures, []);
    assert.equal(detections.length, 2);
  });

  it('is honoured where it allows a value of the preset', async () => {
    const preset = '@secretlint/secretlint-rule-preset-recommend';
    const allowing = (options: object) =>
      write('.secretlintrc.json', JSON.stringify({ rules: [{ id: preset, rules: [{ id: '@secretlint/secretlint-rule-shopify', ...options }] }] }));
    const names = async () => {
      const ruleset = await loadRuleset({ rcDirectory: directory });
      const index = ruleset.rules.findIndex(({ id }) => id === 'secretlint/shopify');
      return index === -1 ? 'no such rule' : (await ruleset.detect(shopToken, 'x', [index])).detections.map(({ severity }) => severity);
    };
    allowing({});
    assert.deepEqual(await names(), ['high']);
    allowing({ options: { allows: [shopToken] } });
    assert.deepEqual(await names(), []);
    allowing({ severity: 'info' });
    assert.deepEqual(await names(), ['info']);
    allowing({ disabled: true });
    assert.equal(await names(), 'no such rule');
  });

  it('costs only itself when its rule throws, and its message is not repeated', async () => {
    write('bad.mjs', ruleModule('bad', 'throw new SyntaxError(source.content);'));
    write('.secretlintrc.yml', stringify({ rules: [{ id: './bad.mjs' }] }));
    const { detections, failures } = await found(shopToken);
    assert.equal(detections.length, 1);
    assert.equal(failures.length, 1);
    assert.equal(failures[0]!.ruleId, './bad.mjs');
    assert.match(failures[0]!.reason, /it threw a SyntaxError at bad\.mjs:/);
    assert.ok(!failures[0]!.reason.includes(shopToken));
  });

  it('is a wrong usage when a rule is not there', async () => {
    write('.secretlintrc.yml', stringify({ rules: [{ id: 'not-there' }] }));
    await assert.rejects(found(''), (error: Error) => 'code' in error && error.code === 'usage' && /not-there/.test(error.message));
  });

  it('may be missing', async () => assert.equal((await found('x')).failures.length, 0));
});
