// Layers with files in files: what is found in them, where it is said to stand, and what is said of all that could not be read.
import assert from 'node:assert/strict';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { type Blob, blobOf } from '../../src/model/blob.ts';
import { printablePath } from '../../src/model/entry.ts';
import { defaultLimits, type Limits } from '../../src/model/limits.ts';
import type { LayerScan, LayerSighting } from '../../src/scan/layer-scan.ts';
import { scanLayer } from '../../src/scan/scan-layer.ts';
import { compressed, cut, gzipMember } from '../support/compressed.ts';
import { noise } from '../support/hostile.ts';
import { file, gnuSparse, hardlink, tar } from '../support/raw-tar.ts';
import { ar, cpio, rpm } from '../view/nested/raw-archives.ts';
import { rawZip } from '../view/nested/raw-zip.ts';
import { inChunks } from '../view/nested/walked.ts';
import { smallRuleset, token, tokenRule } from './small-rules.ts';

const secret = token(1);
const other = token(2);
/** The token in line 12, in the ninth column. */
const properties = `${'# nothing\n'.repeat(11)}api.key=${secret}\n`;
const at = '12:9';

function scanned(layer: Buffer | Blob, limits: Partial<Limits> = {}): Promise<LayerScan> {
  const blob = Buffer.isBuffer(layer) ? blobOf(layer) : layer;
  return scanLayer(blob, { ruleset: smallRuleset(tokenRule), limits: { ...defaultLimits, ...limits } });
}

/** `path!/step:line:column`, as a report writes it. */
function places({ sightings }: Pick<LayerScan, 'sightings'>): string[] {
  return sightings.map(inWords).sort();
}

function inWords({ origin, position: { line, column } }: LayerSighting): string {
  const where = origin.kind === 'stray' ? [origin.what] : [printablePath(origin.entry.path), ...(origin.kind === 'nested' ? origin.way : [])];
  return `${origin.kind === 'header' ? 'header ' : ''}${where.join('!/')}:${line}:${column}`;
}

function told({ skipped }: Pick<LayerScan, 'skipped'>): string[] {
  return skipped.map(({ reason, place, limit }) => `${reason}${limit === undefined ? '' : ` (${limit})`}: ${place}`);
}

/** All that is found, with nothing said to be unread. */
async function placesOf(layer: Buffer | Blob): Promise<string[]> {
  const scan = await scanned(layer);
  assert.deepEqual(scan.skipped, []);
  return places(scan);
}

const jar = rawZip({ members: [{ name: 'application.properties', data: properties }] });
const war = rawZip({
  members: [
    { name: 'index.html', data: '<p>' },
    { name: 'WEB-INF/lib/x.jar', data: jar, method: 0 },
  ],
});

/** Finds what a packed repetition leaves: a token that is too short. */
const looseRule = { ...tokenRule, pattern: /tok_b{1,10}(?!b)/g };

describe('what is packed into the files of a layer', () => {
  it('is told at the innermost place: way, line, column, and offset in the document', async () => {
    const scan = await scanned(tar(file('srv/app.war', war)));
    assert.deepEqual(places(scan), [`/srv/app.war!/WEB-INF/lib/x.jar!/application.properties:${at}`]);
    const [{ position, detection }] = scan.sightings;
    assert.equal(detection.secret.reveal(), secret);
    assert.deepEqual(position, { line: 12, column: 9, endLine: 12, endColumn: 21, offset: properties.indexOf(secret), length: secret.length });
    assert.deepEqual(scan.skipped, []);
    assert.ok(scan.inside.documents >= 2 && scan.inside.bytes >= properties.length);
  });

  const named = file('opt/a.properties', properties);
  const containers: Readonly<Record<string, readonly [Buffer, string]>> = {
    'a tar': [tar(named), 'opt/a.properties'],
    'a tgz': [gzipSync(tar(named)), 'gunzip!/opt/a.properties'],
    zstd: [zstdCompressSync(properties), 'unzstd'],
    'a tar in zstd': [zstdCompressSync(tar(named)), 'unzstd!/opt/a.properties'],
    'a deb': [
      ar(['debian-binary', '2.0\n'], ['control.tar.gz', gzipSync(tar(file('./control', 'x')))], ['data.tar.gz', gzipSync(tar(named))]),
      'data.tar.gz!/gunzip!/opt/a.properties',
    ],
    'an rpm': [rpm('a package', gzipSync(cpio(['./opt/a.properties', properties]))), 'payload!/gunzip!/opt/a.properties'],
    'a cpio': [cpio(['opt/a.properties', properties]), 'opt/a.properties'],
    'an apk of three gzip members': [
      (() => {
        const parts = [tar(file('.SIGN.RSA', 'x')), tar(file('.PKGINFO', 'x')), tar(named)];
        return Buffer.concat(parts.map((part, index) => gzipMember(index < 2 ? part.subarray(0, 1024) : part)));
      })(),
      'gunzip!/opt/a.properties',
    ],
    'a stored zip member': [rawZip({ members: [{ name: 'a', data: properties, method: 0 }] }), 'a'],
    'a zip64': [rawZip({ members: [{ name: 'a', data: properties, isZip64: true }], isZip64: true }), 'a'],
    'a zip with data descriptors': [
      rawZip({
        members: [
          { name: 'b', data: 'x', descriptor: 'signed' },
          { name: 'a', data: properties, descriptor: 'plain' },
        ],
      }),
      'a',
    ],
    'a zip member that its directory hides': [
      rawZip({
        members: [
          { name: 'b', data: 'x' },
          { name: 'a', data: properties, isHidden: true },
        ],
      }),
      'a',
    ],
    'a loose git object': [deflateSync(`blob ${properties.length}\0${properties}`), 'git object'],
  };
  for (const [name, [bytes, way]] of Object.entries(containers)) {
    it(`is found in ${name}, whatever its name and the chunks it comes in`, async () => {
      const layer = tar(file('before', 'x'), file('srv/data.bin', bytes), file('behind', `key=${other}`));
      for (const form of [layer, inChunks(layer, 1), inChunks(layer, 517)]) {
        const found = (await placesOf(form)).map((place) => place.replace(/ [0-9a-f]{40}/, ''));
        assert.deepEqual(found, ['/behind:1:5', `/srv/data.bin!/${way}:${at}`]);
      }
    });
  }

  it('is found in what xz and bzip2 have written', async () => {
    for (const [how, step] of [
      ['xz', 'unxz'],
      ['bzip2', 'bunzip2'],
    ] as const) {
      assert.deepEqual(await placesOf(tar(file('a', compressed(tar(named), how)))), [`/a!/${step}!/opt/a.properties:${at}`]);
    }
  });

  it('is found in a zip behind a script, short or long, and what is in the script is told once', async () => {
    const members = [{ name: 'a.properties', data: properties }];
    for (const filler of ['', '#'.repeat(100_000)]) {
      const script = Buffer.from(`#!/bin/sh\nexport KEY=${other}\n${filler}\nexit\n`);
      for (const areOffsetsAbsolute of [true, false]) {
        const found = await placesOf(tar(file('run.sh', rawZip({ members, prefix: script, areOffsetsAbsolute }))));
        assert.deepEqual(found, [`/run.sh!/a.properties:${at}`, filler === '' ? '/run.sh!/in front of the archive:2:12' : '/run.sh:2:12']);
      }
    }
  });

  it('is told twice where it stands in a script and in the zip behind it, also when that stores it', async () => {
    const script = Buffer.from(`#!/bin/sh\nexport KEY=${secret}\n${'#'.repeat(100_000)}\nexit\n`);
    const members = [
      { name: 'a', data: secret },
      { name: 'b', data: secret, method: 0 },
    ];
    const found = await placesOf(tar(file('run.sh', rawZip({ members, prefix: script, comment: '' }))));
    assert.deepEqual(found, ['/run.sh!/a:1:1', '/run.sh!/b:1:1', '/run.sh:2:12']);
  });

  it('is told once where it stands plain in its archive, and twice where it stands twice', async () => {
    assert.deepEqual(await placesOf(tar(file('a.tar', tar(file('b.tar', tar(file('c', secret))))))), ['/a.tar!/b.tar!/c:1:1']);
    const both = tar(file('a.tar', tar(file('c', secret), file('d', `x ${secret}`))));
    assert.deepEqual(await placesOf(both), ['/a.tar!/c:1:1', '/a.tar!/d:1:3']);
    assert.deepEqual(await placesOf(tar(file('a', secret), file('a.gz', gzipSync(secret)))), ['/a.gz!/gunzip:1:1', '/a:1:1']);
  });

  it('is told where it stands beside members: in names, comments and behind them', async () => {
    const zip = rawZip({ members: [{ name: `dir/${secret}`, data: 'x' }], comment: `made with ${other}` });
    const found = places(await scanned(tar(file('a.zip', zip))));
    assert.ok(
      found.some((place) => place.startsWith('/a.zip!/archive headers')),
      found.join(),
    );
    const gz = gzipMember(Buffer.from('x'), { comment: secret });
    assert.match(places(await scanned(tar(file('a.gz', gz)))).join(), /^\/a\.gz!\/stream headers:\d+:\d+$/);
    const behind = Buffer.concat([tar(file('a', 'x')), Buffer.from(secret)]);
    assert.match(places(await scanned(tar(file('a.tar', behind)))).join(), /^\/a\.tar!\/archive headers:\d+:\d+$/);
  });

  it('does not hide what stands in files and headers of the layer', async () => {
    const layer = tar(file(`srv/${other}.zip`, jar), file('plain', secret));
    assert.deepEqual(
      places(await scanned(layer)).map((place) => place.replaceAll(other, 'OTHER')),
      [`/plain:1:1`, `/srv/OTHER.zip!/application.properties:${at}`, 'header /srv/OTHER.zip:1:5'],
    );
  });

  it('is not searched in its packed form besides, however short it is', async () => {
    // In its packed form a repetition is left out, so that what stands there is no text of anybody.
    const text = `${'a'.repeat(30)}tok_${'b'.repeat(20)}c\n`;
    for (const packed of [gzipSync(text), zstdCompressSync(text), rawZip({ members: [{ name: `x${secret}`.slice(0, 1), data: text }] })]) {
      assert.ok(packed.length < 512);
      const layer = tar(file('a', packed));
      const { sightings } = await scanLayer(inChunks(layer, 100), { ruleset: smallRuleset(looseRule), limits: defaultLimits });
      assert.deepEqual(sightings.map(inWords), []);
    }
  });

  it('of a hard link is looked at once, under the name that has the bytes', async () => {
    assert.deepEqual(await placesOf(tar(file('a.jar', jar), hardlink('b.jar', 'a.jar'))), [`/a.jar!/application.properties:${at}`]);
  });

  it('is found where a compressed layer holds it', async () => {
    assert.deepEqual(await placesOf(gzipSync(tar(file('a.jar', jar)))), [`/a.jar!/application.properties:${at}`]);
    assert.deepEqual(await placesOf(zstdCompressSync(tar(file('a.jar', jar)))), [`/a.jar!/application.properties:${at}`]);
  });
});

describe('what is packed into a file and cannot be read', () => {
  const behind = file('behind', secret);

  it('is told when it is encrypted, or of a format that is not understood', async () => {
    const zip = rawZip({
      members: [
        { name: 'locked', data: noise(40), flags: 1 },
        { name: 'open', data: secret },
      ],
    });
    const scan = await scanned(tar(file('a.zip', zip), behind));
    assert.deepEqual(told(scan), ['encrypted: /a.zip!/locked']);
    assert.deepEqual(places(scan), ['/a.zip!/open:1:1', '/behind:1:1']);

    const sevenZip = Buffer.concat([Buffer.from('377abcaf271c0004', 'hex'), noise(400)]);
    const seven = await scanned(tar(file('a.7z', sevenZip), file('b.tgz', gzipSync(tar(file('c.7z', sevenZip)))), behind));
    assert.deepEqual(told(seven), ['unsupported: /a.7z', 'unsupported: /b.tgz!/gunzip!/c.7z']);
    assert.deepEqual(places(seven), ['/behind:1:1']);
  });

  it('is told when it is damaged, up to the break and with all that follows', async () => {
    const packed = gzipSync(Buffer.concat([Buffer.from(`${other}\n`), noise(200_000)]));
    const scan = await scanned(tar(file('a.gz', packed.subarray(0, 100_000)), behind));
    assert.deepEqual(told(scan), ['damaged: /a.gz!/gunzip']);
    assert.deepEqual(places(scan), ['/a.gz!/gunzip:1:1', '/behind:1:1']);

    const broken = Buffer.from(jar);
    broken.fill(0, broken.length - 22);
    assert.deepEqual(places(await scanned(tar(file('a.jar', broken), behind))), [`/a.jar!/application.properties:${at}`, '/behind:1:1']);
  });

  it('is read as far as it goes where the layer ends within it', async () => {
    const layer = tar(file('a.tar', tar(file('one', secret), file('two', noise(50_000)))));
    const scan = await scanned(layer.subarray(0, 20_000));
    assert.deepEqual(places(scan), ['/a.tar!/one:1:1']);
    assert.ok(
      told(scan).some((each) => each.startsWith('damaged')),
      told(scan).join(),
    );
    const zip = tar(
      file(
        'a.jar',
        rawZip({
          members: [
            { name: 'one', data: secret },
            { name: 'two', data: noise(50_000) },
          ],
        }),
      ),
    );
    assert.deepEqual(places(await scanned(zip.subarray(0, 20_000))), ['/a.jar!/one:1:1']);
  });

  it('is told when a sparse file holds it', async () => {
    const scan = await scanned(tar(gnuSparse('a.jar', [{ offset: 0, data: jar }], 100_000), behind));
    assert.deepEqual(told(scan), ['unsupported: /a.jar']);
    assert.ok(places(scan).includes('/behind:1:1'));
  });

  it('is told when it lies deeper than nestedDepth', async () => {
    const deep = gzipSync(gzipSync(gzipSync(secret)));
    const scan = await scanned(tar(file('a', deep), behind), { nestedDepth: 2 });
    assert.deepEqual(told(scan), ['limit (nestedDepth): /a!/gunzip!/gunzip']);
    assert.deepEqual(places(scan), ['/behind:1:1']);
    assert.deepEqual(places(await scanned(tar(file('a', deep), behind), { nestedDepth: 3 })), ['/a!/gunzip!/gunzip!/gunzip:1:1', '/behind:1:1']);
  });

  it('is told when it is more than nestedBytes, nestedMembers or nestedRatio allow, and the next file begins anew', async () => {
    const large = rawZip({
      members: [
        { name: 'a', data: noise(300_000) },
        { name: 'b', data: secret },
      ],
    });
    const bytes = await scanned(tar(file('a.zip', large), file('b.zip', jar), behind), { nestedBytes: 100_000 });
    assert.deepEqual(told(bytes), ['limit (nestedBytes): /a.zip!/a']);
    assert.deepEqual(places(bytes), [`/b.zip!/application.properties:${at}`, '/behind:1:1']);

    const many = tar(...Array.from({ length: 20 }, (_, index) => file(`m${index}`, index === 19 ? secret : 'x')));
    const members = await scanned(tar(file('a.tgz', gzipSync(many)), behind), { nestedMembers: 10 });
    assert.deepEqual(
      told(members).map((each) => each.replace(/!.*/, '')),
      ['limit (nestedMembers): /a.tgz'],
    );
    assert.deepEqual(places(members), ['/behind:1:1']);

    const zeros = gzipSync(Buffer.concat([Buffer.alloc(80 * 2 ** 20), Buffer.from(secret)]));
    const ratio = await scanned(tar(file('a.gz', zeros), behind), { nestedRatio: 100 });
    assert.deepEqual(told(ratio), ['limit (nestedRatio): /a.gz!/gunzip']);
    assert.deepEqual(places(ratio), ['/behind:1:1']);
  });

  it('ends soon when it is a bomb: archives in archives, all of them full', async () => {
    let bomb: Buffer = gzipSync(Buffer.alloc(2 ** 20));
    for (let level = 0; level < 6; level++)
      bomb = rawZip({ members: Array.from({ length: 16 }, (_, index) => ({ name: `lib ${index}.zip`, data: bomb })) });
    const limits = { nestedBytes: 64 * 2 ** 20 };
    const scan = await scanned(tar(file('42.zip', bomb), behind), limits);
    assert.deepEqual(
      told(scan).map((each) => each.replace(/!.*/, '')),
      ['limit (nestedBytes): /42.zip'],
    );
    assert.deepEqual(places(scan), ['/behind:1:1']);
    assert.ok(scan.inside.bytes <= limits.nestedBytes * 1.1);
  });

  it('ends soon when members share their bytes', async () => {
    const data = gzipSync(Buffer.alloc(2 ** 20));
    const claims = { localStart: 0 };
    const zip = rawZip({
      members: [
        { name: 'm0', data, method: 0 },
        ...Array.from({ length: 300 }, (_, index) => ({
          name: `m${index + 1}`,
          data: '',
          method: 0,
          claims: { ...claims, compressedSize: data.length, size: data.length },
        })),
      ],
    });
    const scan = await scanned(tar(file('a.zip', zip), behind), { nestedBytes: 16 * 2 ** 20 });
    assert.deepEqual(places(scan), ['/behind:1:1']);
    assert.ok(told(scan).length > 0);
    assert.ok(scan.inside.bytes <= 20 * 2 ** 20);
  });
});

describe('a container in pieces', () => {
  it('is the same however the stream is cut', async () => {
    const layer = tar(file('a.war', war), file('b.tgz', gzipSync(tar(file('x', properties)))), file('c', secret));
    const whole = await placesOf(layer);
    for (const offsets of [[1], [512], [513, 514, 515], [1000, 2000]]) {
      const pieces = cut(layer, ...offsets);
      const blob: Blob = {
        size: layer.length,
        async *open() {
          yield* pieces;
        },
      };
      assert.deepEqual(await placesOf(blob), whole);
    }
  });
});
