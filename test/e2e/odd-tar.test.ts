// Tar that is odd or damaged: names, sizes where there should be none, bytes that no entry owns, headers that are wrong.
import assert from 'node:assert/strict';
import { directory, end, entry, file, header, pad, pax, paxRaw, paxRecord, tar } from '../support/raw-tar.ts';
import { describeTars, next, type TarCase, twoLines } from '../support/tar-cases.ts';

const names: readonly TarCase[] = [
  ...(
    [
      ['./srv/dot', '/srv/dot'],
      ['/srv/absolute', '/srv/absolute'],
      ['srv//double', '/srv/double'],
      ['srv/./inner/../climb', '/srv/climb'],
      ['../../outside', '/outside'],
      ['srv/new\nline', '/srv/new\\nline'],
      ['srv/esc\u001b[31mred', '/srv/esc\\x1b[31mred'],
      ['srv/::error::title', '/srv/:\\x3aerror:\\x3atitle'],
      ['srv/\u202egnp.exe', '/srv/\\u{202e}gnp.exe'],
      ['srv/%41 #?&', '/srv/%41 #?&'],
      ['srv/héé', '/srv/héé'],
      [Buffer.from('srv/\xe9t\xe9', 'latin1'), '/srv/\\xe9t\\xe9'],
    ] as const
  ).map(([name, path]): TarCase => ({
    name: `the name ${JSON.stringify(typeof name === 'string' ? name : name.toString('latin1'))}`,
    tar: (token) => tar(file(name, token(path))),
    expected: { [path]: `${path}:1` },
  })),
  { name: 'an empty name', tar: (token) => tar(file('', token('empty name')), next), expected: { 'empty name': undefined } },
  { name: 'the name ..', tar: (token) => tar(file('..', token('dot dot')), next), expected: { 'dot dot': undefined } },
];

/** Headers of things that have no content, with a size: with and without the content. */
const sized: readonly TarCase[] = (
  [
    ['directory', '5'],
    ['symbolic link', '2'],
    ['hard link', '1'],
    ['fifo', '6'],
    ['character device', '3'],
    ['block device', '4'],
  ] as const
).flatMap(([kind, type]): TarCase[] => [
  {
    name: `a ${kind} with a size and no data`,
    tar: (token) =>
      tar(
        file('srv/target', 'x'),
        header({ name: 'srv/thing', type, linkName: 'srv/target', size: 1000 }),
        file('srv/behind', token(`${kind} without`)),
      ),
    expected: { [`${kind} without`]: '/srv/behind:1' },
  },
  {
    name: `a ${kind} with a size and data`,
    tar: (token) =>
      tar(
        file('srv/target', 'x'),
        entry({ name: 'srv/thing', type, linkName: 'srv/target' }, `data ${token(`${kind} with`)}\n`.padEnd(1000, '.')),
        file('srv/behind', token(`${kind} behind`)),
      ),
    expected: { [`${kind} with`]: undefined, [`${kind} behind`]: '/srv/behind:1' },
  },
]);

const strays: readonly TarCase[] = [
  {
    name: 'bytes after the end marker',
    tar: (token) => Buffer.concat([tar(file('srv/a', 'a')), Buffer.from(`lost ${token('after end')}\n`)]),
    expected: { 'after end': undefined },
  },
  {
    name: 'blocks after the end marker',
    tar: (token) => Buffer.concat([tar(file('srv/a', 'a')), pad(Buffer.from(`lost ${token('block after end')}\n`))]),
    expected: { 'block after end': undefined },
  },
  {
    name: 'two tars, one behind the other',
    tar: (token) => Buffer.concat([tar(file('srv/a', token('first tar'))), tar(file('srv/b', token('second tar')))]),
    expected: { 'first tar': '/srv/a:1', 'second tar': undefined },
  },
  {
    name: 'one block of zeros between entries',
    tar: (token) => Buffer.concat([file('srv/a', token('before zero')), end(1), tar(file('srv/b', token('after zero')))]),
    expected: { 'before zero': '/srv/a:1', 'after zero': undefined },
  },
  {
    name: 'the padding behind a body',
    tar: (token) => tar(entry({ name: 'srv/padded', size: 3 }, `abc ${token('padding')}`), next),
    expected: { padding: undefined },
  },
  {
    name: 'unused bytes of a header',
    tar: (token) => tar(file('srv/spare', 'body', { magic: 'v7', patches: [{ at: 350, bytes: Buffer.from(` ${token('spare')} `) }] }), next),
    expected: { spare: undefined },
  },
];

const damaged: readonly TarCase[] = [
  {
    name: 'a header with a wrong checksum',
    tar: (token) =>
      tar(
        file('srv/before', token('before bad')),
        file('srv/bad', `data ${token('in bad')}`, { checksum: 0o1234 }),
        file('srv/after', token('after bad')),
      ),
    expected: { 'before bad': '/srv/before:1', 'in bad': undefined, 'after bad': '/srv/after:1' },
  },
  {
    name: 'a negative size',
    tar: (token) =>
      tar(
        file('srv/before', token('before negative')),
        entry({ name: 'srv/negative', size: -1000 }, token('in negative')),
        file('srv/after', token('after negative')),
      ),
    expected: { 'before negative': '/srv/before:1', 'in negative': undefined, 'after negative': undefined },
  },
  {
    name: 'a size of eight exabytes',
    tar: (token) => tar(file('srv/before', token('before huge')), entry({ name: 'srv/huge', size: 2n ** 63n - 1n }, twoLines(token('in huge')))),
    expected: { 'before huge': '/srv/before:1', 'in huge': '/srv/huge:2' },
  },
  {
    name: 'a size that is no number',
    tar: (token) =>
      tar(
        file('srv/before', token('before nan')),
        entry({ name: 'srv/nan', size: Buffer.from('twelvebytes\0') }, token('in nan')),
        file('srv/after', token('after nan')),
      ),
    expected: { 'before nan': '/srv/before:1', 'in nan': undefined, 'after nan': '/srv/after:1' },
  },
  {
    name: 'a PAX size that is no number',
    tar: (token) => tar(pax([['size', '-5']]), file('srv/pax-negative', token('pax negative')), file('srv/after', token('after pax negative'))),
    expected: { 'pax negative': undefined, 'after pax negative': '/srv/after:1' },
  },
  {
    name: 'malformed PAX records',
    tar: (token) =>
      tar(
        paxRaw(Buffer.from(`99999999999 path=x\n-4 a=b\nnot a record ${token('malformed')}\n`)),
        file('srv/after-malformed', token('after malformed')),
      ),
    expected: { malformed: undefined, 'after malformed': '/srv/after-malformed:1' },
  },
  {
    name: 'an extended header of 3 MiB',
    tar: (token) =>
      tar(
        paxRaw(Buffer.concat([paxRecord('comment', 'x'.repeat(3 << 20)), paxRecord('SCHILY.xattr.user.a', ` ${token('far in header')} `)])),
        file('srv/after-big', token('after big header')),
      ),
    expected: { 'far in header': undefined, 'after big header': '/srv/after-big:1' },
  },
  {
    name: 'a sparse map that contradicts the body',
    tar: (token) =>
      tar(
        pax([
          ['GNU.sparse.major', '1'],
          ['GNU.sparse.minor', '0'],
          ['GNU.sparse.name', 'srv/liar'],
          ['GNU.sparse.realsize', '99'],
        ]),
        file('x', `77777\n${token('bad map')}\n`),
        file('srv/after', token('after bad map')),
      ),
    expected: { 'bad map': undefined, 'after bad map': '/srv/after:1' },
  },
  {
    name: 'a layer that ends in the middle of a body',
    tar: (token) => file('srv/cut', `${token('before cut')}\n`.padEnd(5000, '.')).subarray(0, 2000),
    expected: { 'before cut': '/srv/cut:1' },
  },
  {
    name: 'a layer that ends in the middle of a header',
    tar: (token) => Buffer.concat([file('srv/whole', token('before cut header')), directory('srv/cut').subarray(0, 300)]),
    expected: { 'before cut header': '/srv/whole:1' },
  },
];

describeTars('names in a tar', names);
describeTars('sizes of what has no content', sized);
describeTars('bytes that no entry owns', strays);
describeTars('damage in a tar', damaged, (report) => {
  for (const [index, one] of damaged.entries()) {
    it(`is reported: ${one.name}`, () => {
      const digest = report().images[0]!.layers[index]!.digest;
      const about = [...report().skipped, ...report().notices].filter(
        ({ place }) => place.includes(digest.slice(7, 19)) || place.includes(`layer ${index}`),
      );
      assert.notDeepEqual(about, []);
    });
  }
});
