// Writing over values: the length stays, nothing of the value does, and what stands around it can still be read.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { parse } from 'yaml';
import { Hunt } from '../../../src/clean/values/hunt.ts';
import { fill, filledStream, mergedRanges, redactedBytes, redactedStream } from '../../../src/clean/values/redact.ts';
import { isRedacted } from '../../../src/model/redaction.ts';
import { githubToken, password, privateKey } from '../../support/planted.ts';
import { gathered, removed, removedAll, streamed } from '../removed.ts';

/** Printable, with what programs escape, and telling. */
const values = fc
  .tuple(fc.string({ unit: fc.constantFrom(...'aZ9+/=&<>"\'\\ %:@$#!{}nrtu04é€'), maxLength: 20 }), fc.nat())
  .map(([text, seed]) => `K${text}${password(String(seed))}`);
const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 });

function redacted(text: string, ...secrets: readonly string[]): string {
  return redactedBytes(Buffer.from(text), new Hunt(removedAll(...secrets))).toString();
}

describe('writing over values', () => {
  it('keeps JSON valid, and everything in it but the value', () => {
    fc.assert(
      fc.property(values, fc.string({ unit: fc.constantFrom(...'ab"\\n\'/') }), fc.boolean(), (value, other, isGo) => {
        let text = JSON.stringify({ before: other, token: value, after: [other, `x=${value};`] });
        if (isGo) text = text.replaceAll('&', '\\u0026').replaceAll('<', '\\u003c').replaceAll('>', '\\u003e');
        const result = redacted(text, value);
        assert.equal(Buffer.byteLength(result), Buffer.byteLength(text));
        const read = JSON.parse(result) as { before: string; token: string; after: string[] };
        assert.deepEqual([read.before, read.after[0], read.after[1].slice(0, 2), read.after[1].at(-1)], [other, other, 'x=', ';']);
        assert.ok(!result.includes(password('0')) && !read.token.includes(value.slice(-18)));
      }),
      { numRuns: 300 },
    );
  });

  it('keeps YAML readable, plain, in quotes and as a block', () => {
    const key = privateKey('rsa');
    const token = githubToken('yaml');
    const text = `plain: ${token}\ndouble: "a ${token} b"\nsingle: '${token}'\nkey: |\n${key.replace(/^/gm, '  ').trimEnd()}\nlast: 1\n`;
    const result = redacted(text, token, key);
    assert.equal(result.length, text.length);
    const read = parse(result) as Record<string, unknown>;
    assert.deepEqual(Object.keys(read), ['plain', 'double', 'single', 'key', 'last']);
    assert.equal(read['plain'], 'x'.repeat(token.length));
    assert.equal(read['double'], `a ${'x'.repeat(token.length)} b`);
    assert.equal(String(read['key']).trim().split('\n').length, key.trim().split('\n').length);
    for (const line of key.split('\n').slice(2, -3)) assert.ok(!result.includes(line));
  });

  it('keeps a shell script whole, whatever the value and its quotes are', () => {
    const secrets = ["it's-so-secret-9f8e7d", "''quoted''7Jk29sLq", `mix"'\\ed-5fT8kLm2`, 'back\\slash\\end-8sD4kLp2\\'];
    for (const secret of secrets) {
      const script = `A='${secret.replaceAll("'", "'\\''")}'\nB=2\necho "$B"\n`;
      const result = redacted(script, secret);
      assert.equal(result.length, script.length);
      assert.ok(!result.includes(secret.slice(-8)));
      assert.equal(execFileSync('sh', ['-c', result]).toString(), '2\n', secret.slice(0, 4));
    }
  });

  it('leaves the quote that ends a string an escape before the end of the value speaks of', () => {
    // A rule that reads up to the next quote takes `Kf93\` of `"Kf93\"..."`.
    const text = JSON.stringify({ a: 'Kf93jd82ld0s"rest' });
    const bytes = Buffer.from(text);
    const start = text.indexOf('Kf93');
    fill(bytes, start, text.indexOf('"rest'), 'raw');
    assert.deepEqual(JSON.parse(bytes.toString()), { a: 'xxxxxxxxxxxx"rest' });
  });

  it('keeps a program that puts base64 together from pieces, with plus and quotes', () => {
    const secret = password('a').repeat(4);
    const encoded = Buffer.from(secret).toString('base64');
    const program = `["${encoded.slice(0, 40)}" + "${encoded.slice(40, 80)}"+\n "${encoded.slice(80)}"].length`;
    const result = redacted(program, secret);
    assert.equal(result.length, program.length);
    assert.equal(result.replace(/x+/g, 'x').replace(/x[A-Za-z0-9+/=]{0,4}"/g, 'x"'), '["x" + "x"+\n "x"].length');
  });

  it('leaves no value in any form that the hunt knows, and the same length', () => {
    fc.assert(
      fc.property(values, values, fc.nat({ max: 9 }), (a, b, shift) => {
        const forms = [a, encodeURIComponent(a), Buffer.from(`${'-'.repeat(shift)}${a}${b}`).toString('base64'), JSON.stringify(b), b + a];
        const text = Buffer.concat([Buffer.from(forms.join('\n')), Buffer.from(a, 'utf16le'), Buffer.from(Buffer.from(b).toString('hex'))]);
        const hunt = new Hunt(removedAll(a, b));
        const result = redactedBytes(text, hunt);
        assert.equal(result.length, text.length);
        assert.deepEqual(hunt.in(result), []);
        assert.deepEqual(redactedBytes(result, hunt), result, 'once more changes nothing');
      }),
      { numRuns: 200 },
    );
  });

  it('gives the same bytes as a stream, however it is cut, and the same as all at once', async () => {
    const token = githubToken('stream');
    const key = privateKey('rsa');
    // Parts of each other and overlapping ones: what is whole first must not save the rest.
    const hunt = new Hunt([...removedAll(token, token.slice(3, 25), `${token.slice(30)}==${token.slice(0, 20)}`), removed(key)]);
    const text = Buffer.from(`${token}==${token}\n${key}\n${key.replaceAll('\n', '\r\n')}${Buffer.from(key).toString('base64')} ${token}`);
    const expected = redactedBytes(text, hunt);
    await fc.assert(
      fc.asyncProperty(cuts, async (lengths) => {
        assert.deepEqual(await gathered(redactedStream(streamed(text, lengths), hunt)), expected);
      }),
      { numRuns: 60 },
    );
  });

  it('passes a stream on that holds no value, empty ones too', async () => {
    const hunt = new Hunt([removed(githubToken('none'))]);
    const text = Buffer.from('nothing in here\n'.repeat(500));
    assert.deepEqual(await gathered(redactedStream(streamed(text, [7]), hunt)), text);
    assert.deepEqual(await gathered(redactedStream(streamed(Buffer.alloc(0), [1]), hunt)), Buffer.alloc(0));
  });

  it('keeps the NULs of wide characters, line ends and spaces', () => {
    const value = 'two words\r\nand more 1234';
    const wide = Buffer.from(value, 'utf16le');
    fill(wide, 0, wide.length, 'utf-16');
    assert.equal(wide.toString('utf16le'), 'xxx xxxxx\r\nxxx xxxx xxxx');
  });

  it('is known again as written over', () => {
    for (const value of [githubToken('again'), privateKey('ed25519', 'again'), privateKey('rsa'), password('again')])
      assert.ok(isRedacted(redacted(value, value)), value.slice(0, 3));
    for (const value of [githubToken('again'), privateKey('rsa'), password('again'), 'xxx-is-a-prefix-of-mine']) assert.ok(!isRedacted(value));
  });

  it('joins ranges that overlap, and keeps those that touch', () => {
    const raw = 'raw' as const;
    const ranges = fc.array(fc.tuple(fc.nat({ max: 40 }), fc.integer({ min: 1, max: 9 })), { maxLength: 12 });
    fc.assert(
      fc.property(ranges, (list) => {
        const marked = list.map(([start, length]) => ({ start, end: start + length, encoding: raw }));
        const merged = mergedRanges(marked);
        const covered = (all: typeof merged) => [
          ...new Set(all.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, at) => start + at))),
        ];
        assert.deepEqual(covered(merged).toSorted(), covered(marked).toSorted());
        for (const [index, range] of merged.entries()) assert.ok(index === 0 || merged[index - 1].end <= range.start);
      }),
    );
  });

  it('at places that are known gives the same however the stream is cut, and touches nothing else', async () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab"\\nu0\'+ \n='), minLength: 1, maxLength: 120 });
    const ranges = fc.array(
      fc.record({
        start: fc.nat({ max: 130 }),
        length: fc.nat({ max: 40 }),
        encoding: fc.constantFrom('raw' as const, 'base64' as const, 'escaped' as const),
      }),
      { maxLength: 5 },
    );
    await fc.assert(
      fc.asyncProperty(text, ranges, cuts, async (content, places, lengths) => {
        const bytes = Buffer.from(content);
        const marked = places.map(({ start, length, encoding }) => ({ start, end: start + length, encoding }));
        const expected = Buffer.from(bytes);
        for (const { start, end, encoding } of mergedRanges(marked)) fill(expected, start, Math.min(bytes.length, end), encoding);
        assert.equal((await gathered(filledStream(streamed(bytes, lengths), marked))).toString(), expected.toString());
        for (const [at, byte] of bytes.entries()) if (!marked.some(({ start, end }) => start <= at && at < end)) assert.equal(expected[at], byte);
      }),
      { numRuns: 500 },
    );
  });
});
