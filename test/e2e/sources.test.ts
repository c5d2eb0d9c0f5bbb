// The same image in every form that tools write it in gives the same findings.
import assert from 'node:assert/strict';
import { type Compression, compressed, gzipInMembers, gzipMember, skippableFrame, zstdInFrames } from '../support/compressed.ts';
import { findingsOf, type ReportedFinding, scan, told } from '../support/cli.ts';
import {
  archive,
  classicArchive,
  docker25Archive,
  docker29Archive,
  legacyArchive,
  type Member,
  nestedLayout,
  ociLayout,
  skopeoArchive,
  writeFolder,
} from '../support/forms.ts';
import { assemble, type BuiltImage } from '../support/image.ts';
import * as planted from '../support/planted.ts';
import { directory, file, whiteout } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';

const secrets = {
  deleted: planted.githubToken('deleted'),
  overwritten: planted.stripeKey('overwritten'),
  visible: planted.slackToken('visible'),
  environment: planted.githubToken('environment'),
};

const inFiles = {
  deleted: ['0 /app/.env:2 deleted by 2'],
  overwritten: ['1 /app/config.json:1 overwritten by 2'],
  visible: ['2 /etc/app.yml:1 visible'],
};

function leakyImage(compression: Compression = 'none', tag = 'app:1.0'): BuiltImage {
  return assemble({
    tags: [tag],
    layers: [
      { compression, entries: [directory('app/'), file('app/.env', `PORT=80\nGITHUB_TOKEN=${secrets.deleted}\n`)] },
      { compression, entries: [file('app/config.json', JSON.stringify({ key: secrets.overwritten }))] },
      { compression, entries: [whiteout('app/.env'), file('app/config.json', '{}'), file('etc/app.yml', `slack: ${secrets.visible}\n`)] },
    ],
    config: { Env: ['PATH=/bin', `GITHUB_TOKEN=${secrets.environment}`] },
  });
}

const filesAndConfig = (finding: ReportedFinding): boolean =>
  finding.place.kind === 'file' || (finding.place.kind === 'metadata' && finding.place.pointer.startsWith('config.'));

const facts = (findings: readonly ReportedFinding[]): string[] =>
  findings
    .filter(filesAndConfig)
    .map(({ fingerprint, ruleId, place, fate }) => JSON.stringify([fingerprint, ruleId, place, fate]))
    .toSorted();

describe('an image in every form', function () {
  this.timeout(60_000);
  const files = scratch();
  let reference: string[];

  before(async () => {
    const { report } = await scan(files.file(archive(classicArchive(leakyImage()))));
    assert.deepEqual(told(report, secrets), { ...inFiles, environment: told(report, secrets)['environment'] });
    reference = facts(report.findings);
  });

  async function assertSame(path: string, input?: Buffer): Promise<void> {
    const { code, report } = await scan(path, [], input ? { input } : {});
    const { environment, ...rest } = told(report, secrets);
    assert.deepEqual(rest, inFiles);
    assert.ok(environment?.includes('config.Env[1]'), String(environment));
    assert.deepEqual(facts(report.findings), reference);
    assert.deepEqual(report.skipped, []);
    assert.equal(code, 1);
  }

  const forms: Record<string, (image: BuiltImage) => Member[]> = {
    'docker save before 25': classicArchive,
    'skopeo, with layers behind symbolic links': skopeoArchive,
    'docker save since 25': docker25Archive,
    'docker save of the containerd store, with an attestation': docker29Archive,
    'an OCI archive': ociLayout,
    'an OCI archive with nested indexes': (image) => nestedLayout([image], '1.0', 3),
  };
  for (const [name, members] of Object.entries(forms)) {
    it(name, () => assertSame(files.file(archive(members(leakyImage())))));
    it(`${name}, layers compressed`, () => assertSame(files.file(archive(members(leakyImage('gzip'))))));
    it(`${name}, with ./ before each member, last member first`, () =>
      assertSame(files.file(archive(members(leakyImage('zstd')).toReversed(), { prefix: './' }))));
  }

  it('skopeo, with hard links for symbolic ones', async () => {
    const members = skopeoArchive(leakyImage()).map((member) =>
      'symlinkTo' in member ? { name: member.name, hardlinkTo: member.symlinkTo.replace('../', '') } : member,
    );
    const viaLinks = members.map((member) =>
      member.name === 'manifest.json' ? { name: 'manifest.json', bytes: manifestByLayerId(members) } : member,
    );
    await assertSame(files.file(archive(viaLinks)));
  });

  it('skopeo, with a manifest that names the links', async () => {
    const members = skopeoArchive(leakyImage());
    const viaLinks = members.map((member) =>
      member.name === 'manifest.json' ? { name: 'manifest.json', bytes: manifestByLayerId(members) } : member,
    );
    await assertSame(files.file(archive(viaLinks)));
  });

  it('an OCI layout folder, by its path and by oci: and oci-dir:', async () => {
    const folder = files.newFolder();
    writeFolder(folder, ociLayout(leakyImage('gzip')));
    for (const typed of [folder, `oci:${folder}`, `oci:${folder}:1.0`, `oci-dir:${folder}`]) await assertSame(typed);
  });

  it('a legacy archive without manifest.json', async () => {
    const { code, report } = await scan(files.file(archive(legacyArchive(leakyImage()))));
    const { environment, ...rest } = told(report, secrets);
    assert.deepEqual(rest, inFiles);
    assert.notDeepEqual(environment, []);
    assert.equal(code, 1);
  });

  for (const how of ['gzip', 'zstd', 'xz', 'bzip2'] as const) {
    it(`the whole archive compressed with ${how}, as a file and on standard input`, async () => {
      const whole = compressed(archive(docker25Archive(leakyImage())), how);
      await assertSame(files.file(whole));
      await assertSame('-', whole);
    });
  }

  it('on standard input', () => assertSame('-', archive(ociLayout(leakyImage('zstd')))));

  const note = Buffer.from('nothing to see');
  const layerCompressions: Record<string, Compression> = {
    xz: 'xz',
    bzip2: 'bzip2',
    'gzip in three members': gzipInMembers(700, 1500),
    'gzip with a name, a comment, an extra field and a checksum in its header': (bytes) =>
      gzipMember(bytes, { name: 'layer.tar', comment: 'made by hand', extra: Buffer.from('ab\x02\0xy'), headerChecksum: true }),
    'zstd in three frames': zstdInFrames([700, 1500]),
    'zstd with skippable frames first, in the middle and last': zstdInFrames([512, 1024], { 0: note, 2: note, 3: note }),
    'zstd with several skippable frames behind each other': (bytes) =>
      Buffer.concat([skippableFrame(note, 3), skippableFrame(Buffer.alloc(0), 15), compressed(bytes, 'zstd')]),
  };
  for (const [name, compression] of Object.entries(layerCompressions)) {
    it(`layers compressed with ${name}`, () => assertSame(files.file(archive(ociLayout(leakyImage(compression))))));
  }

  it('layers whose media type says something else than their bytes', async () => {
    const image = leakyImage('zstd');
    const mislabelled = assemble({
      ...image.plan,
      layers: image.plan.layers.map((layer) => ({ ...layer, mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip' })),
    });
    const { report } = await scan(files.file(archive(ociLayout(mislabelled))));
    assert.deepEqual(facts(report.findings), reference);
    assert.ok(
      report.notices.some((notice) => /zstd/.test(notice.detail)),
      JSON.stringify(report.notices),
    );
  });
});

/** A manifest.json whose layers are `<id>/layer.tar`, in the order of the members. */
function manifestByLayerId(members: readonly Member[]): Buffer {
  const layers = members.filter((member) => member.name.endsWith('/layer.tar')).map((member) => member.name);
  const config = members.find((member) => /^[0-9a-f]{64}\.json$/.test(member.name))!.name;
  return Buffer.from(JSON.stringify([{ Config: config, RepoTags: ['app:1.0'], Layers: layers }]));
}

describe('layers that stand elsewhere or cannot be read', function () {
  this.timeout(30_000);
  const files = scratch();

  it('a foreign layer that is not in the archive is named as missing, and the others are read', async () => {
    const image = leakyImage();
    const elsewhere = assemble({
      ...image.plan,
      layers: image.plan.layers.map((layer, index) =>
        index === 1
          ? { ...layer, mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar', descriptor: { urls: ['https://layers.example/1'] } }
          : layer,
      ),
    });
    const members = ociLayout(elsewhere).filter((member) => !member.name.endsWith(elsewhere.layers[1]!.blob.digest.slice(7)));
    const { code, report } = await scan(files.file(archive(members)));
    assert.deepEqual(told(report, { deleted: secrets.deleted, visible: secrets.visible }), { deleted: inFiles.deleted, visible: inFiles.visible });
    assert.deepEqual(
      report.skipped.map((skipped) => skipped.reason),
      ['missing'],
    );
    assert.equal(code, 1);
  });

  it('a foreign layer that is in the archive is read', async () => {
    const image = assemble({
      layers: [
        {
          entries: [file('a', `token ${secrets.visible}\n`)],
          mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar',
          descriptor: { urls: ['https://layers.example/1'] },
        },
      ],
    });
    const { report } = await scan(files.file(archive(ociLayout(image))));
    assert.deepEqual(told(report, { visible: secrets.visible }), { visible: ['0 /a:1 visible'] });
    assert.deepEqual(report.skipped, []);
  });

  it('an encrypted layer is named, and makes a scan without findings incomplete', async () => {
    const image = assemble({
      layers: [
        { entries: [file('a', 'nothing\n')] },
        { entries: [], compression: () => Buffer.from('e5'.repeat(4000), 'hex'), mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip+encrypted' },
      ],
    });
    const { code, report } = await scan(files.file(archive(ociLayout(image))));
    assert.deepEqual(
      report.skipped.map((skipped) => skipped.reason),
      ['encrypted'],
    );
    assert.equal(code, 4);
  });

  it('what stands after a gzip member, in its header and in skippable frames is scanned too', async () => {
    const hidden = {
      trailing: planted.githubToken('trailing'),
      trailingAfterZero: planted.githubToken('trailing after zero'),
      comment: planted.githubToken('comment'),
      extra: planted.githubToken('extra'),
      skippable: planted.githubToken('skippable'),
    };
    const image = assemble({
      layers: [
        {
          entries: [file('a', 'a')],
          mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
          compression: (bytes) => Buffer.concat([gzipMember(bytes), Buffer.from(` ${hidden.trailing} `)]),
        },
        {
          entries: [file('b', 'b')],
          mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
          compression: (bytes) => Buffer.concat([gzipMember(bytes), Buffer.alloc(700), Buffer.from(` ${hidden.trailingAfterZero} `)]),
        },
        {
          entries: [file('c', 'c')],
          mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
          compression: (bytes) =>
            gzipMember(bytes, { comment: `note ${hidden.comment}`, extra: Buffer.from(`ab${'\x32\0'}token=${hidden.extra}    `) }),
        },
        {
          entries: [file('d', 'd')],
          mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd',
          compression: zstdInFrames([600], { 1: Buffer.from(`token ${hidden.skippable} end`) }),
        },
      ],
    });
    const { report, code } = await scan(files.file(archive(ociLayout(image))));
    for (const [name, secret] of Object.entries(hidden)) assert.notDeepEqual(findingsOf(report, secret), [], name);
    assert.equal(code, 1);
  });
});
