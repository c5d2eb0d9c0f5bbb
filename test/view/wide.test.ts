// Text in UTF-16 and UTF-32, whole or inside of other bytes.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeUtf16, markLength, utf16Mark, wideRuns } from '../../src/view/wide.ts';
import { githubToken } from '../support/planted.ts';

/** One latin1 character in `stride` bytes. */
function wide(text: string, stride: 2 | 4, isBigEndian: boolean): Buffer {
  const bytes = Buffer.alloc(text.length * stride);
  for (let i = 0; i < text.length; i++) bytes[i * stride + (isBigEndian ? stride - 1 : 0)] = text.charCodeAt(i);
  return bytes;
}

/** Bytes without NULs, so that nothing in them looks wide. */
const noise = fc.array(fc.integer({ min: 1, max: 255 }), { maxLength: 80 }).map((bytes) => Buffer.from(bytes));
const printable = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)), minLength: 8, maxLength: 60 });

describe('wideRuns', () => {
  it('finds text of two and four bytes a character, of both orders, at any place in any bytes', () => {
    fc.assert(
      fc.property(noise, printable, noise, fc.constantFrom(2 as const, 4 as const), fc.boolean(), (before, text, after, stride, isBigEndian) => {
        const planted = wide(text, stride, isBigEndian);
        const bytes = Buffer.concat([before, planted, after]);
        const run = wideRuns(bytes, 0, before.length).find(
          (each) => each.stride === stride && each.text.toString('latin1').includes(text.slice(1, -1)),
        );
        assert.ok(run, `${text} in ${JSON.stringify(wideRuns(bytes, 0, before.length).map((each) => each.text.toString('latin1')))}`);
        const index = run.text.toString('latin1').indexOf(text.slice(1, -1));
        assert.equal(run.start + index * stride, before.length + stride + (isBigEndian ? stride - 1 : 0), 'its place');
      }),
      { numRuns: 300 },
    );
  });

  it('gives the whole text where nothing printable touches it', () => {
    fc.assert(
      fc.property(fc.nat(20), printable, fc.constantFrom(2 as const, 4 as const), fc.boolean(), (shift, text, stride, isBigEndian) => {
        const before = Buffer.alloc(shift, 1);
        const bytes = Buffer.concat([before, wide(text, stride, isBigEndian), Buffer.alloc(16, 1)]);
        const runs = wideRuns(bytes, 0, isBigEndian ? before.length : -1);
        assert.deepEqual(
          runs.map((run) => run.text.toString('latin1')),
          [text],
        );
        assert.equal(runs[0].isBigEndian, isBigEndian);
        assert.equal(runs[0].isOpen, false);
      }),
      { numRuns: 200 },
    );
  });

  it('says when a run goes on to the end', () => {
    const bytes = wide(githubToken('open'), 2, false);
    assert.deepEqual(
      wideRuns(bytes, 0, -1).map(({ isOpen }) => isOpen),
      [true],
    );
    assert.deepEqual(
      wideRuns(Buffer.concat([bytes, Buffer.from([1, 1])]), 0, -1).map(({ isOpen }) => isOpen),
      [false],
    );
  });

  it('finds nothing in ordinary text, in zeros, in short runs', () => {
    for (const bytes of [
      Buffer.from('ordinary text '.repeat(50)),
      Buffer.alloc(4000),
      wide('seven77', 2, false),
      Buffer.from('a\0\0\0\0\0\0\0'.repeat(30)),
      Buffer.alloc(0),
    ])
      assert.deepEqual(wideRuns(bytes, 0, -1), []);
  });

  it('looks behind `from` only', () => {
    const bytes = Buffer.concat([wide('first text', 2, false), Buffer.alloc(8, 1), wide('second text', 2, false), Buffer.alloc(2, 1)]);
    assert.deepEqual(
      wideRuns(bytes, 24, -1).map(({ text }) => text.toString()),
      ['second text'],
    );
  });

  it('is calm and linear over bytes of any kind', function () {
    this.timeout(5000);
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 0, 0x41, 0x42, 0xff, 0x0a, 1), { maxLength: 300 }), (bytes) => {
        for (const run of wideRuns(Buffer.from(bytes), 0, 0)) assert.ok(run.text.length >= 8);
      }),
      { numRuns: 200 },
    );
    for (const pattern of ['a\0', 'a\0\0\0', '\0a', 'aaaaaaa\0', 'a\0b\0c\0d\0e\0f\0g\0\0']) wideRuns(Buffer.alloc(4_000_000, pattern), 0, 0);
  });
});

describe('byte-order marks', () => {
  it('are known', () => {
    assert.equal(utf16Mark(Buffer.from('fffe6100', 'hex')), 'utf-16le');
    assert.equal(utf16Mark(Buffer.from('feff0061', 'hex')), 'utf-16be');
    assert.equal(utf16Mark(Buffer.from('efbbbf61', 'hex')), undefined);
    const lengths = {
      efbbbf61: 3,
      fffe6100: 2,
      feff0061: 2,
      fffe0000: 4,
      '0000feff': 4,
      fffe: 2,
      feff: 2,
      ff: 0,
      '': 0,
      '61626364': 0,
      '00000061': 0,
      fffe0001: 2,
    };
    assert.deepEqual(Object.fromEntries(Object.keys(lengths).map((hex) => [hex, markLength(Buffer.from(hex, 'hex'))])), lengths);
  });
});

describe('decodeUtf16', () => {
  it('reads both orders and leads back to bytes', () => {
    const text = 'größe 漢字 😀 key';
    const little = Buffer.from(text, 'utf16le');
    assert.equal(decodeUtf16(little, 'utf-16le').text, text);
    assert.equal(decodeUtf16(Buffer.from(little).swap16(), 'utf-16be').text, text);
    assert.equal(decodeUtf16(little, 'utf-16le').byteOf(text.indexOf('key')), little.indexOf(Buffer.from('key', 'utf16le')));
  });
});
