// The walk over archives that are broken, hostile or no archives: nothing is lost, nothing is thrown, what is wrong is told.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { directory, end, entry, file, gnuLongName, gnuSparse, hardlink, header, pax, paxRaw, paxSparse, symlink, tar } from '../support/raw-tar.ts';
import { assertEveryByteOnce, contentOf, essence, walked } from './recorded.ts';

const details = (archive: Buffer) => walked(archive).damage.map(({ detail }) => detail);

describe('TarWalk, over damage', () => {
  it('tells what is missing of a body, and gives what is there', () => {
    const archive = file('a', 'x'.repeat(2000)).subarray(0, 1200);
    const recording = walked(archive);
    assert.deepEqual(recording.damage, [{ detail: 'the archive is truncated: 1312 bytes of entry 0 are missing', offset: 1200 }]);
    assert.equal(contentOf(recording.entries[0]).length, 688);
  });

  it('tells an end inside a header, an extended header, a sparse map', () => {
    const long = Buffer.concat([file('a', '1'), gnuLongName('n'.repeat(600)), file('b', '2')]);
    for (let length = 1; length < long.length; length += 37) {
      const cut = long.subarray(0, length);
      const recording = walked(cut);
      assertEveryByteOnce(cut, recording);
      const isWhole = length >= 513 && length <= 1024;
      assert.equal(
        recording.damage.length + (recording.isTar ? 0 : 1) > 0,
        !isWhole && length < long.length - 511,
        `cut at ${length}: ${JSON.stringify(recording.damage)}`,
      );
    }
    for (const sparse of [
      gnuSparse(
        's',
        Array.from({ length: 30 }, (_, index) => ({ offset: index * 1000, data: Buffer.from('x') })),
        40_000,
      ),
      paxSparse('1.0', 's', [{ offset: 7, data: Buffer.from('x') }], 40),
    ]) {
      for (let length = 1; length < sparse.length - 512; length += 97) {
        const recording = walked(sparse.subarray(0, length));
        assertEveryByteOnce(sparse.subarray(0, length), recording);
        assert.ok(recording.damage.length > 0 || !recording.isTar, `cut at ${length}`);
      }
    }
  });

  it('goes on at the next good header behind a bad one', () => {
    const archive = tar(file('a', '1'), file('b', 'two', { checksum: 1 }), file('c', '3'));
    const recording = walked(archive);
    assert.deepEqual(
      recording.entries.map(({ entry: { path } }) => path),
      ['a', 'c'],
    );
    assert.deepEqual(recording.damage, [{ detail: 'a header has a wrong checksum, after entry 0', offset: 1024 }]);
    assert.ok(recording.stray.some(({ bytes }) => bytes.includes('two')));
    assertEveryByteOnce(archive, recording);
  });

  it('gives all bytes of what is no archive as stray ones', () => {
    for (const bytes of [Buffer.from('short text'), Buffer.alloc(512, 'x'), Buffer.alloc(5000, 'text ')]) {
      const recording = walked(bytes);
      assert.equal(recording.isTar, false);
      assert.equal(
        Buffer.concat(recording.stray.map((piece) => piece.bytes))
          .toString('latin1')
          .slice(0, bytes.length),
        bytes.toString('latin1'),
      );
    }
    assert.equal(walked(Buffer.alloc(0)).isTar, true);
    assert.equal(walked(Buffer.alloc(10_240)).isTar, true);
  });

  it('tells sizes that are negative or unreadable', () => {
    assert.match(details(tar(entry({ name: 'a', size: -512, magic: 'gnu' })))[0], /^the size of entry 0 is negative \(-512\)$/);
    assert.match(details(tar(entry({ name: 'a', size: Buffer.from('12x45678901 ') })))[0], /^the size of entry 0 is unreadable$/);
    assert.match(details(tar(pax([['size', 'ten']]), file('a', '1')))[0], /^the PAX size of entry 0 is no number$/);
  });

  it('reads an announced size of any number of bytes without taking memory for it', () => {
    const recording = walked(Buffer.concat([header({ name: 'a', size: 2n ** 62n }), Buffer.from('all there is')]));
    assert.equal(contentOf(recording.entries[0]).toString(), 'all there is');
    assert.match(recording.damage[0].detail, /truncated: \d+ bytes of entry 0 are missing/);
    walked(Buffer.concat([header({ name: 'x', type: 'L', size: 2n ** 62n }), Buffer.alloc(2000, 'x')]));
    walked(tar(pax([['size', '9'.repeat(400)]]), file('a', 'body')));
  });

  it('looks whether a directory or link that announces a size has one', () => {
    const cases: readonly [name: string, part: Buffer][] = [
      ['directory', entry({ name: 'd/', type: '5', size: 700 })],
      ['symlink', entry({ name: 'l', type: '2', linkName: 'x', size: 700 })],
      ['hard link', entry({ name: 'h', type: '1', linkName: 'x', size: 700 })],
    ];
    for (const [name, part] of cases) {
      const without = walked(tar(part, file('next', '1')));
      assert.deepEqual(
        without.entries.map(({ entry: { path, size } }) => [path, size]),
        [
          [without.entries[0].entry.path, 0],
          ['next', 1],
        ],
        name,
      );
      assert.deepEqual(without.damage, [], name);
      const body = Buffer.alloc(1024, 'b');
      body.fill(0, 700);
      const withBody = walked(tar(part, body, file('next', '1')));
      assert.deepEqual(
        withBody.entries.map(({ entry: { size } }) => size),
        [700, 1],
        name,
      );
      assert.equal(contentOf(withBody.entries[0]).length, 700);
    }
  });

  it('gives extended headers that no entry follows as bytes', () => {
    for (const part of [pax([['comment', 'the token']]), gnuLongName('the token')]) {
      const recording = walked(tar(part));
      assert.ok(recording.stray.some(({ what, bytes }) => what === 'header without an entry' && bytes.includes('the token')));
      assert.match(recording.damage[0].detail, /no entry follows the extended header/);
    }
  });

  it('reads the padding of entries', () => {
    const part = file('a', 'x');
    part.write('in the padding', 700);
    const recording = walked(tar(part));
    assert.equal(
      Buffer.concat(recording.stray.filter(({ what }) => what === 'padding of an entry').map(({ bytes }) => bytes))
        .toString()
        .replaceAll('\0', ''),
      'in the padding',
    );
  });

  it('tells a sparse map that does not fit its body', () => {
    assert.match(details(tar(pax([['GNU.sparse.map', '0,5,10,5']]), file('a', 'four')))[0], /speaks of 10 bytes and its body has 4/);
    assert.match(details(tar(pax([['GNU.sparse.major', '1']]), file('a', 'short')))[0], /too short for a sparse map/);
    assert.match(details(tar(pax([['GNU.sparse.major', '1']]), file('a', 'x'.repeat(600))))[0], /cannot be read|speaks of/);
    assert.match(details(tar(paxRaw(Buffer.from('no record at all'))))[0], /malformed/);
  });
});

const parts: readonly Buffer[] = [
  file('plain', 'body of a file '.repeat(50)),
  directory('srv/'),
  hardlink('link', 'plain'),
  symlink('symbolic', 'plain'),
  gnuLongName(`long/${'n'.repeat(600)}`),
  file('cut', 'long', { magic: 'gnu' }),
  pax([
    ['path', 'pax/name'],
    ['size', '4'],
    ['comment', 'c'.repeat(600)],
  ]),
  file('short', 'paxy'),
  gnuSparse(
    'old',
    Array.from({ length: 30 }, (_, index) => ({ offset: index * 900, data: Buffer.from('data') })),
    30_000,
  ),
  paxSparse('1.0', 'new', [{ offset: 100, data: Buffer.from('data') }], 1000),
  paxSparse('0.1', 'older', [{ offset: 100, data: Buffer.from('data') }], 1000),
  end(1),
  end(),
  Buffer.from('tail'),
];

/** Bytes of an archive changed, cut out, doubled; the fields of headers more often than bodies. */
const hostile = fc
  .tuple(
    fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: 8 }),
    fc.array(
      fc.record({
        at: fc.nat(),
        field: fc.constantFrom(0, 0, 100, 124, 125, 135, 148, 156, 257, 345, 386, 398, 482, 504),
        value: fc.oneof(fc.nat(255), fc.constantFrom(0, 0x20, 0x30, 0x37, 0x80, 0xff)),
        isHealed: fc.boolean(),
      }),
      { maxLength: 12 },
    ),
    fc.nat(),
  )
  .map(([chosen, changes, cut]) => {
    const archive = Buffer.concat([...chosen, end()]);
    for (const { at, field, value, isHealed } of changes) {
      const block = Math.floor((at % archive.length) / 512) * 512;
      const place = field === 0 ? at % archive.length : block + field;
      if (place >= archive.length) continue;
      archive[place] = value;
      if (isHealed && block + 512 <= archive.length) heal(archive.subarray(block, block + 512));
    }
    return cut % 3 === 0 ? archive.subarray(0, cut % archive.length) : archive;
  });

/** Makes the checksum right again, so that the damage gets past it. */
function heal(block: Buffer): void {
  block.fill(' ', 148, 156);
  block.write(
    `${block
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
    'latin1',
  );
}

describe('TarWalk, over random damage', () => {
  const chunks = fc.array(fc.integer({ min: 1, max: 1200 }), { minLength: 1, maxLength: 6 });

  it('throws nothing, loses nothing, and reads the same whatever the chunks', () => {
    fc.assert(
      fc.property(hostile, chunks, (archive, cuts) => {
        const recording = walked(archive);
        assertEveryByteOnce(archive, recording);
        assert.deepEqual(essence(walked(archive, cuts)), essence(recording));
      }),
      { numRuns: 300 },
    );
  });

  it('throws nothing over any bytes, the magic of tar among them', () => {
    const bytes = fc
      .array(
        fc.oneof(
          fc.uint8Array({ minLength: 512, maxLength: 512 }).map((block) => healed(Buffer.from(block))),
          fc.uint8Array({ maxLength: 700 }).map((block) => Buffer.from(block)),
        ),
        { maxLength: 6 },
      )
      .map((blocks) => Buffer.concat(blocks));
    fc.assert(
      fc.property(bytes, chunks, (archive, cuts) => {
        const recording = walked(archive);
        assertEveryByteOnce(archive, recording);
        assert.deepEqual(essence(walked(archive, cuts)), essence(recording));
      }),
      { numRuns: 150 },
    );
  });
});

function healed(block: Buffer): Buffer {
  heal(block);
  return block;
}
