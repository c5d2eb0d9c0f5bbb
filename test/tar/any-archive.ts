// Random archives in every dialect that raw-tar.ts can write, all of them in order: what is broken is built where it is tested.
import fc from 'fast-check';
import {
  base256,
  directory,
  end,
  entry,
  file,
  gnuLongLink,
  gnuLongName,
  gnuSparse,
  hardlink,
  type Header,
  pax,
  paxSparse,
  type Segment,
  symlink,
} from '../support/raw-tar.ts';

/** Few, so that duplicates come by themselves. */
const name = fc.constantFrom('a', 'srv/.env', './srv//.env', 'größe', 'with space', 'n'.repeat(100), 'srv/token');
const longName = fc.integer({ min: 101, max: 700 }).map((length) => `long/${'n'.repeat(length)}`);
const body = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(0, 1, 511, 512, 513, 1024, 5000).map((length) => Buffer.alloc(length, 'body ')),
);
const fields: fc.Arbitrary<Partial<Header>> = fc.record({
  mode: fc.constantFrom(0o600, 0o644, 0o4755),
  uid: fc.constantFrom<number | bigint>(0, 1000, 2_097_151),
  gid: fc.constantFrom<number | bigint>(0, 1000),
  mtime: fc.constantFrom<number | bigint>(0, 1_700_000_000),
  userName: fc.constantFrom('', 'root'),
  groupName: fc.constantFrom('', 'root'),
});

const plain = fc
  .tuple(name, body, fields, fc.constantFrom('v7', 'ustar', 'gnu'))
  .map(([name, body, fields, magic]) => file(name, body, { ...fields, magic }));
const prefixed = fc.tuple(name, body, fields).map(([name, body, fields]) => file(name, body, { ...fields, prefix: 'p'.repeat(150) }));

/** The size as other writers put it into its field. */
const oddSize = fc
  .tuple(
    name,
    body,
    fields,
    fc.constantFrom<(octal: string) => Buffer>(
      (octal) => Buffer.from(`${octal.padStart(11, '0')} `),
      (octal) => Buffer.from(`${octal.padStart(11, ' ')} `),
      (octal) => Buffer.from(octal.padStart(12, '0')),
      (octal) => Buffer.from(octal.padEnd(12, ' ')),
      (octal) => Buffer.from(octal.padEnd(12, '\0')),
      (octal) => base256(BigInt(`0o${octal}`), 12),
    ),
  )
  .map(([name, body, fields, style]) => file(name, body, { ...fields, size: style(body.length.toString(8)), magic: 'gnu' }));
const base256Fields = fc
  .tuple(name, body)
  .map(([name, body]) => file(name, body, { uid: 3_000_000_000, gid: 2_500_000_000, mtime: 9_000_000_000, magic: 'gnu' }));

const gnuLong = fc
  .tuple(longName, body, fields)
  .map(([name, body, fields]) => Buffer.concat([gnuLongName(name), file(name.slice(0, 99), body, { ...fields, magic: 'gnu' })]));
const gnuLongSymlink = longName.map((name) => Buffer.concat([gnuLongLink(name), gnuLongName(`l${name}`), symlink('cut', 'cut', { magic: 'gnu' })]));

const record = fc.oneof(
  name.map((value): [string, string] => ['path', `pax/${value}`]),
  fc.constantFrom<[string, string]>(['uid', '4000000'], ['gid', '7'], ['uname', 'größe'], ['comment', 'two\nlines = odd']),
  fc.integer({ min: 0, max: 2 ** 31 }).map((value): [string, string] => ['mtime', `${value}.25`]),
  fc.uint8Array({ maxLength: 600 }).map((bytes): [string, Buffer] => ['SCHILY.xattr.user.x', Buffer.from(bytes)]),
);
const paxFile = fc
  .tuple(name, body, fields, fc.array(record, { maxLength: 4 }), fc.constantFrom('none', 'first', 'last', 'only here'))
  .filter(([, , , records, size]) => records.length > 0 || size !== 'none')
  .map(([name, body, fields, records, size]) => {
    const sizes: [string, string][] = size === 'none' ? [] : [['size', String(body.length)]];
    const header = size === 'first' ? pax([...sizes, ...records]) : pax([...records, ...sizes]);
    return Buffer.concat([header, entry({ name, ...fields, ...(size === 'only here' ? { size: 0 } : {}) }, body)]);
  });
const paxLink = longName.map((target) => Buffer.concat([pax([['linkpath', target]]), symlink('link', 'cut')]));
const globalThen = fc
  .tuple(fc.string({ maxLength: 30 }), fc.oneof(plain, paxFile))
  .map(([comment, next]) => Buffer.concat([pax([['comment', comment]], 'g'), next]));
const others = fc
  .tuple(name, fields)
  .chain(([name, fields]) => fc.constantFrom(directory(`${name}/`, fields), symlink(name, '../srv/x', fields), hardlink(name, 'a', fields)));

/** GNU tar begins each piece on a block of its own, so all but the last are whole blocks. */
const segments = fc
  .array(fc.record({ hole: fc.integer({ min: 1, max: 5 }), blocks: fc.integer({ min: 1, max: 2 }) }), { minLength: 1, maxLength: 30 })
  .chain((pieces) => fc.tuple(fc.constant(pieces), fc.constantFrom(0, 100), fc.constantFrom(0, 4096)))
  .map(([pieces, cut, hole]) => {
    const result: Segment[] = [];
    let offset = 0;
    for (const [index, piece] of pieces.entries()) {
      offset += piece.hole * 512;
      const data = Buffer.alloc(piece.blocks * 512 - (index === pieces.length - 1 ? cut : 0), `piece ${index} `);
      result.push({ offset, data });
      offset += data.length;
    }
    return { segments: result, realSize: offset + hole };
  });
const sparse = fc
  .tuple(name, segments, fc.constantFrom<'old' | '0.0' | '0.1' | '1.0'>('old', '0.0', '0.1', '1.0'))
  .map(([name, { segments, realSize }, format]) =>
    format === 'old' ? gnuSparse(name, segments, realSize) : paxSparse(format, name, segments, realSize),
  );

const plainMembers = [plain, plain, prefixed, oddSize, base256Fields, gnuLong, gnuLongSymlink, paxFile, paxFile, paxLink, globalThen, others];
const trailer = fc.constantFrom<(length: number) => Buffer>(
  () => Buffer.alloc(0),
  () => end(),
  (length) => Buffer.alloc(10_240 - (length % 10_240) + 10_240),
);

function archives(members: readonly fc.Arbitrary<Buffer>[]): fc.Arbitrary<Buffer> {
  return fc.tuple(fc.array(fc.oneof(...members), { minLength: 1, maxLength: 8 }), trailer).map(([members, trailer]) => {
    const bytes = Buffer.concat(members);
    return Buffer.concat([bytes, trailer(bytes.length)]);
  });
}

export const anyArchive = archives([...plainMembers, sparse, sparse]);
/** For readers that do not know sparse files. */
export const anyPlainArchive = archives(plainMembers);

/** Sizes of chunks that go round in a circle, for `chunksOf`. */
export const anyChunking = fc.array(fc.integer({ min: 1, max: 1500 }), { minLength: 1, maxLength: 5 });
