// `unbake.config.*`: what it may say, and how it is told what is wrong.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { parseConfig } from '../../src/cli/config.ts';
import { UnbakeError } from '../../src/model/error.ts';

const docs = new URL('../../docs/', import.meta.url);

describe('parseConfig', () => {
  const schema = new Ajv({ allErrors: true }).compile(JSON.parse(readFileSync(new URL('config.schema.json', docs), 'utf8')));

  it('reads all that can be said', () => {
    const document = {
      rules: { folders: ['a'], enable: ['b*'], disable: ['c'], grade: { 'd-*': { severity: 'low' }, d: { confidence: 'high' } }, add: [{ id: 'e' }] },
      failOn: 'high',
      severity: 'medium',
      failOnIncomplete: true,
      limits: { findings: 10, entryBytes: '1G' },
    };
    assert.ok(schema(document), JSON.stringify(schema.errors));
    assert.deepEqual(parseConfig(document, 'x.yml'), {
      folders: ['a'],
      enable: ['b*'],
      disable: ['c'],
      grades: [
        { rules: 'd-*', severity: 'low' },
        { rules: 'd', confidence: 'high' },
      ],
      added: [{ id: 'e' }],
      failOn: 'high',
      severity: 'medium',
      failOnIncomplete: true,
      limits: ['findings=10', 'entryBytes=1G'],
    });
  });

  it('may say nothing', () => {
    for (const document of [null, undefined, {}, { rules: {} }])
      assert.deepEqual(parseConfig(document, 'x.yml'), { folders: [], grades: [], added: [], limits: [] });
  });

  it('reads the example of the documentation', () => {
    const example = /```yaml\n([^]*?)```/.exec(readFileSync(new URL('configuration.md', docs), 'utf8'))![1]!;
    const document: unknown = parse(example);
    assert.ok(schema(document), JSON.stringify(schema.errors));
    assert.equal(parseConfig(document, 'x.yml').added.length, 1);
  });

  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [3, /^x\.yml must be a mapping$/],
    [[], /^x\.yml must be a mapping$/],
    [{ colour: 1 }, /^x\.yml: field "colour" is unknown; known are rules, failOn/],
    [{ rules: [] }, /field "rules" must be a mapping/],
    [{ rules: { only: [] } }, /field "rules\.only" is unknown; known are folders/],
    [{ rules: { enable: 'a' } }, /field "rules\.enable" must be a list of texts/],
    [{ rules: { folders: [1] } }, /field "rules\.folders" must be a list of texts/],
    [{ rules: { disable: [''] } }, /field "rules\.disable" must be a list of texts/],
    [{ rules: { add: {} } }, /field "rules\.add" must be a list/],
    [{ rules: { grade: ['a'] } }, /field "rules\.grade" must be a mapping/],
    [{ rules: { grade: { jwt: 'low' } } }, /field "rules\.grade\.jwt" must be a mapping/],
    [{ rules: { grade: { jwt: {} } } }, /field "rules\.grade\.jwt" must hold severity/],
    [{ rules: { grade: { jwt: { severty: 'low' } } } }, /field "rules\.grade\.jwt\.severty" is unknown; known are severity, confidence/],
    [{ rules: { grade: { jwt: { severity: 'bad' } } } }, /field "rules\.grade\.jwt\.severity" must be one of info, low/],
    [{ rules: { grade: { jwt: { confidence: 'critical' } } } }, /field "rules\.grade\.jwt\.confidence" must be one of low, medium, high$/],
    [{ failOn: 'bad' }, /field "failOn" must be one of/],
    [{ severity: 1 }, /field "severity" must be one of/],
    [{ failOnIncomplete: 'yes' }, /field "failOnIncomplete" must be true or false/],
    [{ limits: { size: 1 } }, /field "limits\.size" is unknown; known are entryBytes/],
    [{ limits: { findings: '1T' } }, /field "limits\.findings" must be a whole number/],
    [{ limits: { findings: -1 } }, /field "limits\.findings" must be a whole number/],
    [{ limits: { findings: ['1'] } }, /field "limits\.findings" must be a whole number/],
  ];
  for (const [document, expected] of wrong) {
    it(`names the place in ${JSON.stringify(document)}`, () => {
      assert.throws(
        () => parseConfig(document, 'x.yml'),
        (thrown) => thrown instanceof UnbakeError && thrown.code === 'usage' && expected.test(thrown.message),
      );
      if (JSON.stringify(document) !== '{"limits":{"size":1}}') assert.ok(!schema(document), 'the schema takes it');
    });
  }
});
