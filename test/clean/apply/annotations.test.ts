import assert from 'node:assert/strict';
import fc from 'fast-check';
import { annotationEdits } from '../../../src/clean/apply/annotations.ts';
import { parseJson } from '../../../src/model/json.ts';
import { editedJson } from '../../../src/model/json-edit.ts';
import { defaultLimits } from '../../../src/model/limits.ts';

function edited(text: string, wanted: Record<string, string>, isGone: (key: string) => boolean = () => false): string {
  const bytes = Buffer.from(text);
  return editedJson(bytes, annotationEdits(parseJson(bytes, 'descriptor', defaultLimits), wanted, isGone)).toString();
}

describe('annotations of a descriptor', () => {
  it('are added where there are none', () => {
    assert.equal(edited('{"size":1}', { a: '1' }), '{"size":1,"annotations":{"a":"1"}}');
    assert.equal(edited('{"annotations": {}}', { a: '1' }), '{"annotations": {"a":"1"}}');
    assert.equal(edited('{"annotations":null}', { a: '1' }), '{"annotations":{"a":"1"}}');
  });

  it('stay as they are written when they are right already', () => {
    for (const text of ['{ "size":1 }', '{"annotations" : { "a":"\\u0031" , "b":"2"} }', '{"annotations":null}']) {
      assert.equal(edited(text, text.includes('"a"') ? { a: '1' } : {}), text);
    }
  });

  it('are exchanged, and others stay', () => {
    assert.equal(edited('{"annotations":{"a":"old","b":"2"}}', { a: '1' }), '{"annotations":{"b":"2","a":"1"}}');
    assert.equal(edited('{"annotations":{"b":"2","a":"old"}}', { a: '1' }), '{"annotations":{"b":"2","a":"1"}}');
    assert.equal(edited('{"annotations":{"a":"old"}}', { a: '1' }), '{"annotations":{"a":"1"}}');
    assert.equal(
      edited('{"annotations":{"name":"x","b":"2"}}', { a: '1' }, (key) => key === 'name'),
      '{"annotations":{"b":"2","a":"1"}}',
    );
  });

  it('are those that are wanted and those that are not gone, whatever stood there', () => {
    const key = fc.constantFrom<string>('a', 'b', 'c', 'd', '__proto__');
    const value = fc.constantFrom('1', '2', '"', 'é');
    const record = fc.array(fc.tuple(key, value), { maxLength: 5 }).map((pairs) => new Map(pairs));
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value), { maxLength: 6 }), record, fc.uniqueArray(key), (entries, wanted, gone) => {
        const members = entries.map(([name, text]) => `${JSON.stringify(name)}: ${JSON.stringify(text)}`).join(' , ');
        const text = edited(`{"annotations": { ${members} } ,"size":1}`, Object.fromEntries(wanted), (name) => gone.includes(name));
        const expected = new Map([...entries.filter(([name]) => !gone.includes(name)), ...wanted]);
        const result = JSON.parse(text) as { annotations: Record<string, string>; size: number };
        assert.deepEqual(new Map(Object.entries(result.annotations)), expected, text);
        assert.equal(result.size, 1);
      }),
    );
  });
});
