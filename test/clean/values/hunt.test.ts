// Removed values are found in every form, wherever they stand, however the stream is cut; and nothing else is found.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Encoding, encodedForms } from '../../../src/clean/values/encodings.ts';
import { Hunt, type ValueHit } from '../../../src/clean/values/hunt.ts';
import { githubToken, password, privateKey } from '../../support/planted.ts';
import { pieces, removed, removedAll } from '../removed.ts';

/** Of no value in these tests: letters that occur in none of them. */
const filler = (length: number) => Buffer.alloc(length, '~');

function found(hunt: Hunt, bytes: Buffer, lengths: readonly number[] = [bytes.length]): ValueHit[] {
  const hits: ValueHit[] = [];
  const stream = hunt.stream((hit) => hits.push(hit));
  for (const piece of pieces(bytes, lengths)) stream.write(piece);
  return hits;
}

/** Whether the range of some hit holds these bytes. */
function covers(hits: readonly ValueHit[], start: number, end: number): boolean {
  return hits.some((hit) => hit.start <= start && hit.end >= end);
}

/** As an encoder writes the value when it knows nothing of us; each with what must be covered of it. */
const encoders: Readonly<Record<string, { readonly encoding: Encoding; encode(value: string): Buffer }>> = {
  'as it is': { encoding: 'raw', encode: (value) => Buffer.from(value) },
  'UTF-16LE': { encoding: 'utf-16', encode: (value) => Buffer.from(value, 'utf16le') },
  'UTF-16BE': { encoding: 'utf-16', encode: (value) => Buffer.from(value, 'utf16le').swap16() },
  'UTF-32LE': { encoding: 'utf-32', encode: (value) => utf32(value) },
  'UTF-32BE': { encoding: 'utf-32', encode: (value) => utf32(value).swap32() },
  encodeURIComponent: { encoding: 'url', encode: (value) => Buffer.from(encodeURIComponent(value)) },
  URLSearchParams: { encoding: 'url', encode: (value) => Buffer.from(new URLSearchParams([['', value]]).toString().slice(1)) },
  'JSON.stringify': { encoding: 'escaped', encode: (value) => Buffer.from(JSON.stringify(value).slice(1, -1)) },
  "Go's JSON": {
    encoding: 'escaped',
    encode: (value) =>
      Buffer.from(JSON.stringify(value).slice(1, -1).replaceAll('&', '\\u0026').replaceAll('<', '\\u003c').replaceAll('>', '\\u003e')),
  },
  "a shell's single quotes": { encoding: 'escaped', encode: (value) => Buffer.from(value.replaceAll("'", "'\\''")) },
  XML: { encoding: 'escaped', encode: (value) => Buffer.from(value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')) },
  'hexadecimal digits': { encoding: 'hex', encode: (value) => Buffer.from(Buffer.from(value).toString('hex')) },
  'capital hexadecimal digits': { encoding: 'hex', encode: (value) => Buffer.from(Buffer.from(value).toString('hex').toUpperCase()) },
};

function utf32(value: string): Buffer {
  const bytes = Buffer.alloc([...value].length * 4);
  for (const [index, character] of [...value].entries()) bytes.writeUInt32LE(character.codePointAt(0)!, index * 4);
  return bytes;
}

/** Printable, telling, with what encoders change. */
const values = fc
  .tuple(fc.string({ unit: fc.constantFrom(...'aZ9+/=&<>"\'\\ %:@$ é€'), maxLength: 24 }), fc.nat())
  .map(([text, seed]) => `${text}${password(String(seed)).slice(0, 10)}`);
const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });

describe('the hunt for removed values', () => {
  for (const [name, { encode }] of Object.entries(encoders)) {
    it(`finds a value in the form of ${name}, at any offset and however the stream is cut`, () => {
      fc.assert(
        fc.property(values, fc.nat({ max: 64 }), cuts, (value, offset, lengths) => {
          const form = encode(value);
          const text = Buffer.concat([filler(offset), form, filler(33)]);
          assert.ok(covers(found(new Hunt([removed(value)]), text, lengths), offset, offset + form.length));
        }),
        { numRuns: 150 },
      );
    });
  }

  it('finds a value inside of base64 at each of its three alignments, in both alphabets, however it is wrapped', () => {
    const wrapping = fc.record({
      width: fc.integer({ min: 24, max: 120 }),
      joint: fc.constantFrom('\n', '\r\n', '\n    ', '\\n', '" +\n  "', "'\n'", '\t'),
      alphabet: fc.constantFrom('base64', 'base64url'),
    });
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 12, max: 90 }), fc.nat({ max: 130 }), fc.nat({ max: 5 }), wrapping, cuts, (...all) => {
        const [seed, length, before, behind, { width, joint, alphabet }, lengths] = all;
        const value = Array.from({ length: 8 }, (_, index) => password(`${seed} ${index}`))
          .join('')
          .slice(0, length);
        const encoded = Buffer.concat([filler(before), Buffer.from(value), filler(behind)]).toString(alphabet as 'base64');
        const lines: string[] = [];
        for (let at = 0; at < encoded.length; at += width) lines.push(encoded.slice(at, at + width));
        // What of the text depends on the value alone, counted in characters of base64, and then with the joints.
        const place = (character: number) => character + Math.floor(character / width) * joint.length;
        const first = place(Math.ceil((before * 8) / 6));
        const last = place(Math.floor(((before + length) * 8) / 6) - 1) + 1;
        assert.ok(covers(found(new Hunt([removed(value)]), Buffer.from(lines.join(joint)), lengths), first, last));
      }),
      { numRuns: 400 },
    );
  });

  it('finds the same hits however the stream is cut, overlapping and repeated values included', () => {
    const token = githubToken('cut');
    const hunt = new Hunt(removedAll(token, token.slice(4, 30), `${token.slice(20)}-and-more-${token.slice(0, 10)}`, password('cut')));
    const plain = [token, `${token}-and-more-${token}`, Buffer.from(token).toString('base64'), password('cut').repeat(3)].join('\n');
    const text = Buffer.from(`${plain}\n${Buffer.from(plain).toString('base64').replace(/.{76}/g, '$&\r\n')}`);
    const whole = hunt.in(text).map(({ start, end, value }) => `${start} ${end} ${value.id}`);
    assert.ok(whole.length > 10);
    fc.assert(
      fc.property(cuts, (lengths) => {
        const hits = found(hunt, text, lengths).map(({ start, end, value }) => `${start} ${end} ${value.id}`);
        assert.deepEqual(hits.toSorted(), whole.toSorted());
      }),
      { numRuns: 100 },
    );
  });

  it('finds a key whose lines are indented, end in CRLF, are joined by \\n, or are encoded once more', () => {
    const key = privateKey('rsa');
    const lines = key.trim().split('\n');
    const hunt = new Hunt([removed(key)]);
    const forms = {
      'indented in YAML': lines.map((line) => `    ${line}`).join('\n'),
      'with CRLF': lines.join('\r\n'),
      'as a string of JSON': JSON.stringify({ key }),
      'as a string of a string of JSON': JSON.stringify(JSON.stringify({ key })),
      'in base64': Buffer.from(key).toString('base64'),
      'in base64 with CRLF inside': Buffer.from(lines.join('\r\n')).toString('base64'),
      'as pieces of a program': lines.map((line) => `"${line}\\n" +`).join('\n'),
      'in UTF-16': Buffer.from(key, 'utf16le').toString('latin1'),
    };
    for (const [name, text] of Object.entries(forms)) assert.ok(hunt.in(Buffer.from(text, 'latin1')).length > 0, name);
    // Every line that has a secret in it, but for the first, which other keys share, and a last one too short to tell anything.
    const crlf = Buffer.from(forms['with CRLF']);
    for (const line of lines.slice(2, -2)) {
      const at = crlf.indexOf(line);
      assert.ok(covers(hunt.in(crlf), at, at + line.length), line.slice(0, 4));
    }
  });

  it('does not take one key for another of the same kind', () => {
    assert.deepEqual(new Hunt([removed(privateKey('rsa'))]).in(Buffer.from(privateKey('rsa'))), []);
    assert.deepEqual(new Hunt([removed(privateKey('ed25519', 'a'))]).in(Buffer.from(privateKey('ed25519', 'b'))), []);
  });

  it('finds nothing where no value stands: a part of one, one with another last character, one in a mixed form', () => {
    const token = githubToken('absent');
    const hunt = new Hunt([removed(token)]);
    for (const text of [
      token.slice(1),
      token.slice(0, -1),
      `${token.slice(0, -1)}~`,
      token.toLowerCase(),
      `${token.slice(0, 20)} ${token.slice(20)}`,
    ])
      assert.deepEqual(hunt.in(Buffer.from(text)), []);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (bytes) => {
        assert.deepEqual(hunt.in(Buffer.from(bytes)), []);
      }),
    );
  });

  it('names the form in which a value stands', () => {
    const value = `pass&word/${password('named')}`;
    const hunt = new Hunt([removed(value)]);
    for (const [name, { encode, encoding }] of Object.entries(encoders)) {
      const form = encode(value);
      if (encoding !== 'raw' && form.equals(Buffer.from(value))) continue;
      assert.equal(hunt.in(form)[0]?.encoding, encoding, name);
    }
    assert.equal(hunt.in(Buffer.from(Buffer.from(value).toString('base64')))[0]?.encoding, 'base64');
  });

  it('holds back a bounded part of the stream, even where a form could be wrapped without end', () => {
    const value = password('bound').repeat(2);
    const encoded = Buffer.from(value).toString('base64');
    const hunt = new Hunt([removed(value)]);
    const torn = Buffer.from([...encoded].join(`${' '.repeat(40)}`));
    assert.ok(hunt.reach < 2000 && torn.length > hunt.reach);
    assert.deepEqual([hunt.in(torn), found(hunt, torn, [100])], [[], []], 'torn further apart than any program does it');
  });

  it('knows no form twice, and none that is too short to be looked for', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), (value) => {
        const forms = encodedForms(value).map(({ bytes }) => bytes.toString('latin1'));
        assert.equal(new Set(forms).size, forms.length);
        assert.ok(forms.every((form) => form.length >= 8));
      }),
    );
  });
});
