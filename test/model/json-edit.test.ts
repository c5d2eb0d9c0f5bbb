// JSON changed where it is to be changed: everything else is the very bytes, and the result is JSON still.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { additions, editedJson, removals, replaced } from '../../src/model/json-edit.ts';
import { type JsonNode, parseJson } from '../../src/model/json.ts';
import { defaultLimits } from '../../src/model/limits.ts';

const parsed = (text: string) => parseJson(Buffer.from(text), 'test', defaultLimits);
const edited = (text: string, edits: (root: JsonNode) => Parameters<typeof editedJson>[1]) =>
  editedJson(Buffer.from(text), edits(parsed(text))).toString();

/** With spaces where JSON allows them. */
const spaced = (items: readonly string[], [open, close]: string, space: string) =>
  `${open}${space}${items.join(`${space},${space}`)}${space}${close}`;
const space = fc.constantFrom('', ' ', '\n  ', '\t');
const gone = fc.array(fc.boolean(), { minLength: 0, maxLength: 8 });

describe('edits of JSON', () => {
  it('take any items out of an array', () => {
    fc.assert(
      fc.property(gone, space, (which, between) => {
        const items = which.map((_, index) => `{"n": ${index}}`);
        const result = edited(`{"a":${spaced(items, '[]', between)} }`, (root) =>
          root.kind === 'object' ? removals(root.entries[0].value, (index) => which[index]) : [],
        );
        assert.deepEqual(JSON.parse(result), { a: which.flatMap((isGone, index) => (isGone ? [] : [{ n: index }])) });
        if (!which.includes(true)) assert.equal(result, `{"a":${spaced(items, '[]', between)} }`);
      }),
    );
  });

  it('take any members out of an object and put others in, at once', () => {
    fc.assert(
      fc.property(gone, space, fc.integer({ min: 0, max: 2 }), (which, between, more) => {
        const members = which.map((_, index) => `"k${index}" : [${index}]`);
        const added = Object.fromEntries(Array.from({ length: more }, (_, index) => [`new${index}`, `"${index}"`]));
        const isAnyLeft = which.includes(false) || which.length === 0;
        const result = edited(spaced(members, '{}', between), (root) => [
          ...removals(root, (index) => which[index]),
          ...(root.kind === 'object' && isAnyLeft ? additions(root, added) : []),
        ]);
        const kept = Object.fromEntries(which.flatMap((isGone, index) => (isGone ? [] : [[`k${index}`, [index]]])));
        assert.deepEqual(JSON.parse(result), { ...kept, ...(isAnyLeft ? added : {}) });
      }),
    );
  });

  it('leave every byte outside of the edits as it is, whatever it is written like', () => {
    const text = '\n{ "a" : 1e2 ,"b":"\\u00e9\\/" , "c" : [ 1.0, -0 ,"x" ] , "a":2}\n ';
    const result = edited(text, (root) => {
      assert.ok(root.kind === 'object');
      const c = root.entries[2].value;
      assert.ok(c.kind === 'array');
      return [replaced(c.items[2], 'y"')];
    });
    assert.equal(result, text.replace('"x"', '"y\\""'));
    assert.deepEqual(editedJson(Buffer.from(text), []), Buffer.from(text));
  });

  it('make the outer of two that overlap, in whatever order they come', () => {
    const text = '{"a":{"b":"c"},"d":1}';
    for (const isReversed of [false, true]) {
      const result = edited(text, (root) => {
        assert.ok(root.kind === 'object');
        const outer = root.entries[0].value;
        assert.ok(outer.kind === 'object');
        const edits = [replaced(outer, { n: 1 }), replaced(outer.entries[0].value, 'inner')];
        return isReversed ? edits.toReversed() : edits;
      });
      assert.equal(result, '{"a":{"n":1},"d":1}');
    }
  });

  it('find nothing to take out of a value that is neither list nor object', () => {
    assert.deepEqual(
      removals(parsed('"text"'), () => true),
      [],
    );
    assert.deepEqual(
      removals(parsed('[1,2]'), () => false),
      [],
    );
  });
});
