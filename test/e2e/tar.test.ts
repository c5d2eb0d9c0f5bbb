// Every tar dialect: each planted token is found under its name, on its line, at its byte offset.
import assert from 'node:assert/strict';
import {
  base256,
  end,
  entry,
  file,
  gnuDumpDirectory,
  gnuLongLink,
  gnuLongName,
  gnuSparse,
  hardlink,
  pax,
  paxRaw,
  paxRecord,
  paxSparse,
  type Segment,
  symlink,
  tar,
} from '../support/raw-tar.ts';
import { describeTars, next, type TarCase, twoLines } from '../support/tar-cases.ts';

const long = (name: string, length: number): string => `srv/${'d'.repeat(length)}/${name}`;

/** Thirty pieces of a file with holes, the token in the 28th and over the border of the 29th. */
function segments(token: string): Segment[] {
  return Array.from({ length: 30 }, (_, index) => {
    const data = Buffer.alloc(512, '.');
    if (index === 27) data.write(` ${token} `, 100);
    return { offset: index * 8192, data };
  });
}

function splitSegments(token: string): Segment[] {
  const data = Buffer.from(` ${token} `.padEnd(512, '.'));
  return [
    { offset: 4096, data: data.subarray(0, 20) },
    { offset: 4116, data: data.subarray(20) },
  ];
}

const dialects: readonly TarCase[] = [
  { name: 'v7', tar: (token) => tar(file('srv/v7', twoLines(token('v7')), { magic: 'v7' })), expected: { v7: '/srv/v7:2' }, offsets: { v7: 15 } },
  { name: 'ustar', tar: (token) => tar(file('srv/ustar', twoLines(token('ustar')))), expected: { ustar: '/srv/ustar:2' }, offsets: { ustar: 15 } },
  {
    name: 'ustar with a prefix',
    tar: (token) => tar(file('name', token('prefix'), { prefix: `srv/${'p'.repeat(140)}` })),
    expected: { prefix: `/srv/${'p'.repeat(140)}/name:1` },
    offsets: { prefix: 0 },
  },
  {
    name: 'GNU long names',
    tar: (token) => tar(gnuLongName(long('gnu', 200)), file(long('gnu', 200).slice(0, 100), twoLines(token('gnu long')), { magic: 'gnu' }), next),
    expected: { 'gnu long': `${`/${long('gnu', 200)}`}:2` },
    offsets: { 'gnu long': 15 },
  },
  {
    name: 'GNU long name and long link together',
    tar: (token) =>
      tar(
        gnuLongName(long('target', 120)),
        file('x', token('link target'), { magic: 'gnu' }),
        gnuLongLink(long('target', 120)),
        gnuLongName(long('link', 130)),
        hardlink('y', 'z', { magic: 'gnu' }),
        file('srv/after', token('after link')),
      ),
    expected: { 'link target': `/${long('target', 120)}:1`, 'after link': '/srv/after:1' },
  },
  {
    name: 'a long link target that holds a token',
    tar: (token) => tar(gnuLongLink(`/proc/${token('long link')}/${'x'.repeat(120)}`), symlink('srv/link', 'cut', { magic: 'gnu' }), next),
    expected: { 'long link': undefined },
  },
  {
    name: 'a link target and a name that hold a token',
    tar: (token) => tar(symlink('srv/to', `/a?token=${token('short link')}`), file(`srv/${token('file name')}`, 'body')),
    expected: { 'short link': 'header of /srv/to', 'file name': undefined },
  },
  {
    name: 'numbers in base 256',
    tar: (token) => {
      const body = token('base 256');
      return tar(
        entry({ name: 'srv/base256', size: base256(BigInt(body.length), 12), uid: 3_000_000_000, gid: -2, mtime: -86_400, magic: 'gnu' }, body),
        next,
      );
    },
    expected: { 'base 256': '/srv/base256:1' },
  },
  {
    name: 'numbers with blanks, without an end and with nothing',
    tar: (token) => {
      const body = token('blanks');
      const size = Buffer.from(body.length.toString(8).padStart(11, ' ') + ' ');
      const unended = Buffer.from(body.length.toString(8).padStart(12, '0'));
      return tar(entry({ name: 'srv/blanks', size, mode: 0 }, body), entry({ name: 'srv/unended', size: unended }, token('unended')), next);
    },
    expected: { blanks: '/srv/blanks:1', unended: '/srv/unended:1' },
  },
  {
    name: 'GNU sparse with extension blocks',
    tar: (token) => tar(gnuSparse('srv/sparse', segments(token('gnu sparse')), 300_000), next),
    expected: { 'gnu sparse': '/srv/sparse:1' },
  },
  {
    name: 'GNU sparse, a token over two pieces that touch',
    tar: (token) => tar(gnuSparse('srv/touch', splitSegments(token('touching')), 5000), next),
    expected: { touching: '/srv/touch:1' },
  },
  ...(['0.0', '0.1', '1.0'] as const).map((version): TarCase => ({
    name: `PAX sparse ${version}`,
    tar: (token) => tar(paxSparse(version, 'srv/holes', segments(token(`sparse ${version}`)), 300_000), next),
    expected: { [`sparse ${version}`]: '/srv/holes:1' },
  })),
  {
    name: 'GNU incremental directory',
    tar: (token) => tar(gnuDumpDirectory('srv/', ['one', `two-${token('dumpdir')}`]), file('srv/one', token('after dumpdir'))),
    expected: { dumpdir: undefined, 'after dumpdir': '/srv/one:1' },
  },
  {
    name: 'PAX path, of this entry only',
    tar: (token) => tar(pax([['path', long('päx', 300)]]), file('short', twoLines(token('pax path'))), file('srv/own-name', token('own name'))),
    expected: { 'pax path': `/${long('päx', 300)}:2`, 'own name': '/srv/own-name:1' },
  },
  {
    name: 'PAX link targets',
    tar: (token) =>
      tar(
        pax([['linkpath', `/proc/${token('pax link')}/${'x'.repeat(120)}`]]),
        symlink('srv/pax-link', 'cut'),
        pax([['linkpath', long('own', 120)]]),
        hardlink('srv/pax-hard', 'cut'),
        next,
      ),
    expected: { 'pax link': 'header of /srv/pax-link' },
  },
  {
    name: 'PAX path, the last of two',
    tar: (token) =>
      tar(
        pax([
          ['path', 'srv/first'],
          ['path', 'srv/last'],
        ]),
        file('short', token('last path')),
      ),
    expected: { 'last path': '/srv/last:1' },
  },
  {
    name: 'PAX records over a GNU long name',
    tar: (token) =>
      tar(
        pax([
          ['mtime', '1.5'],
          ['size', '40'],
        ]),
        gnuLongName(long('across', 150)),
        entry({ name: 'cut', size: 0 }, token('across')),
      ),
    expected: { across: `/${long('across', 150)}:1` },
  },
  {
    name: 'PAX size over the one of the header',
    tar: (token) => {
      const body = twoLines(token('pax size'));
      return tar(pax([['size', String(body.length)]]), entry({ name: 'srv/size', size: 0 }, body), file('srv/after-size', token('after size')));
    },
    expected: { 'pax size': '/srv/size:2', 'after size': '/srv/after-size:1' },
  },
  {
    name: 'PAX global header',
    tar: (token) => tar(pax([['comment', `built with ${token('global')}`]], 'g'), file('srv/global', token('after global'))),
    expected: { global: undefined, 'after global': '/srv/global:1' },
  },
  {
    name: 'PAX comment and extended attributes',
    tar: (token) =>
      tar(
        pax([
          ['comment', token('comment')],
          ['SCHILY.xattr.user.note', `\0\x01${token('xattr')}\0`],
          ['LIBARCHIVE.xattr.user.note', Buffer.from(`note ${token('base64 xattr')}`).toString('base64')],
        ]),
        file('srv/attributes', 'body'),
      ),
    expected: { comment: 'header of /srv/attributes', xattr: 'header of /srv/attributes', 'base64 xattr': 'header of /srv/attributes' },
  },
  {
    name: 'PAX records that are not UTF-8 and hold newlines and NULs',
    tar: (token) =>
      tar(
        paxRaw(Buffer.concat([paxRecord('path', Buffer.from('srv/\xff\xfe', 'latin1')), paxRecord('comment', 'a\nb\0c=d')])),
        file('short', token('raw pax')),
      ),
    expected: { 'raw pax': '/srv/\\xff\\xfe:1' },
  },
  { name: 'a file of type NUL', tar: (token) => tar(file('srv/nul', token('type nul'), { type: '\0' })), expected: { 'type nul': '/srv/nul:1' } },
  { name: 'a contiguous file', tar: (token) => tar(file('srv/seven', token('type 7'), { type: '7' })), expected: { 'type 7': '/srv/seven:1' } },
  {
    name: 'a file of a vendor type',
    tar: (token) => tar(file('srv/vendor', token('type Z'), { type: 'Z' })),
    expected: { 'type Z': '/srv/vendor:1' },
  },
  {
    name: 'a checksum of signed bytes',
    tar: (token) => tar(file('srv/sïgned', token('signed'), { checksum: 'signed' })),
    expected: { signed: '/srv/sïgned:1' },
  },
  {
    name: 'an unknown magic',
    tar: (token) => tar(file('srv/magic', twoLines(token('magic')), { magic: Buffer.from('notatar!') }), next),
    expected: { magic: '/srv/magic:2' },
  },
  { name: 'no end marker', tar: (token) => file('srv/endless', token('endless')), expected: { endless: '/srv/endless:1' } },
  {
    name: 'one block of zeros as end marker',
    tar: (token) => Buffer.concat([file('srv/one-zero', token('one zero')), end(1)]),
    expected: { 'one zero': '/srv/one-zero:1' },
  },
  {
    name: 'an end marker as long as a tape record',
    tar: (token) => Buffer.concat([file('srv/tape', token('tape')), end(20)]),
    expected: { tape: '/srv/tape:1' },
  },
];

describeTars('tar dialects', dialects, (report) => {
  it('nothing of them counts as not read', () => assert.deepEqual(report().skipped, []));
});
