import assert from 'node:assert/strict';
import { join } from 'node:path';
import { compileRules, readCompiledRules } from '../../src/rule/compiled-rules.ts';
import { packagedRules } from '../../src/rule/packaged-rules.ts';
import { readRulesFolder } from '../../src/rule/rules-folder.ts';
import { scratch } from '../support/scratch.ts';

describe('compiled rules', () => {
  const temporary = scratch();

  it('are the rules that they were made of', async () => {
    const files = await readRulesFolder(packagedRules);
    const compiled = await readCompiledRules(temporary.file(Buffer.from(compileRules(files))));
    const known = (all: typeof files) =>
      all.map(({ file, source, rules, formats, problems }) => ({
        file,
        source,
        formats,
        problems,
        rules: rules.map(({ allow, ...rule }) => ({ ...rule, allow: allow.length })),
      }));
    assert.deepEqual(known(compiled!), known(files));
  });

  it('need not be there', async () => {
    assert.equal(await readCompiledRules(join(temporary.newFolder(), 'rules.json')), undefined);
  });

  it('are not made of a file with a problem', async () => {
    const files = await readRulesFolder(temporary.file(Buffer.from('rules: [{ id: acme-token }]'), 'acme.yml'));
    assert.throws(() => compileRules(files), { code: 'usage', message: /acme-token in acme\.yml/ });
  });
});
