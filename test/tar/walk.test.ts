// The walk over archives that are in order: every dialect, whatever the chunks. What is broken stands in damaged-walk.test.ts.
import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { pack } from 'tar-stream';
import { defaultLimits } from '../../src/model/limits.ts';
import { TarWalk } from '../../src/tar/walk.ts';
import {
  base256,
  directory,
  end,
  entry,
  file,
  gnuDumpDirectory,
  gnuLongLink,
  gnuLongName,
  gnuSparse,
  hardlink,
  pax,
  paxRecord,
  paxSparse,
  symlink,
  tar,
} from '../support/raw-tar.ts';
import { assertEveryByteOnce, assertTiled, contentOf, essence, walked } from './recorded.ts';

const onlyEntry = (archive: Buffer) => {
  const recording = walked(archive);
  assert.equal(recording.entries.length, 1);
  assert.deepEqual(recording.damage, []);
  assertEveryByteOnce(archive, recording);
  return recording.entries[0];
};

describe('TarWalk', () => {
  it('reads the fields of each dialect', () => {
    const fields = { mode: 0o4755, uid: 1000, gid: 2000, mtime: 1_700_000_000 };
    for (const magic of ['v7', 'ustar', 'gnu'] as const) {
      const { entry: read, body } = onlyEntry(tar(file('srv/./x', 'body', { ...fields, magic })));
      assert.deepEqual(read, {
        index: 0,
        rawPath: 'srv/./x',
        path: 'srv/x',
        kind: 'file',
        size: 4,
        ...fields,
        linkTarget: undefined,
        span: { start: 0, end: 1024 },
        isBehindEnd: false,
      });
      assert.deepEqual(body, [{ offset: 0, bytes: Buffer.from('body') }]);
    }
  });

  it('tells the kinds of entries', () => {
    const types: Record<string, string> = {
      '0': 'file',
      '\0': 'file',
      '7': 'file',
      '1': 'hardlink',
      '2': 'symlink',
      '3': 'device',
      '4': 'device',
      '5': 'directory',
      '6': 'fifo',
      M: 'file',
      Z: 'file',
    };
    for (const [type, kind] of Object.entries(types))
      assert.equal(onlyEntry(tar(entry({ name: 'x', type, linkName: 'y' }))).entry.kind, kind, JSON.stringify(type));
    assert.equal(onlyEntry(tar(entry({ name: 'v7 directory/', type: '\0', magic: 'v7' }))).entry.kind, 'directory');
    assert.equal(onlyEntry(tar(gnuDumpDirectory('d/', ['a']))).entry.kind, 'directory');
  });

  it('normalises the target of a hard link, and keeps that of a symbolic one', () => {
    assert.equal(onlyEntry(tar(hardlink('a', './srv//x'))).entry.linkTarget, 'srv/x');
    assert.equal(onlyEntry(tar(symlink('a', '../srv//x'))).entry.linkTarget, '../srv//x');
  });

  it('reads the prefix of ustar, the shorter one of star, and none where GNU keeps times', () => {
    const name = 'name';
    assert.equal(onlyEntry(tar(file(name, '', { prefix: 'p'.repeat(155) }))).entry.rawPath, `${'p'.repeat(155)}/name`);
    const star = [
      { at: 345 + 131, bytes: Buffer.from('00000000000\x0000000000000\0') },
      { at: 508, bytes: Buffer.from('tar\0') },
    ];
    assert.equal(onlyEntry(tar(file(name, '', { prefix: 'p'.repeat(131), patches: star }))).entry.rawPath, `${'p'.repeat(131)}/name`);
    assert.equal(onlyEntry(tar(file(name, '', { magic: 'gnu', patches: [{ at: 345, bytes: Buffer.from('14500000000\0') }] }))).entry.rawPath, name);
  });

  it('reads numbers in base 256, with blanks, and none', () => {
    assert.equal(onlyEntry(tar(file('a', '', { uid: 3_000_000_000, gid: -2, mtime: -86_400, magic: 'gnu' }))).entry.uid, 3_000_000_000);
    assert.equal(onlyEntry(tar(file('a', '', { gid: -2, magic: 'gnu' }))).entry.gid, -2);
    assert.equal(onlyEntry(tar(file('a', '', { mtime: -86_400, magic: 'gnu' }))).entry.mtime, -86_400);
    assert.equal(onlyEntry(tar(entry({ name: 'a', size: base256(5n, 12) }, 'hello'))).entry.size, 5);
    for (const size of ['          5 ', '5           ', '000000000005', '00000000005\0', '\0          5', '5\0xxxxxxxxxx'])
      assert.equal(onlyEntry(tar(entry({ name: 'a', size: Buffer.from(size.slice(0, 12)) }, 'hello'))).entry.size, 5, JSON.stringify(size));
    assert.equal(onlyEntry(tar(entry({ name: 'a', size: Buffer.alloc(12) }))).entry.size, 0);
  });

  it('takes the checksum of signed bytes, as old tars wrote it', () => {
    assert.equal(onlyEntry(tar(file('größe', 'x', { checksum: 'signed' }))).entry.size, 1);
  });

  it('reads GNU long names and links of any length', () => {
    for (const length of [99, 100, 101, 511, 512, 513, 5000]) {
      const name = 'n'.repeat(length);
      const { entry: read, metadata } = onlyEntry(tar(gnuLongLink(`l${name}`), gnuLongName(name), symlink('cut', 'cut', { magic: 'gnu' })));
      assert.deepEqual([read.rawPath, read.linkTarget], [name, `l${name}`]);
      assert.equal(metadata.length, 5, 'two headers, two bodies, and its own header');
    }
  });

  it('lets PAX records win over the header, the last of them over the others', () => {
    const records: [string, string][] = [
      ['path', 'first'],
      ['path', 'größe'],
      ['linkpath', '/to'],
      ['uid', '4000000000'],
      ['gid', '7'],
      ['mtime', '1700000000.75'],
      ['size', '5'],
      ['comment', 'a\nb=c'],
    ];
    const { entry: read } = onlyEntry(tar(pax(records), entry({ name: 'short', size: 0, mtime: 1 }, 'hello')));
    assert.deepEqual(
      [read.rawPath, read.uid, read.gid, read.mtime, read.size],
      [Buffer.from('größe').toString('latin1'), 4_000_000_000, 7, 1_700_000_000, 5],
    );
    assert.equal(onlyEntry(tar(pax([['linkpath', '/to']]), symlink('a', 'cut'))).entry.linkTarget, '/to');
    assert.equal(onlyEntry(tar(pax([['mtime', '-1.5']]), file('a', ''))).entry.mtime, -2);
  });

  it('forgets PAX records behind the entry that they are for', () => {
    const { entries } = walked(
      tar(
        pax([
          ['path', 'first'],
          ['size', '3'],
        ]),
        file('x', 'one'),
        file('second', 'two'),
      ),
    );
    assert.deepEqual(
      entries.map(({ entry: { rawPath } }) => rawPath),
      ['first', 'second'],
    );
  });

  it('keeps PAX records over a GNU long name between them and the entry', () => {
    const { entry: read } = onlyEntry(tar(pax([['uid', '77']]), gnuLongName('long name'), file('x', 'y', { magic: 'gnu' })));
    assert.deepEqual([read.rawPath, read.uid], ['long name', 77]);
  });

  it('reads global PAX records without applying them, and shows them', () => {
    const { entries } = walked(
      tar(
        pax(
          [
            ['comment', 'token'],
            ['path', 'nobody'],
          ],
          'g',
        ),
        file('a', '1'),
        file('b', '2'),
      ),
    );
    assert.deepEqual(
      entries.map(({ entry: { rawPath } }) => rawPath),
      ['a', 'b'],
    );
    assert.ok(Buffer.concat(entries[0].metadata).includes('token'));
  });

  it('takes back a record with an empty value', () => {
    assert.equal(onlyEntry(tar(pax([['path', '']]), file('name', ''))).entry.rawPath, 'name');
  });

  it('puts the pieces of sparse files where they belong', () => {
    const segments = Array.from({ length: 60 }, (_, index) => ({
      offset: index * 1000 + 7,
      data: Buffer.from(`piece ${index}, `.repeat(1 + (index % 5))),
    }));
    const whole = Buffer.alloc(70_000);
    for (const { offset, data } of segments) data.copy(whole, offset);
    for (const archive of [gnuSparse('f', segments, 70_000), paxSparse('0.1', 'f', segments, 70_000), paxSparse('1.0', 'f', segments, 70_000)]) {
      for (const cuts of [[], [1], [511, 513], [700, 3]]) {
        const recording = walked(tar(archive), cuts);
        assert.deepEqual(recording.damage, []);
        assert.equal(recording.entries[0].entry.rawPath, 'f');
        assert.deepEqual(contentOf(recording.entries[0], 70_000), whole);
        assertEveryByteOnce(tar(archive), recording);
        assertTiled(recording);
      }
    }
  });

  it('gives the stored bytes of PAX sparse 0.0 at least', () => {
    const segments = [
      { offset: 4096, data: Buffer.from('one') },
      { offset: 9000, data: Buffer.from('two') },
    ];
    assert.equal(
      contentOf(onlyEntry(tar(paxSparse('0.0', 'f', segments, 10_000))))
        .toString()
        .replaceAll('\0', ''),
      'onetwo',
    );
  });

  it('puts the pieces of PAX sparse 0.0 where they belong', () => {
    const segments = [
      { offset: 4096, data: Buffer.from('one') },
      { offset: 9000, data: Buffer.from('two') },
    ];
    assert.deepEqual(
      onlyEntry(tar(paxSparse('0.0', 'f', segments, 10_000))).body.map(({ offset }) => offset),
      [4096, 9000],
    );
  });

  it('gives what stands behind the end marker, as such', () => {
    const archive = Buffer.concat([file('a', '1'), end(), file('b', '2'), end(3), Buffer.from('tail of text')]);
    const recording = walked(archive);
    assert.deepEqual(
      recording.entries.map(({ entry: { path, isBehindEnd } }) => [path, isBehindEnd]),
      [
        ['a', false],
        ['b', true],
      ],
    );
    assert.deepEqual(
      recording.stray.map(({ what, offset, bytes }) => [what, offset, bytes.toString()]),
      [['after the end-of-archive marker', archive.length - 12, 'tail of text']],
    );
    assert.deepEqual(recording.damage, []);
    assertEveryByteOnce(archive, recording);
  });

  it('goes on behind a single block of zeros, and says so', () => {
    const recording = walked(Buffer.concat([file('a', '1'), end(1), file('b', '2'), end()]));
    assert.deepEqual(
      recording.entries.map(({ entry: { path, isBehindEnd } }) => [path, isBehindEnd]),
      [
        ['a', false],
        ['b', false],
      ],
    );
    assert.deepEqual(recording.notices, ['a single zero block stands between two entries']);
  });

  it('says when there is no end marker', () => {
    assert.deepEqual(walked(file('a', '1')).notices, ['the archive has no end-of-archive marker']);
    assert.deepEqual(walked(Buffer.concat([file('a', '1'), end(1)])).notices, ['the archive has no end-of-archive marker']);
    assert.deepEqual(walked(tar(file('a', '1'))).notices, []);
    assert.deepEqual(walked(Buffer.alloc(0)).notices, []);
  });

  it('lets who can seek pass over bodies', () => {
    const archive = tar(file('a', 'x'.repeat(3000)), file('b', 'y'));
    const names: string[] = [];
    let seen = 0;
    const walk = new TarWalk(
      {
        entry: ({ path }) => names.push(path),
        body: (bytes) => (seen += bytes.length),
        endOfBody: () => undefined,
        stray: () => undefined,
        noTar: () => undefined,
        damage: assert.fail,
        limit: assert.fail,
        notice: assert.fail,
      },
      defaultLimits,
    );
    for (let at = 0; at < archive.length; at += walk.skipBody(archive.length - at)) {
      walk.write(archive.subarray(at, at + 512));
      at += 512;
    }
    walk.end();
    assert.deepEqual(names, ['a', 'b']);
    assert.equal(seen, 1, 'only what came with the block of a header');
  });

  it('keeps extended headers up to the limit and gives the rest as bytes', () => {
    const archive = tar(pax([['comment', `${'x'.repeat(3000)} token`]]), file('a', '1'));
    for (const cuts of [[], [100], [1000, 7]]) {
      const recording = walked(archive, cuts, { ...defaultLimits, extendedHeaderBytes: 1024 });
      assert.deepEqual(recording.limits, ['extendedHeaderBytes']);
      assert.equal(recording.entries[0].entry.rawPath, 'a');
      assertEveryByteOnce(archive, recording);
    }
    const pieces = walked(archive, [100], { ...defaultLimits, extendedHeaderBytes: 1024 }).stray.filter(({ what }) => what === 'extended header');
    assert.deepEqual(
      pieces.map(({ offset }) => offset),
      pieces.map((_, index) => pieces[0].offset + pieces.slice(0, index).reduce((sum, { bytes }) => sum + bytes.length, 0)),
      'the pieces follow each other',
    );
    assert.equal(pieces[0].offset, 512 + 1024);
  });

  it('says what PAX records are malformed and keeps those before', () => {
    const body = Buffer.concat([paxRecord('path', 'good'), Buffer.from('9999 broken')]);
    const recording = walked(tar(entry({ name: 'p', type: 'x' }, body), file('a', '1')));
    assert.equal(recording.entries[0].entry.rawPath, 'good');
    assert.deepEqual(
      recording.damage.map(({ offset }) => offset),
      [512 + paxRecord('path', 'good').length],
    );
  });
});

/** What an archive is made of, at random: names of every length, bodies around the borders of blocks. */
const sizes = fc.oneof(fc.constantFrom(0, 1, 511, 512, 513, 1024), fc.nat(3000));
const name = fc
  .tuple(fc.constantFrom('a', 'größe', 'dir/x', `${'d'.repeat(90)}/${'f'.repeat(60)}`, 'n'.repeat(300), './x', '/abs'), fc.nat(99))
  .map(([base, number]) => `${base}-${number}`);
const member = fc.record({
  name,
  size: sizes,
  type: fc.constantFrom('file' as const, 'file' as const, 'file' as const, 'directory' as const, 'symlink' as const, 'link' as const),
  fill: fc.integer({ min: 1, max: 255 }),
  mtime: fc.nat(2 ** 31 - 1),
  uid: fc.constantFrom(0, 1000, 65_534),
});
const cuts = fc.array(fc.oneof(fc.integer({ min: 1, max: 1500 }), fc.constantFrom(1, 512, 65_536)), { minLength: 1, maxLength: 8 });
type Member = typeof member extends fc.Arbitrary<infer T> ? T : never;

function bodyOf({ type, size, fill }: Member): Buffer {
  return type === 'file' ? Buffer.alloc(size, fill) : Buffer.alloc(0);
}

async function packed(members: readonly Member[]): Promise<Buffer> {
  const stream = pack();
  for (const each of members) {
    const header = {
      name: each.name,
      type: each.type,
      mtime: new Date(each.mtime * 1000),
      uid: each.uid,
      ...(each.type === 'file' || each.type === 'directory' ? {} : { linkname: `to/${each.name}` }),
    };
    stream.entry(header, bodyOf(each));
  }
  stream.finalize();
  return buffer(stream);
}

function written(members: readonly Member[], dialect: 'gnu' | 'pax'): Buffer {
  return tar(
    ...members.flatMap((each) => {
      const bytes = Buffer.from(each.name);
      const long = bytes.length <= 100 ? [] : dialect === 'gnu' ? [gnuLongName(each.name)] : [pax([['path', each.name]])];
      const target = `to/${each.name}`;
      const longLink = Buffer.from(target).length <= 100 || dialect === 'pax' ? [] : [gnuLongLink(target)];
      const magic = dialect === 'gnu' ? ('gnu' as const) : ('ustar' as const);
      const fields = { mtime: each.mtime, uid: each.uid, magic };
      switch (each.type) {
        case 'file':
          return [...long, file(each.name, bodyOf(each), fields)];
        case 'directory':
          return [...long, directory(each.name, fields)];
        default:
          return [...long, ...longLink, (each.type === 'link' ? hardlink : symlink)(each.name, target, fields)];
      }
    }),
  );
}

describe('TarWalk, over random archives', () => {
  for (const [by, write] of [
    ['tar-stream', packed],
    ['GNU headers', (members: readonly Member[]) => Promise.resolve(written(members, 'gnu'))],
    ['PAX headers', (members: readonly Member[]) => Promise.resolve(written(members, 'pax'))],
  ] as const) {
    it(`written with ${by}: the same whatever the chunks, tiled by spans, every byte once`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(member, { maxLength: 12 }), cuts, async (members, sizesOfChunks) => {
          const archive = await write(members);
          const recording = walked(archive);
          assert.deepEqual(recording.damage, []);
          assert.deepEqual(
            recording.entries.map(({ entry: { rawPath, kind, mtime, uid } }) => [
              Buffer.from(rawPath, 'latin1').toString().replace(/\/$/, ''),
              kind,
              mtime,
              uid,
            ]),
            members.map((each) => [each.name, each.type === 'link' ? 'hardlink' : each.type, each.mtime, each.uid]),
          );
          assert.deepEqual(
            recording.entries.map((each) => contentOf(each)),
            members.map(bodyOf),
          );
          assert.equal(assertTiled(recording), archive.length - 1024);
          assertEveryByteOnce(archive, recording);
          assert.deepEqual(essence(walked(archive, sizesOfChunks)), essence(recording));
        }),
        { numRuns: 60 },
      );
    });
  }
});
