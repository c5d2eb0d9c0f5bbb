import assert from 'node:assert/strict';
import { defaultLimits } from '../../src/model/limits.ts';
import fc from 'fast-check';
import { UnbakeError } from '../../src/model/error.ts';
import { arrayField, field, isTrue, type JsonNode, numberField, oddKeys, parseJson, stringField } from '../../src/model/json.ts';

const parse = (text: string | Buffer, depth = 100): JsonNode =>
  parseJson(Buffer.from(text as string), 'the document', { jsonDepth: depth, jsonValues: 1e6 });
const is =
  (code: string, message = /./) =>
  (thrown: unknown) =>
    thrown instanceof UnbakeError && thrown.code === code && message.test(thrown.message);

/** The plain value, as JSON.parse would give it. */
function plain(node: JsonNode): unknown {
  switch (node.kind) {
    case 'object': {
      const object = {};
      for (const { key, value } of node.entries)
        Object.defineProperty(object, key, { value: plain(value), enumerable: true, configurable: true, writable: true });
      return object;
    }
    case 'array':
      return node.items.map(plain);
    default:
      return node.value;
  }
}

describe('parseJson', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(0, 1, '\t', '\r\n  '), (text, space) => {
        const written = space === 0 ? text : JSON.stringify(JSON.parse(text), undefined, space);
        assert.deepEqual(plain(parse(written)), JSON.parse(written));
      }),
      { numRuns: 200 },
    );
  });

  it('takes and refuses what JSON.parse takes and refuses, one character changed', () => {
    const characters = fc.constantFrom(...'{}[]:,"\\0123456789.eE+-truefalsn \n\t/\u0000x');
    fc.assert(
      fc.property(fc.json({ maxDepth: 3 }), fc.nat(), characters, fc.constantFrom('insert', 'replace', 'delete'), (text, where, character, how) => {
        const at = where % (text.length + 1);
        const changed = text.slice(0, at) + (how === 'delete' ? '' : character) + text.slice(how === 'insert' ? at : at + 1);
        let expected: unknown;
        try {
          expected = JSON.parse(changed.toWellFormed());
        } catch {
          assert.throws(() => parse(changed), is('damaged'), changed);
          return;
        }
        assert.deepEqual(plain(parse(changed)), expected, changed);
      }),
      { numRuns: 500 },
    );
  });

  it('throws nothing but UnbakeError on any bytes', () => {
    const pieces = fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '\\', '\\u', '1', '-', '"a"', 'null', ' ', '\ud800', '\u0000');
    const garbage = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc.array(pieces, { maxLength: 30 }).map((parts) => Buffer.from(parts.join(''))),
    );
    fc.assert(
      fc.property(garbage, (bytes) => {
        try {
          parseJson(bytes, 'garbage', { jsonDepth: 5, jsonValues: 1e6 });
        } catch (thrown) {
          assert.ok(thrown instanceof UnbakeError, String(thrown));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('keeps both of duplicate keys, and gives the last', () => {
    const root = parse('{"a": 1, "A": 2, "a": "x"}');
    assert.equal(root.kind === 'object' && root.entries.length, 3);
    assert.equal(stringField(root, 'a'), 'x');
    assert.equal(stringField(parse('{"Layers": "x", "layers": "y"}'), 'Layers'), 'y');
  });

  it('takes __proto__ for a key like any other', () => {
    const root = parse('{"__proto__": {"polluted": "yes"}, "constructor": "c"}');
    assert.equal(stringField(field(root, '__proto__'), 'polluted'), 'yes');
    assert.equal(stringField(root, 'constructor'), 'c');
    assert.equal(field(root, 'toString'), undefined);
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  });

  it('stops at the depth that is allowed', () => {
    assert.doesNotThrow(() => parse('['.repeat(100) + ']'.repeat(100), 100));
    assert.throws(() => parse('['.repeat(101) + ']'.repeat(101), 100), is('limit', /nested deeper than 100/));
    assert.throws(() => parse('{"a":'.repeat(100_000), 100), is('limit'));
  });

  it('is not moved by a depth of a million where that is allowed', () => {
    assert.equal(parse('['.repeat(100_000) + ']'.repeat(100_000), 1e6).kind, 'array');
  });

  it('tells the byte at which it is wrong', () => {
    for (const [text, at] of [
      ['', 0],
      ['{"a" 1}', 5],
      ['{"ä€😀" 1}', 13],
      ['[1, 2,]', 6],
      ['[1 2]', 3],
      ['{"a": tru}', 6],
      ['{"a": 01}', 6],
      ['[1] x', 4],
      ['{"a": "b', 6],
      ['{a: 1}', 1],
      ["['a']", 1],
      ['["a\nb"]', 1],
      ['["\\x"]', 1],
      ['NaN', 0],
      ['{"a": 1,}', 8],
    ] as const) {
      assert.throws(() => parse(text), is('damaged', new RegExp(`the document is not valid JSON: .* at byte ${at}\\b`)), text);
    }
  });

  it('reads strings of megabytes, escapes included', () => {
    const long = 'x\\n'.repeat(2 ** 19) + '\\\\';
    const value = `${'x\n'.repeat(2 ** 19)}\\`;
    assert.deepEqual(plain(parse(`["${long}", "${long}"]`)), [value, value]);
  });

  it('tells where each value and key stands', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(0, 2), (text, space) => {
        const written = Buffer.from(space === 0 ? text : JSON.stringify(JSON.parse(text), undefined, space));
        const check = (node: JsonNode): void => {
          assert.deepEqual(JSON.parse(written.toString('utf8', node.span.start, node.span.end)), plain(node));
          if (node.kind === 'array') node.items.forEach(check);
          for (const { key, keySpan, value } of node.kind === 'object' ? node.entries : []) {
            assert.equal(JSON.parse(written.toString('utf8', keySpan.start, keySpan.end)), key);
            check(value);
          }
        };
        check(parse(written));
      }),
      { numRuns: 200 },
    );
  });

  it('takes a time that grows with the length only', function () {
    this.timeout(5000);
    parse(`[${'"\\\\",'.repeat(200_000)}""]`);
    parse(`{"a": "${'\\\\'.repeat(500_000)}"}`);
    assert.throws(() => parse(`"${'\\"'.repeat(500_000)}`), is('damaged'));
    assert.throws(() => parse('"'.repeat(500_000)), is('damaged'));
  });

  it('reads numbers that are out of range as JSON.parse does', () => {
    assert.deepEqual(plain(parse('[1e400, -1e400, 1e-400, 12345678901234567890]')), [Infinity, -Infinity, 0, 12345678901234567890]);
  });

  it('reads what stands behind a byte-order mark', () => {
    assert.deepEqual(plain(parse('\ufeff{"a":1}')), { a: 1 });
  });

  it('counts bytes as they stand in the file, byte-order marks and invalid ones included', () => {
    assert.throws(() => parseJson(Buffer.from('["\xff\xfe" 1]', 'latin1'), 'd', defaultLimits), is('damaged', /at byte 6\b/));
    assert.throws(() => parse('\ufeff[1 2]'), is('damaged', /at byte 6\b/));
  });
});

describe('fields', () => {
  const root = parse('{"Layers": ["x"], "none": null, "Number": 3, "text": "t", "yes": true, "no": false, "object": {}}');

  it('are found whatever the case of their keys', () => {
    assert.equal(arrayField(root, 'layers', 'm').length, 1);
    assert.equal(numberField(root, 'NUMBER'), 3);
    assert.equal(stringField(root, 'Text'), 't');
    assert.ok(isTrue(root, 'yes') && !isTrue(root, 'no') && !isTrue(root, 'text'));
  });

  it('are undefined when they are of another kind', () => {
    assert.equal(stringField(root, 'Number'), undefined);
    assert.equal(numberField(root, 'text'), undefined);
    assert.equal(numberField(root, 'none'), undefined);
    assert.equal(field(undefined, 'a'), undefined);
    assert.equal(field(parse('[]'), 'length'), undefined);
  });

  it('of arrays are empty when absent or null, and damage when they are something else', () => {
    assert.deepEqual(arrayField(root, 'none', 'm'), []);
    assert.deepEqual(arrayField(root, 'absent', 'm'), []);
    assert.throws(() => arrayField(root, 'object', 'manifest'), is('damaged', /^manifest\.object should be an array and is an object$/));
    assert.throws(() => arrayField(root, 'text', 'manifest'), is('damaged', /is a string/));
  });

  it('that are odd are told', () => {
    assert.deepEqual(oddKeys(parse('{"a":1,"a":2,"layers":[],"Config":{}}'), ['Layers', 'Config'], 'm'), [
      'm has the key "a" twice: the last one is taken',
      'm has the key "layers" for Layers',
    ]);
    assert.deepEqual(oddKeys(parse('[]'), ['Layers'], 'm'), []);
  });

  it('stops at more values than are allowed, and names the limit', () => {
    const many = Buffer.from(`[${'0,'.repeat(50)}0]`);
    assert.throws(
      () => parseJson(many, 'the document', { jsonDepth: 10, jsonValues: 50 }),
      (thrown) => thrown instanceof UnbakeError && thrown.code === 'limit' && thrown.limit === 'jsonValues',
    );
    assert.doesNotThrow(() => parseJson(many, 'the document', { jsonDepth: 10, jsonValues: 52 }));
  });
});
