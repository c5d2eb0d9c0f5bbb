import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { LogPieces } from '../../../src/shim/tend/log-pieces.ts';

/** The pieces of a stream of these chunks, copied as soon as they are given. */
function piecesOf(chunks: readonly Buffer[]): Buffer[] {
  const stream = new LogPieces();
  return [...chunks.flatMap((chunk) => stream.push(chunk).map((piece) => Buffer.from(piece))), ...stream.end()];
}

describe('pieces for the log', () => {
  it('are lines with their newlines, and the incomplete last one at the end', () => {
    const stream = new LogPieces();
    assert.deepEqual(stream.push(Buffer.from('one\n\ntw')).map(String), ['one\n', '\n']);
    assert.deepEqual(stream.push(Buffer.from('o\nthree')).map(String), ['two\n']);
    assert.deepEqual(stream.end().map(String), ['three']);
    assert.deepEqual(stream.end(), []);
  });

  it('of a longer line have 16 KiB, and no newline but the last', () => {
    const sizes = (bytes: number) => piecesOf([Buffer.from(`${'x'.repeat(bytes)}\n`)]).map((piece) => piece.length);
    assert.deepEqual(sizes(16383), [16384]);
    assert.deepEqual(sizes(16384), [16384, 1]);
    assert.deepEqual(sizes(40000), [16384, 16384, 40001 - 32768]);
  });

  it('do not split a character', () => {
    for (const character of ['ä', '€', '😀']) {
      for (let shift = 0; shift < 4; shift++) {
        const text = 'x'.repeat(shift) + character.repeat(10_000);
        const pieces = piecesOf([Buffer.from(text)]);
        assert.ok(
          pieces.every((piece) => isUtf8(piece)),
          `${character} after ${shift}`,
        );
        assert.equal(Buffer.concat(pieces).toString(), text);
      }
    }
  });

  it('have 16 KiB also of bytes that are no text', () => {
    assert.deepEqual(
      piecesOf([Buffer.alloc(40000, 0x80)]).map((piece) => piece.length),
      [16384, 16384, 40000 - 32768],
    );
  });

  it('are the same wherever the chunks end, and together what came', () => {
    const chunk = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(Buffer.alloc(9000, 0xc3), Buffer.alloc(17000, '€'), Buffer.from('\n')));
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 12 }), (chunks) => {
        const buffers = chunks.map((bytes) => Buffer.from(bytes));
        const whole = Buffer.concat(buffers);
        const pieces = piecesOf(buffers);
        assert.deepEqual(Buffer.concat(pieces), whole);
        assert.deepEqual(pieces, piecesOf([whole]));
        assert.ok(pieces.every((piece) => piece.length > 0 && piece.length <= 16384 && !piece.subarray(0, -1).includes(0x0a)));
      }),
    );
  });
});
