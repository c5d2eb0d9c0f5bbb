import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MaskedBytes, patternsOf } from '../../../src/shim/tend/masked-bytes.ts';

/** What a stream of these chunks becomes. */
function masked(values: readonly (string | Buffer)[], ...chunks: readonly (string | Buffer)[]): string {
  const stream = new MaskedBytes(patternsOf(values.map((value) => Buffer.from(value as string, 'latin1'))));
  const out = chunks.map((chunk) => Buffer.from(stream.push(Buffer.from(chunk as string, 'latin1'))));
  return Buffer.concat([...out, stream.end()]).toString('latin1');
}

describe('masked bytes', () => {
  it('show three stars where a value stood', () => {
    assert.equal(masked(['opensesame'], 'say opensesame, opensesame!'), 'say ***, ***!');
    assert.equal(masked(['\xff\xfe\x00\x01'], 'a\xff\xfe\x00\x01b'), 'a***b');
  });

  it('leave values alone that are found everywhere', () => {
    assert.equal(masked(['abc', '', '\n', 'ab\n'], 'abc ab'), 'abc ab');
  });

  it('are the same wherever the chunks end', () => {
    const text = 'x opensesame opensesam opensesame';
    for (let cut = 0; cut <= text.length; cut++) assert.equal(masked(['opensesame'], text.slice(0, cut), text.slice(cut)), 'x *** opensesam ***');
    assert.equal(masked(['opensesame'], ...text), 'x *** opensesam ***');
  });

  it('hold back nothing but what may become a value', () => {
    const stream = new MaskedBytes(patternsOf([Buffer.from('opensesame')]));
    assert.equal(stream.push(Buffer.from('say open')).toString(), 'say ');
    assert.equal(stream.push(Buffer.from(' it\n')).toString(), 'open it\n');
  });

  it('do not show the beginning of a value either when the stream breaks off', () => {
    assert.equal(masked(['opensesame'], 'say opensesam'), 'say ***');
    assert.equal(masked(['opensesame'], 'a zoo'), 'a zoo');
  });

  it('cover values that overlap with one mask, and the longest of those that begin alike', () => {
    assert.equal(masked(['abcdef', 'efghij'], '-abcdefghij-'), '-***-');
    assert.equal(masked(['abcd', 'abcdefgh'], '-abcdefgh-abcdef-'), '-***-***ef-');
    assert.equal(masked(['aaaa'], `${'a'.repeat(1000)}b`), '***b');
  });

  it('hide a value of several lines as a whole, and its longer lines in any dress', () => {
    const value = 'short\nthe first line\n\nthe second line\nend\n';
    assert.equal(masked([value], `[${value}]`), '[***\n]');
    assert.equal(masked([value], JSON.stringify(value)), '"short\\n***\\n\\n***\\nend\\n"');
    assert.equal(masked([value.replaceAll('\n', '\r\n')], 'the second line\n'), '***\n');
  });

  it('hold back no more than the longest value of an endless one', () => {
    const stream = new MaskedBytes(patternsOf([Buffer.alloc(1000, 'a')]));
    let out = 0;
    for (let chunk = 0; chunk < 1000; chunk++) out += stream.push(Buffer.alloc(100, 'a')).length;
    assert.equal(out, 3);
  });

  it('never hold a value, however they are cut', () => {
    // Few letters, so that values begin, overlap and repeat in each other and in the text.
    const letters = (options: fc.StringConstraints) => fc.string({ ...options, unit: fc.constantFrom('a', 'b', '\n') });
    fc.assert(
      fc.property(
        fc.array(letters({ minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 4 }),
        fc.array(letters({ maxLength: 20 }), { maxLength: 20 }),
        (values, chunks) => {
          const patterns = patternsOf(values.map((value) => Buffer.from(value)));
          const result = masked(values, ...chunks);
          for (const pattern of patterns.all) assert.ok(!result.includes(pattern.toString()));
          assert.equal(result, expected(patterns.all.map(String), chunks.join('')));
        },
      ),
      { numRuns: 2000 },
    );
  });

  /** The same said of the whole text: what any value covers is covered, runs of it are one mask, a beginning of four letters at the end too. */
  function expected(patterns: readonly string[], text: string): string {
    let out = '';
    let coveredTo = 0;
    for (let position = 0; position < text.length; position++) {
      const rest = text.slice(position);
      const lengths = patterns.filter((pattern) => rest.startsWith(pattern)).map((pattern) => pattern.length);
      if (rest.length >= 4 && patterns.some((pattern) => pattern.startsWith(rest))) lengths.push(rest.length);
      const length = Math.max(0, ...lengths);
      if (length > 0 && position >= coveredTo) out += '***';
      coveredTo = Math.max(coveredTo, position + length);
      if (position >= coveredTo) out += text[position];
    }
    return out;
  }
});
