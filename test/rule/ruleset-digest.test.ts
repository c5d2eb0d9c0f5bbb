// The digest of a set of rules changes with whatever the rules depend on, and with nothing else.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packagedRules } from '../../src/rule/packaged-rules.ts';
import { rulesetDigestOf } from '../../src/rule/ruleset-digest.ts';
import { scratch } from '../support/scratch.ts';

describe('rulesetDigestOf', () => {
  const place = scratch();

  it('is the same for the same rules', async () => {
    const digest = await rulesetDigestOf({});
    assert.match(digest!, /^[0-9a-f]{64}$/);
    assert.equal(await rulesetDigestOf({ respectInlineIgnores: false, rcDirectory: place.newFolder() }), digest);
    const copies = [place.newFolder(), place.newFolder()];
    for (const copy of copies) cpSync(packagedRules, copy, { recursive: true });
    assert.equal(await rulesetDigestOf({ rulesDirectories: [copies[0]!] }), await rulesetDigestOf({ rulesDirectories: [copies[1]!] }));
  });

  it('changes with every option', async () => {
    const folder = place.newFolder();
    const digests = await Promise.all(
      [
        {},
        { respectInlineIgnores: true },
        { enable: ['github-*'] },
        { disable: ['github-*'] },
        { enable: ['a'], disable: ['b'] },
        { enable: ['a', 'b'] },
        { rulesDirectories: [folder] },
        { rulesDirectories: [folder, folder] },
        { added: { file: 'a', rules: [{ id: 'a' }] } },
        { added: { file: 'a', rules: [{ id: 'b' }] } },
        { grades: [{ rules: 'a', severity: 'low' }] as const },
        { grades: [{ rules: 'a', confidence: 'low' }] as const },
      ].map(rulesetDigestOf),
    );
    assert.equal(new Set(digests).size, digests.length);
  });

  it('changes with the bytes and names of rule files, at any depth and behind links, and with nothing beside them', async () => {
    const folder = place.newFolder();
    const elsewhere = place.newFolder();
    const seen: (string | undefined)[] = [];
    const step = async (change: () => void): Promise<boolean> => {
      change();
      const digest = await rulesetDigestOf({ rulesDirectories: [folder] });
      assert.ok(digest);
      const isNew = !seen.includes(digest);
      seen.push(digest);
      return isNew;
    };
    const write = (path: string, text: string) => () => writeFileSync(path, text);
    assert.ok(await step(() => {}));
    assert.ok(await step(write(join(folder, 'a.yml'), 'rules: []\n')));
    assert.ok(await step(write(join(folder, 'a.yml'), 'rules: [] \n')));
    assert.ok(await step(() => renameSync(join(folder, 'a.yml'), join(folder, 'b.yaml'))));
    assert.ok((await step(() => mkdirSync(join(folder, 'deep/er'), { recursive: true }))) === false);
    assert.ok(await step(write(join(folder, 'deep/er/c.yml'), 'x')));
    assert.ok(!(await step(write(join(folder, 'README.md'), 'x'))));
    writeFileSync(join(elsewhere, 'd.yml'), 'x');
    assert.ok(await step(() => symlinkSync(elsewhere, join(folder, 'linked'))));
    assert.ok(await step(write(join(elsewhere, 'd.yml'), 'y')));
    symlinkSync(folder, join(elsewhere, 'round'));
    assert.ok(await rulesetDigestOf({ rulesDirectories: [folder] }), 'a circle of links ends');
  });

  it('changes with a single file of rules', async () => {
    const file = join(place.newFolder(), 'own.yml');
    const digests = new Set<string | undefined>([await rulesetDigestOf({})]);
    for (const text of ['rules: []', 'rules: [] ']) {
      writeFileSync(file, text);
      digests.add(await rulesetDigestOf({ rulesDirectories: [file] }));
    }
    assert.ok(digests.size === 3 && !digests.has(undefined));
  });

  it('is not there when rules may be code, or cannot be read', async () => {
    for (const name of ['.secretlintrc.json', '.secretlintrc.js']) {
      const folder = place.newFolder();
      writeFileSync(join(folder, name), '{"rules": []}');
      assert.equal(await rulesetDigestOf({ rcDirectory: folder }), undefined);
    }
    const folder = place.newFolder();
    writeFileSync(join(folder, 'package.json'), '{"secretlint": {"rules": []}}');
    assert.equal(await rulesetDigestOf({ rcDirectory: folder }), undefined);
    assert.equal(await rulesetDigestOf({ rulesDirectories: [join(folder, 'nowhere')] }), undefined);
    assert.equal(await rulesetDigestOf({ rulesDirectories: [join(folder, 'package.json')] }), undefined);
  });
});
