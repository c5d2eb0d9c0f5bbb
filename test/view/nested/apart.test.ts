// Members apart: each file that is packed in a file is a document with a name, and all that is in a file is in one of them.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { compressed, gzipMember, skippableFrame } from '../../support/compressed.ts';
import { noise } from '../../support/hostile.ts';
import { directory, file, gnuSparse, hardlink, pax, symlink, tar } from '../../support/raw-tar.ts';
import { scratch } from '../../support/scratch.ts';
import { needs, tool } from '../../support/tool.ts';
import { ar, cpio, rpm } from './raw-archives.ts';
import { blobObject, objectName, pack } from './raw-pack.ts';
import { rawZip } from './raw-zip.ts';
import { apartOf, hold, inChunks, type Walked, walked, walkedApart } from './walked.ts';

const env = Buffer.from('TOKEN=1\n');

function texts(documents: ReadonlyMap<string, Buffer>): [string, string][] {
  return [...documents].map(([way, bytes]) => [way, bytes.toString('latin1')]);
}

function namesByWay({ descriptions }: Walked): Record<string, string> {
  return Object.fromEntries(descriptions.map(({ way, name }) => [way, name]));
}

describe('members of a tar, apart', () => {
  const members = [directory('etc'), file('etc/app.env', env), file('./opt/x', 'x'), symlink('l', 'etc/app.env'), hardlink('h', 'etc/app.env')];

  it('are documents with their paths, compressed or not, however the stream is cut', async () => {
    const archive = tar(...members, file('etc/app.env', 'second'));
    const expected = [
      ['etc/app.env', 'TOKEN=1\n'],
      ['opt/x', 'x'],
      ['etc/app.env (2)', 'second'],
    ];
    for (const blob of [archive, inChunks(archive, 1), inChunks(archive, 700)]) assert.deepEqual(texts(await apartOf(blob)), expected);
    assert.deepEqual(
      texts(await apartOf(gzipSync(archive))),
      expected.map(([way, text]) => [`gunzip > ${way}`, text]),
    );
  });

  it('have names that speak of their content', async () => {
    const inner = gzipSync(tar(file('deep/a.env', env)));
    const outer = tar(file('x.tgz', inner), file('dump.sql.gz', gzipSync('select')), file('.gz', gzipSync('odd')));
    const walk = await walkedApart(gzipSync(outer), {}, 'srv/backup.tar.gz');
    assert.deepEqual(namesByWay(walk), {
      'gunzip > x.tgz > gunzip > deep/a.env': 'deep/a.env',
      'gunzip > x.tgz > gunzip > archive headers': 'x.tar',
      'gunzip > dump.sql.gz > gunzip': 'dump.sql',
      'gunzip > .gz > gunzip': '.gz',
      'gunzip > archive headers': 'srv/backup.tar',
    });
    assert.equal(walk.descriptions[0].size, env.length);
  });

  it('stand beside headers, which are a document of their own', async () => {
    const archive = Buffer.concat([
      tar(pax([['SCHILY.xattr.user.key', 'in an attribute']]), file('a', 'body'), file('name-of-b', '')),
      Buffer.from('behind'),
    ]);
    const headers = (await walkedApart(archive)).documents.get('archive headers')!.toString('latin1');
    for (const text of ['in an attribute', '\na\n', 'name-of-b\n', 'behind']) assert.ok(`\n${headers}`.includes(text), text);
    assert.ok(!headers.includes('body'));
  });

  it('may be containers that stand plainly or are held', async () => {
    const zip = rawZip({ members: [{ name: 'app.env', data: env }] });
    const nested = tar(file('a.zip', zip), file('b.tar', tar(file('c', 'in b'))));
    for (const bytes of [nested, zstdCompressSync(nested)]) {
      const prefix = bytes === nested ? '' : 'unzstd > ';
      assert.deepEqual(texts(await apartOf(bytes)), [
        [`${prefix}a.zip > app.env`, 'TOKEN=1\n'],
        [`${prefix}b.tar > c`, 'in b'],
      ]);
    }
  });

  it('are not held when they are no containers', async () => {
    const held: number[] = [];
    const archive = gzipSync(tar(file('large', noise(3_000_000)), file('a.gz', gzipSync('packed'))));
    const { documents } = await walked(archive, {}, 'gzip', {
      members: 'apart',
      hold: async (chunks) => {
        const blob = await hold(chunks);
        held.push(blob.size);
        return blob;
      },
    });
    assert.deepEqual(held, [gzipSync('packed').length]);
    assert.ok(documents.get('gunzip > large')!.equals(noise(3_000_000)));
  });

  it('that are sparse are shown as they are stored', async () => {
    const sparse = gnuSparse('s', [{ offset: 4096, data: env }], 100_000);
    assert.deepEqual(texts(await apartOf(tar(sparse, file('a', 'a')))), [
      ['s', 'TOKEN=1\n'],
      ['a', 'a'],
    ]);
    const packed = gnuSparse('s', [{ offset: 0, data: gzipSync('x') }], 100_000);
    const { told, documents } = await walkedApart(tar(packed, file('a', 'a')));
    assert.deepEqual(
      told.map(({ way, reason }) => [way, reason]),
      [['s', 'unsupported']],
    );
    assert.equal(String(documents.get('a')), 'a');
  });

  it('are shown up to the break, which is told', async () => {
    const archive = tar(file('a', env), file('b', noise(50_000)));
    for (const bytes of [archive.subarray(0, 20_000), gzipSync(archive).subarray(0, 20_000)]) {
      const { documents, told } = await walkedApart(bytes);
      const b = [...documents].find(([way]) => way.endsWith('b'))![1];
      assert.ok(b.length > 10_000 && noise(50_000).subarray(0, b.length).equals(b));
      assert.ok(told.length > 0 && told.every(({ reason }) => reason === 'damaged'));
    }
  });
});

describe('members of ar, cpio and packages, apart', () => {
  const files = scratch();

  it('are documents, and so is what stands beside them', async () => {
    const archive = ar(['control', 'of it'], ['odd', '123'], ['data.tar.gz', gzipSync(tar(file('./usr/x', env)))]);
    const { documents, told } = await walkedApart(archive);
    assert.deepEqual(told, []);
    assert.deepEqual(
      [...documents.keys()],
      ['control', 'odd', 'data.tar.gz > gunzip > usr/x', 'data.tar.gz > gunzip > archive headers', 'archive headers'],
    );
    assert.ok(documents.get('archive headers')!.toString().startsWith('!<arch>\ncontrol '));
  });

  it('of an initial ramdisk of several archives are all found', async () => {
    const first = cpio(['kernel/microcode', 'code']);
    const second = gzipSync(cpio(['etc/shadow', env]));
    const { documents, told } = await walkedApart(Buffer.concat([first, Buffer.alloc(512 - (first.length % 512)), second]));
    assert.deepEqual(told, []);
    assert.deepEqual(
      [...documents.keys()],
      ['kernel/microcode', 'behind the end > gunzip > etc/shadow', 'behind the end > gunzip > archive headers', 'archive headers'],
    );
    const plain = await walkedApart(Buffer.concat([first, Buffer.from('\0\0plain text')]));
    assert.ok(plain.documents.get('archive headers')!.includes('plain text'));
  });

  it('of RPM packages are found in payloads of each compression, beside the scripts of the headers', async function () {
    needs(this, 'xz', 'bzip2');
    const payload = cpio(['./etc/app.env', env]);
    for (const [how, step] of [
      ['gzip', 'gunzip'],
      ['zstd', 'unzstd'],
      ['xz', 'unxz'],
      ['bzip2', 'bunzip2'],
    ] as const) {
      const { documents, told } = await walkedApart(rpm('%post script', compressed(payload, how)));
      assert.deepEqual(told, []);
      assert.deepEqual([...documents.keys()], ['package headers', `payload > ${step} > etc/app.env`, `payload > ${step} > archive headers`]);
      assert.ok(documents.get('package headers')!.includes('%post script'));
    }
    const lzma = Buffer.concat([Buffer.from([0x5d, 0, 0, 0x80, 0]), Buffer.alloc(8, 0xff), Buffer.from([0, 1, 2])]);
    const { told } = await walkedApart(rpm('', lzma));
    assert.deepEqual(
      told.map(({ reason, detail }) => [reason, /lzma/.test(detail)]),
      [['unsupported', true]],
    );
  });

  it('of Debian packages as dpkg writes them are found', async function () {
    needs(this, 'dpkg-deb');
    const folder = files.newFolder();
    mkdirSync(join(folder, 'p/DEBIAN'), { recursive: true });
    mkdirSync(join(folder, 'p/usr/share/p'), { recursive: true });
    writeFileSync(join(folder, 'p/DEBIAN/control'), 'Package: p\nVersion: 1\nArchitecture: all\nMaintainer: m <m@example.org>\nDescription: d\n');
    writeFileSync(join(folder, 'p/DEBIAN/postinst'), '#!/bin/sh\nTOKEN=1\n', { mode: 0o755 });
    writeFileSync(join(folder, 'p/usr/share/p/app.env'), env);
    for (const [how, suffix, step] of [
      ['xz', '.xz', 'unxz'],
      ['gzip', '.gz', 'gunzip'],
      ['zstd', '.zst', 'unzstd'],
      ['none', '', ''],
    ]) {
      tool('dpkg-deb', ['--root-owner-group', `-Z${how}`, '-b', 'p', 'p.deb'], { cwd: folder });
      const documents = await apartOf(readFileSync(join(folder, 'p.deb')));
      const way = (part: string, path: string) => [`${part}.tar${suffix}`, ...(step === '' ? [] : [step]), path].join(' > ');
      assert.equal(String(documents.get(way('data', 'usr/share/p/app.env'))), 'TOKEN=1\n');
      assert.ok([...documents.keys()].some((name) => name.startsWith('control.tar') && name.endsWith(' > postinst')));
      assert.equal(String(documents.get('debian-binary')), '2.0\n');
    }
  });

  it('of Alpine packages are found: three members of gzip, one tar', async () => {
    const withoutEnd = (bytes: Buffer) => bytes.subarray(0, bytes.length - 1024);
    const signature = gzipSync(withoutEnd(tar(file('.SIGN.RSA.key.pub', noise(256)))));
    const control = gzipSync(withoutEnd(tar(file('.PKGINFO', 'pkgname = p\n'), file('.post-install', '#!/bin/sh\n'))));
    const data = gzipSync(tar(file('etc/app.env', env)));
    assert.deepEqual(
      [...(await apartOf(Buffer.concat([signature, control, data]))).keys()],
      ['gunzip > .SIGN.RSA.key.pub', 'gunzip > .PKGINFO', 'gunzip > .post-install', 'gunzip > etc/app.env'],
    );
  });
});

describe('zips and streams, apart', () => {
  const files = scratch();

  it('show what stands in front of their members and between them', async () => {
    const script = Buffer.from(`#!/bin/sh\nPASSWORD=in-front\n${'#\n'.repeat(500)}`);
    const zip = rawZip({
      members: [
        { name: 'a.env', data: env, method: 0, comment: 'of a' },
        { name: 'b', data: 'deflated' },
      ],
      prefix: script,
      gap: Buffer.from('in a gap'),
      comment: 'of all',
    });
    const { documents, descriptions, told } = await walkedApart(zip, {}, 'srv/install.sh', 'zip');
    assert.deepEqual(told, []);
    assert.deepEqual([...documents.keys()], ['a.env', 'b', 'in front of the archive', 'archive headers']);
    assert.ok(documents.get('in front of the archive')!.equals(script));
    assert.equal(descriptions[2].name, 'srv/install.sh');
    const headers = documents.get('archive headers')!.toString('latin1');
    for (const text of ['in a gap', 'of a', 'of all', 'a.env']) assert.ok(headers.includes(text), text);
    assert.ok(!headers.includes('TOKEN'));
  });

  it('are found behind programs in archives where the end can be looked at', async () => {
    const zip = rawZip({ members: [{ name: 'app.env', data: env }], prefix: Buffer.from(`#!/bin/sh\n${'# filler\n'.repeat(500)}`) });
    assert.equal(String((await apartOf(tar(file('run.sh', zip)))).get('run.sh > app.env')), 'TOKEN=1\n');
    // In a stream it is shown as it is, and told.
    const { documents, told } = await walkedApart(gzipSync(tar(file('run.sh', zip), file('plain.sh', '#!/bin/sh\n'))));
    assert.ok(documents.get('gunzip > run.sh')!.equals(zip));
    assert.deepEqual(
      told.map(({ way, reason }) => [way, reason]),
      [['gunzip > run.sh', 'unsupported']],
    );
  });

  it('of all kinds of Java, Python, .NET and Office are zips', async () => {
    const inner = rawZip({ members: [{ name: 'application.properties', data: env, descriptor: 'signed' }] });
    const war = rawZip({
      members: [
        { name: 'WEB-INF/lib/x.jar', data: inner, method: 0 },
        { name: 'WEB-INF/lib/y.jar', data: inner, isZip64: true },
      ],
      isZip64: true,
    });
    assert.deepEqual(texts(await apartOf(war, 'app.war')), [
      ['WEB-INF/lib/x.jar > application.properties', 'TOKEN=1\n'],
      ['WEB-INF/lib/y.jar > application.properties', 'TOKEN=1\n'],
    ]);
  });

  it('as zip and Python write them show each member once', async function () {
    needs(this, 'zip', 'python3');
    const folder = files.newFolder();
    writeFileSync(join(folder, 'app.env'), env);
    tool('zip', ['-q', 'a.zip', 'app.env'], { cwd: folder });
    tool('sh', ['-c', 'zip -q - - < app.env > b.zip'], { cwd: folder });
    tool('python3', ['-c', "import zipfile; zipfile.ZipFile('c.zip', 'w').write('app.env')"], { cwd: folder });
    for (const [name, member] of [
      ['a.zip', 'app.env'],
      ['b.zip', '-'],
      ['c.zip', 'app.env'],
    ])
      assert.deepEqual(texts(await apartOf(readFileSync(join(folder, name)))), [[member, 'TOKEN=1\n']]);
  });

  it('tell of each member that is encrypted or cannot be decoded', async () => {
    const { told, documents } = await walkedApart(
      rawZip({
        members: [
          { name: 'a', data: 'x', flags: 1 },
          { name: 'b', data: 'x', method: 14, stored: Buffer.from('yyy') },
          { name: 'c', data: env },
        ],
      }),
    );
    assert.deepEqual(
      told.map(({ way, reason }) => [way, reason]),
      [
        ['a', 'encrypted'],
        ['b', 'unsupported'],
      ],
    );
    assert.equal(String(documents.get('c')), 'TOKEN=1\n');
  });

  it('show fields of headers, skippable frames and what stands behind the end', async () => {
    const fields = Buffer.concat([gzipMember(env, { comment: 'in a comment' }), gzipMember(Buffer.alloc(0), { comment: 'in another' })]);
    const bare = Buffer.concat([gzipMember(env), gzipMember(Buffer.from('x'), { comment: 'in another' })]);
    assert.match(String((await walkedApart(fields)).documents.get('stream headers')), /in a comment[^]*in another/);
    assert.match(String((await walkedApart(bare)).documents.get('stream headers')), /in another/);
    const frames = Buffer.concat([skippableFrame(Buffer.from('in a frame')), zstdCompressSync(env)]);
    assert.match(String((await walkedApart(frames)).documents.get('stream headers')), /in a frame/);
    assert.deepEqual(texts((await walkedApart(Buffer.concat([gzipSync(env), Buffer.from('plain')]))).documents), [
      ['gunzip', 'TOKEN=1\n'],
      ['behind the end', 'plain'],
    ]);
    const object = deflateSync('blob 8\0TOKEN=1\n');
    const behind = await walkedApart(Buffer.concat([object, Buffer.from('plain')]));
    assert.ok([...behind.documents.values()].some((bytes) => bytes.equals(Buffer.from('plain'))));
  });
});

describe('objects of git, apart', () => {
  it('are told with what is packed in them', async () => {
    const zip = rawZip({ members: [{ name: 'app.env', data: env }] });
    const git = { id: objectName('blob', zip), type: 'blob' as const };
    const stored = deflateSync(Buffer.concat([Buffer.from(`blob ${zip.length}\0`), zip]));
    for (const bytes of [stored, pack([blobObject(zip)])]) {
      const { descriptions, told } = await walkedApart(bytes, {}, 'srv/.git/objects/x');
      assert.deepEqual(told, []);
      assert.deepEqual(
        descriptions.map((description) => [description.way, description.git]),
        [
          [`git object ${git.id} > app.env`, git],
          [`git object ${git.id} > archive headers`, git],
        ],
      );
    }
    const { descriptions } = await walkedApart(tar(file('a', deflateSync('blob 1\0x')), file('b', 'plain')));
    assert.deepEqual(
      descriptions.map(({ name, git: known }) => [name, known?.type]),
      [
        ['a', 'blob'],
        ['b', undefined],
        ['x', undefined],
      ],
    );
  });
});

interface Packed {
  readonly bytes: Buffer;
  /** What was packed, at any depth. */
  readonly leaves: readonly Buffer[];
}

describe('what is packed in a file', () => {
  const leaf = fc.uint8Array({ maxLength: 600 }).map((bytes): Packed => ({ bytes: Buffer.from(bytes), leaves: [Buffer.from(bytes)] }));

  function packed(depth: number): fc.Arbitrary<Packed> {
    if (depth === 0) return leaf;
    const inner = packed(depth - 1);
    const some = fc.array(inner, { minLength: 1, maxLength: 3 });
    const around = (pack: (bytes: Buffer) => Buffer) => inner.map(({ bytes, leaves }) => ({ bytes: pack(bytes), leaves }));
    const all = (pack: (members: readonly (readonly [string, Buffer])[]) => Buffer) =>
      some.map((parts) => ({
        bytes: pack(parts.map(({ bytes }, index) => [`m${index}`, bytes])),
        leaves: parts.flatMap(({ leaves }) => leaves),
      }));
    return fc.oneof(
      inner,
      around((bytes) => gzipSync(bytes)),
      around((bytes) => zstdCompressSync(bytes)),
      all((members) => tar(...members.map(([name, body]) => file(name, body)))),
      all((members) => ar(...members)),
      all((members) => cpio(...members)),
      all((members) => rawZip({ members: members.map(([name, data]) => ({ name, data })) })),
      all((members) => rawZip({ members: members.map(([name, data]) => ({ name, data, method: 0 })) })),
      all((members) => rpm('of a package', gzipSync(cpio(...members)))),
    );
  }

  it('is in exactly one document, however it is packed', async () => {
    await fc.assert(
      fc.asyncProperty(packed(3), fc.integer({ min: 20, max: 2000 }), async ({ bytes, leaves }, chunk) => {
        const documents = await apartOf(inChunks(tar(file('all', bytes)), chunk));
        const sorted = (contents: Iterable<Buffer>) =>
          [...contents]
            .filter(({ length }) => length > 0)
            .map((content) => content.toString('hex'))
            .sort();
        assert.deepEqual(sorted(documents.values()), sorted(leaves));
      }),
      { numRuns: 300 },
    );
  });
});
