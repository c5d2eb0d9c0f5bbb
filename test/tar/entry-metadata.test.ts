// The headers of one entry, before and after. What other readers say of the results stands in resized-archives.test.ts.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Entry } from '../../src/model/entry.ts';
import { UnbakeError } from '../../src/model/error.ts';
import { bodyStartOf, globalHeaders, withChecksums, withSize } from '../../src/tar/entry-metadata.ts';
import { hasValidChecksum } from '../../src/tar/header.ts';
import { parsePax } from '../../src/tar/pax.ts';
import { randomNumbers } from '../support/random.ts';
import { base256, end, entry, file, gnuLongName, gnuSparse, hardlink, header, pax, paxRaw, paxRecord, paxSparse, tar } from '../support/raw-tar.ts';
import { anyArchive } from './any-archive.ts';
import { contentOf, walked } from './recorded.ts';
import { metadataOf, resized } from './resized.ts';

const sizeField = (metadata: Buffer, at = metadata.length - 512) => metadata.toString('latin1', at + 124, at + 136);
const isDamaged = (thrown: unknown) => thrown instanceof UnbakeError && thrown.code === 'damaged';
const withField = (size: string | Buffer, body = 'hello') => metadataOf(tar(entry({ name: 'a', size: Buffer.from(size) }, body)));
const nothing = Buffer.alloc(0);
const attribute: [string, Buffer] = ['SCHILY.xattr.user.x', Buffer.from([0, 0x0a, 0xff, 0x3d, 0x20])];

/** The only entry of its metadata and nothing else: there is no body to read. */
const entryOf = (metadata: Buffer): Entry => walked(Buffer.concat([metadata, end()])).entries[0].entry;

describe('withSize', () => {
  it('changes the digits of the size and of the checksum, and nothing else', () => {
    const before = metadataOf(tar(file('srv/.env', 'hello', { mode: 0o4755, uid: 7, mtime: 1_700_000_000, userName: 'me', groupName: 'us' })));
    const after = withSize(before, 0o1234);
    assert.equal(sizeField(after), '00000001234\0');
    assert.ok(hasValidChecksum(after));
    const changed = [...before.keys()].filter((at) => before[at] !== after[at]);
    assert.ok(changed.every((at) => (at >= 124 && at < 135) || (at >= 148 && at < 154)));
    assert.equal(sizeField(before), '00000000005\0', 'what was given is not changed');
  });

  it('keeps the style of the size field', () => {
    const styles: [before: string, five: string, large: string][] = [
      ['00000000005\0', '00000000000\0', '00000012345\0'],
      ['00000000005 ', '00000000000 ', '00000012345 '],
      ['000000000005', '000000000000', '000000012345'],
      ['          5 ', '          0 ', '      12345 '],
      ['\0          5', '\0          0', '\0      12345'],
      // No room for more digits where this one stands.
      ['5           ', '0           ', '00000012345\0'],
      ['5\0xxxxxxxxxx', '0\0xxxxxxxxxx', '00000012345\0'],
    ];
    for (const [before, zero, large] of styles) {
      assert.equal(sizeField(withSize(withField(before), 0)), zero, JSON.stringify(before));
      assert.equal(sizeField(withSize(withField(before), 0o12345)), large, JSON.stringify(before));
      assert.equal(sizeField(withSize(withField(before), 5)), before);
    }
    const empty = '\0'.repeat(12);
    assert.equal(sizeField(withSize(withField(empty, ''), 0)), empty);
    assert.equal(sizeField(withSize(withField(empty, ''), 8)), '00000000010\0');
  });

  it('writes octal where base 256 was, and base 256 from 8 GiB on', () => {
    const small = withField(base256(5n, 12));
    assert.ok(withSize(small, 5).equals(small));
    assert.equal(sizeField(withSize(small, 8)), '00000000010\0');
    for (const magic of ['v7', 'ustar', 'gnu'] as const) {
      const metadata = metadataOf(tar(file('a', 'hello', { magic })));
      assert.equal(sizeField(withSize(metadata, 8 ** 11 - 1)), '77777777777\0');
      for (const size of [8 ** 11, 8 ** 12, Number.MAX_SAFE_INTEGER])
        assert.deepEqual(withSize(metadata, size).subarray(124, 136), base256(BigInt(size), 12));
    }
    // Twelve digits and no terminator were the style of this writer.
    assert.equal(sizeField(withSize(withField('000000000005'), 8 ** 11)), '100000000000');
  });

  it('removes the PAX size, and its header with it when nothing else is left', () => {
    const own = entry({ name: 'a', size: 5 }, 'hello');
    assert.ok(withSize(metadataOf(tar(pax([['size', '5']]), own)), 0).equals(withSize(metadataOf(tar(own)), 0)));
    const others: [string, string | Buffer][] = [['uid', '7'], attribute, ['comment', 'größe']];
    const before = metadataOf(tar(pax([others[0], ['size', '5'], others[1], others[2], ['size', '5']]), own));
    assert.ok(withSize(before, 3).equals(Buffer.concat([pax(others), header({ name: 'a', size: 3 })])));
  });

  it('writes a PAX size where PAX is spoken and the field is too short, in the place of the old one', () => {
    const large = 8 ** 11;
    const own = entry({ name: 'a' }, 'hello');
    const grown = (...records: [string, string | Buffer][]) => withSize(metadataOf(tar(pax(records), own)), large);
    const expected = (...records: [string, string | Buffer][]) => Buffer.concat([pax(records), header({ name: 'a', size: 0 })]);
    assert.ok(grown(['uid', '7']).equals(expected(['uid', '7'], ['size', '8589934592'])));
    assert.ok(grown(['uid', '7'], ['size', '5'], attribute).equals(expected(['uid', '7'], ['size', '8589934592'], attribute)));
    assert.equal(entryOf(grown(['uid', '7'])).size, large);
  });

  it('keeps all other bytes of a PAX header, also the odd ones', () => {
    // Zeros behind the records, letters in the padding, a name and an owner of the header itself.
    const body = Buffer.concat([paxRecord('comment', 'x'), Buffer.alloc(7)]);
    const odd = Buffer.concat([
      header({ name: 'any name', type: 'x', size: body.length, uid: 7, mtime: 5 }),
      body,
      Buffer.alloc(512 - body.length, 'slack'),
    ]);
    const own = entry({ name: 'a' }, 'hello');
    const kept = withSize(metadataOf(tar(odd, own)), 0);
    assert.ok(kept.subarray(0, 1024).equals(odd));
    const sized = Buffer.concat([paxRecord('size', '5'), body]);
    const before = Buffer.concat([
      header({ name: 'any name', type: 'x', size: sized.length, uid: 7, mtime: 5 }),
      sized,
      Buffer.alloc(512 - sized.length),
    ]);
    const cleaned = withSize(metadataOf(tar(before, own)), 0);
    assert.ok(cleaned.subarray(0, 512 + body.length).equals(odd.subarray(0, 512 + body.length)));
  });

  it('keeps GNU long names, global headers and lone zero blocks', () => {
    const global = pax([['comment', 'for all']], 'g');
    const longName = gnuLongName('n'.repeat(600));
    const own = file('n', 'hello', { magic: 'gnu' });
    const before = metadataOf(tar(global, longName, end(1), own));
    const after = withSize(before, 0);
    assert.ok(after.subarray(0, -512).equals(before.subarray(0, -512)));
    assert.deepEqual([entryOf(after).rawPath, entryOf(after).size], ['n'.repeat(600), 0]);
  });

  it('does not bring a PAX header back to life that a later one had replaced', () => {
    const own = entry({ name: 'right' }, 'hello');
    const before = metadataOf(tar(pax([['path', 'wrong']]), pax([['size', '5']]), own));
    assert.equal(entryOf(before).rawPath, 'right');
    for (const size of [0, 7, 8 ** 11]) {
      const after = entryOf(withSize(before, size));
      assert.deepEqual([after.rawPath, after.size], ['right', size]);
    }
    const bothGone = withSize(metadataOf(tar(pax([['size', '4']]), pax([['size', '5']]), own)), 0);
    assert.ok(bothGone.equals(header({ name: 'right', size: 0 })));
  });

  it('makes sparse files of each format plain ones of the same name', () => {
    const pieces = Array.from({ length: 30 }, (_, index) => ({ offset: index * 2048 + 512, data: Buffer.alloc(512, `${index}`) }));
    const plain = header({ name: 'srv/sparse', size: 9, magic: 'gnu' });
    assert.ok(withSize(metadataOf(tar(gnuSparse('srv/sparse', pieces, 70_000))), 9).equals(plain));
    assert.ok(withSize(metadataOf(tar(gnuSparse('srv/sparse', pieces.slice(0, 2), 70_000))), 9).equals(plain));
    assert.ok(withSize(metadataOf(tar(paxSparse('0.0', 'srv/sparse', pieces, 70_000))), 9).equals(header({ name: 'srv/sparse', size: 9 })));
    const placeholder = Buffer.concat([pax([['path', 'srv/sparse']]), header({ name: 'GNUSparseFile.0/sparse', size: 9 })]);
    assert.ok(withSize(metadataOf(tar(paxSparse('0.1', 'srv/sparse', pieces, 70_000))), 9).equals(placeholder));
    assert.ok(withSize(metadataOf(tar(paxSparse('1.0', 'srv/sparse', pieces, 70_000))), 9).equals(placeholder));
  });

  it('puts the name of a sparse file in the place of a placeholder', () => {
    const body = Buffer.concat([Buffer.from('1\n0\n5\n'), Buffer.alloc(506), Buffer.from('hello')]);
    const records: [string, string][] = [
      ['path', `GNUSparseFile.0/${'n'.repeat(120)}`],
      ['GNU.sparse.major', '1'],
      ['GNU.sparse.minor', '0'],
      ['GNU.sparse.name', 'größe'],
      ['GNU.sparse.realsize', '5'],
      ['mtime', '1.5'],
    ];
    const before = metadataOf(tar(pax(records), entry({ name: 'GNUSparseFile.0/nnn' }, body)));
    const name: [string, string] = ['path', 'größe'];
    assert.ok(withSize(before, 0).equals(Buffer.concat([pax([name, ['mtime', '1.5']]), header({ name: 'GNUSparseFile.0/nnn', size: 0 })])));
  });

  it('removes what star and Solaris say of holes', () => {
    const before = metadataOf(
      tar(
        pax([
          ['SCHILY.realsize', '70000'],
          ['SUN.holesdata', ' 0 512 70000'],
          ['mtime', '1.5'],
        ]),
        entry({ name: 'a' }, 'hello'),
      ),
    );
    assert.ok(withSize(before, 0).equals(Buffer.concat([pax([['mtime', '1.5']]), header({ name: 'a', size: 0 })])));
  });

  it('leaves an S that is not of GNU alone: it is read as a plain file', () => {
    const before = metadataOf(tar(entry({ name: 'a', type: 'S', prefix: 'p'.repeat(150) }, 'hello')));
    assert.ok(withSize(before, 0).equals(header({ name: 'a', type: 'S', prefix: 'p'.repeat(150), size: 0 })));
  });

  it('takes back a body that a hard link announces and does not have', () => {
    assert.equal(sizeField(withSize(metadataOf(tar(hardlink('b', 'a', { size: 5 }))), 0)), '00000000000\0');
  });

  it('is the same bytes for a plain entry and its own size, and for a second time', () => {
    fc.assert(
      fc.property(anyArchive, fc.nat(2 ** 40), (archive, size) => {
        for (const { entry: read, metadata } of walked(archive).entries) {
          const before = metadataOf(archive, read.index);
          const all = Buffer.concat(metadata).toString('latin1');
          if (!/ size=|GNU\.sparse/.test(all) && before[156] !== 0x53) assert.ok(withSize(before, read.size).equals(before));
          const after = withSize(before, size);
          assert.ok(withSize(after, size).equals(after));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('gives the same entry with another body, in every dialect', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyArchive,
        fc.constantFrom(0, 1, 511, 512, 513, 5000),
        fc.array(fc.boolean(), { minLength: 8 }),
        async (archive, length, choice) => {
          const before = walked(archive);
          const isChosen = ({ index }: Entry) => choice[index];
          const bodyFor = (entry: Entry) => (isChosen(entry) ? Buffer.alloc(entry.kind === 'file' ? length : 0, `new ${entry.index}`) : undefined);
          const changed = await resized(archive, bodyFor);
          const after = walked(changed);
          assert.deepEqual([after.damage, after.stray, after.notices], [[], [], before.notices]);
          assert.equal(after.entries.length, before.entries.length);
          for (const [index, { entry, metadata, body }] of after.entries.entries()) {
            const old = before.entries[index];
            const content = bodyFor(old.entry);
            if (content === undefined) {
              assert.deepEqual([metadata, body], [old.metadata, old.body]);
              continue;
            }
            assert.equal(entry.isSparse, undefined);
            assert.deepEqual({ ...entry, span: 0 }, { ...plain(old.entry), size: content.length, span: 0 });
            assert.ok(contentOf(after.entries[index]).equals(content));
            assert.deepEqual(recordsOf(metadata), recordsOf(old.metadata));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('announces any size, in every dialect', () => {
    fc.assert(
      fc.property(anyArchive, fc.oneof(fc.nat(1000), fc.maxSafeNat()), (archive, size) => {
        for (const { entry: read } of walked(archive).entries) {
          if (read.kind !== 'file') continue;
          const after = walked(withSize(metadataOf(archive, read.index), size));
          assert.equal(after.entries.length, 1);
          assert.deepEqual({ ...after.entries[0].entry, span: 0 }, { ...plain(read), index: 0, size, span: 0 });
          assert.deepEqual(
            after.damage.map(({ detail }) => detail),
            size === 0 ? [] : [`the archive is truncated: ${size} bytes of entry 0 are missing`],
          );
        }
      }),
      { numRuns: 200 },
    );
  });

  it('refuses sizes that are none', () => {
    for (const size of [-1, 0.5, NaN, Infinity, 2 ** 53]) assert.throws(() => withSize(withField('5'), size), RangeError);
  });

  it('refuses what is no metadata of an entry', () => {
    const own = header({ name: 'a', size: 5 });
    const wrongSum = Buffer.from(own);
    wrongSum[0] = 0x62;
    const sparse = metadataOf(
      tar(
        gnuSparse(
          'a',
          Array.from({ length: 30 }, (_, index) => ({ offset: index * 1024, data: Buffer.alloc(512, 'x') })),
          70_000,
        ),
      ),
    );
    const refused: Record<string, Buffer> = {
      nothing,
      'a part of a block': own.subarray(0, 511),
      'more than the header': Buffer.concat([own, Buffer.alloc(512)]),
      'two headers': Buffer.concat([own, own]),
      'zeros only': end(),
      'no header of its own': pax([['size', '5']]),
      'a wrong checksum': wrongSum,
      'a wrong checksum before it': Buffer.concat([header({ name: 'x', type: 'x', size: 0, checksum: 1 }), own]),
      'an extended header that is too long': Buffer.concat([header({ name: 'x', type: 'x', size: 5000 }), Buffer.alloc(512), own]),
      'an extended header of a size that is none': Buffer.concat([header({ name: 'x', type: 'x', size: Buffer.from('none of them') }), own]),
      'a negative size': Buffer.concat([header({ name: 'x', type: 'L', size: -5 }), own]),
      'a malformed record': Buffer.concat([paxRaw(Buffer.from('99 size=5\n')), own]),
      'a record with no key': Buffer.concat([paxRaw(Buffer.from('6 =ab\n')), own]),
      'a sparse map that is cut': sparse.subarray(0, -512),
      'a sparse map that goes on': Buffer.concat([sparse, Buffer.alloc(512)]),
    };
    for (const [what, bytes] of Object.entries(refused)) assert.throws(() => withSize(bytes, 0), isDamaged, what);
  });

  it('ends with a result or with what is damaged, whatever the bytes', () => {
    const next = randomNumbers(5);
    fc.assert(
      fc.property(anyArchive, fc.integer({ min: 1, max: 6 }), (archive, changes) => {
        for (const { entry: read } of walked(archive).entries) {
          const bytes = metadataOf(archive, read.index);
          for (let count = 0; count < changes; count++) bytes[Math.floor(next() * bytes.length)] = Math.floor(next() * 256);
          const cut = bytes.subarray(0, next() < 0.3 ? Math.floor(next() * bytes.length) : bytes.length);
          for (const edit of [
            globalHeaders,
            withChecksums,
            (metadata: Buffer) => withSize(metadata, 5),
            (metadata: Buffer) => withSize(withChecksums(metadata), 8 ** 12),
          ])
            try {
              assert.equal(edit(cut).length % 512, 0);
            } catch (thrown) {
              assert.ok(isDamaged(thrown), String(thrown));
            }
        }
      }),
      { numRuns: 300 },
    );
  });
});

function plain(entry: Entry): Entry {
  const { isSparse, ...others } = entry;
  return isSparse ? others : entry;
}

/** What PAX says of the entry besides its body and its name. */
function recordsOf(metadata: readonly Buffer[]): [string, string][] {
  const bodies = metadata.filter((_, index) => index > 0 && [0x78, 0x67].includes(metadata[index - 1][156]) && metadata[index - 1].length === 512);
  return bodies.flatMap((body) => [...parsePax(body).records].filter(([key]) => !/^(?:size|path|GNU\.sparse\..*)$/.test(key)));
}

describe('globalHeaders', () => {
  const own = file('a', 'hello');
  it('gives the global headers, byte for byte, and nothing of the entry', () => {
    const first = pax([['comment', 'one']], 'g');
    const second = paxRaw(Buffer.from('no record at all'), 'g');
    // Slack in the padding is a part of it.
    second.write('slack', second.length - 5);
    assert.ok(globalHeaders(metadataOf(tar(first, pax([['uid', '7']]), second, gnuLongName('n'), own))).equals(Buffer.concat([first, second])));
    assert.equal(globalHeaders(metadataOf(tar(pax([['uid', '7']]), own))).length, 0);
  });

  it('keeps the end of the archive where an entry hides behind it', () => {
    const archive = tar(file('b', 'x'), pax([['uid', '7']]), end(), own);
    assert.ok(globalHeaders(metadataOf(archive, 1)).equals(end()));
  });

  it('refuses what is no metadata', () => {
    assert.throws(() => globalHeaders(Buffer.alloc(700, 'x')), isDamaged);
  });
});

describe('withChecksums', () => {
  it('changes nothing that is right, also sums of signed bytes', () => {
    const signed = metadataOf(tar(pax([['comment', 'x']]), file('größe', 'x', { checksum: 'signed' })));
    assert.ok(withChecksums(signed).equals(signed));
    fc.assert(
      fc.property(anyArchive, (archive) => {
        for (const { entry: read } of walked(archive).entries) {
          const metadata = metadataOf(archive, read.index);
          assert.ok(withChecksums(metadata).equals(metadata));
        }
      }),
    );
  });

  it('makes right the sums of the blocks that were overwritten, and only those', () => {
    const before = metadataOf(tar(pax([['comment', 'secret']]), gnuLongName('secret'), file('secret', 'x', { magic: 'gnu', userName: 'secret' })));
    const expected = metadataOf(tar(pax([['comment', '******']]), gnuLongName('******'), file('******', 'x', { magic: 'gnu', userName: '******' })));
    const overwritten = Buffer.from(before.toString('latin1').replaceAll('secret', '******'), 'latin1');
    assert.ok(withChecksums(overwritten).equals(expected));
    assert.equal(overwritten.toString('latin1').includes('secret'), false);
  });

  it('keeps the format of the sum', () => {
    for (const style of [(sum: string) => `0${sum}\0`, (sum: string) => `${sum} \0`, (sum: string) => `${sum.replace(/^0/, ' ')}\0 `]) {
      const block = header({ name: 'secret' });
      const sum = block.toString('latin1', 148, 154);
      block.write(style(sum), 148, 'latin1');
      assert.ok(hasValidChecksum(block));
      const changed = Buffer.from(block);
      changed.write('s*cret');
      const result = withChecksums(changed);
      const newSum = (Number.parseInt(sum, 8) + 0x2a - 0x65).toString(8).padStart(6, '0');
      assert.equal(result.toString('latin1', 148, 156), style(newSum));
    }
    const none = header({ name: 'a' });
    const sum = none.toString('latin1', 148, 156);
    none.fill(0xff, 148, 156);
    assert.equal(withChecksums(none).toString('latin1', 148, 156), sum, 'a field that holds no number gets the usual format');
  });

  it('takes global headers that no entry follows', () => {
    const global = pax([['comment', 'x']], 'g');
    const broken = Buffer.from(global);
    broken[0] ^= 1;
    const result = withChecksums(broken);
    assert.ok(hasValidChecksum(result.subarray(0, 512)));
  });
});

describe('bodyStartOf', () => {
  it('is where the bytes of the body begin', () => {
    fc.assert(
      fc.property(anyArchive, (archive) => {
        for (const { entry: read, metadata, body } of walked(archive).entries) {
          const start = bodyStartOf(read);
          const own = Buffer.concat(body.map(({ bytes }) => bytes));
          assert.equal(own.length, read.size);
          assert.ok(archive.subarray(start, start + read.size).equals(own));
          // The walk gives headers and bodies of them without padding.
          assert.equal(
            start - read.span.start,
            metadata.reduce((sum, { length }) => sum + Math.ceil(length / 512) * 512, 0),
          );
        }
      }),
    );
  });

  it('is known for a sparse map that is longer than the body says', () => {
    const records: [string, string][] = [
      ['GNU.sparse.major', '1'],
      ['GNU.sparse.minor', '0'],
      ['GNU.sparse.name', 'a'],
      ['GNU.sparse.realsize', '0'],
    ];
    const map = `${'0'.repeat(700)}\n`;
    const archive = tar(pax(records), entry({ name: 'a' }, map), file('b', 'x'));
    const { entries } = walked(archive);
    assert.equal(bodyStartOf(entries[0].entry), 1024 + 512 + 1024);
    assert.ok(withSize(metadataOf(archive), 0).equals(Buffer.concat([pax([['path', 'a']]), header({ name: 'a', size: 0 })])));
  });

  it('refuses a size beyond all archives', () => {
    const { entries } = walked(header({ name: 'a', size: 2n ** 80n }));
    assert.throws(() => bodyStartOf(entries[0].entry), isDamaged);
  });
});
