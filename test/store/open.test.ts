// The door: references to images, in every form that tools write, and what is said when something does not fit.
import assert from 'node:assert/strict';
import { bytesOf } from '../../src/model/blob.ts';
import { UnbakeError } from '../../src/model/error.ts';
import type { OpenedStore } from '../../src/model/image.ts';
import { defaultLimits, type Limits } from '../../src/model/limits.ts';
import { parsePlatform } from '../../src/model/platform.ts';
import { parseReference } from '../../src/model/reference.ts';
import { openStore } from '../../src/store/open.ts';
import { compressed, gzipMember } from '../support/compressed.ts';
import {
  archive,
  classicArchive,
  docker25Archive,
  docker29Archive,
  layout,
  legacyArchive,
  manifestDescriptor,
  type Member,
  nestedLayout,
  ociLayout,
  skopeoArchive,
  writeFolder,
} from '../support/forms.ts';
import { assemble, blob, type BuiltImage, hex, type ImagePlan, mediaTypes } from '../support/image.ts';
import { file } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';

const imageOf = (plan: Partial<ImagePlan> = {}): BuiltImage =>
  assemble({
    tags: ['app:1'],
    layers: [
      { entries: [file('a', '1')], createdBy: 'COPY a' },
      { entries: [file('b', '2')], compression: 'gzip', createdBy: 'RUN b' },
    ],
    ...plan,
  });
const image = imageOf();

describe('openStore', () => {
  const files = scratch();
  const opened: OpenedStore[] = [];
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
  });

  async function open(
    typed: string,
    { platform = 'all', limits = defaultLimits }: { platform?: string; limits?: Limits } = {},
  ): Promise<OpenedStore> {
    const store = await openStore(parseReference(typed), { platform: parsePlatform(platform), limits });
    opened.push(store);
    return store;
  }
  const openMembers = (members: readonly Member[], options?: { platform?: string; limits?: Limits }) => open(files.file(archive(members)), options);
  const looseNames = (store: OpenedStore) => store.loose.map(({ name }) => name).filter((name) => !/VERSION$|^repositories$|^headers of/.test(name));

  const isUnbake =
    (code: string, sentence = /./) =>
    (thrown: unknown) =>
      thrown instanceof UnbakeError && thrown.code === code && sentence.test(`${thrown.message} ${thrown.hint ?? ''}`);

  for (const [form, write] of Object.entries({ classicArchive, skopeoArchive, docker25Archive, ociLayout })) {
    it(`reads ${form}: names, digests, layers with their instructions, nothing left over`, async () => {
      const { images, skipped, notices, ...store } = await openMembers(write(image));
      assert.deepEqual([skipped, notices, looseNames({ ...store, images, skipped, notices })], [[], [], []]);
      assert.equal(images.length, 1);
      assert.equal(images[0].configDigest, image.config.digest);
      assert.equal(images[0].platform, 'linux/amd64');
      assert.deepEqual(
        images[0].layers.map(({ index, createdBy, announced }) => [index, createdBy, announced.diffId]),
        [
          [0, 'COPY a', image.layers[0].tar.digest],
          [1, 'RUN b', image.layers[1].tar.digest],
        ],
      );
      for (const [index, layer] of images[0].layers.entries()) assert.ok((await bytesOf(layer.blob)).equals(image.layers[index].blob.bytes));
      assert.ok(images[0].tags.some((tag) => tag === 'app:1' || tag === '1'));
    });
  }

  it('reads the legacy form by its parents', async () => {
    const { images, skipped } = await openMembers(legacyArchive(image));
    assert.deepEqual(skipped, []);
    assert.deepEqual(
      images.map(({ tags, layers }) => [tags, layers.length]),
      [[['app:1'], 2]],
    );
    assert.ok((await bytesOf(images[0].layers[1].blob)).equals(image.layers[1].blob.bytes));
  });

  it('reads a layout in a folder and in archives of every compression', async () => {
    const folder = files.newFolder();
    writeFolder(folder, ociLayout(image));
    const bytes = archive(ociLayout(image), { prefix: './' });
    const references = [
      folder,
      `oci:${folder}`,
      `oci:${folder}:1`,
      ...['none' as const, 'gzip' as const, 'zstd' as const].map((how) => `oci-archive:${files.file(compressed(bytes, how))}`),
    ];
    for (const reference of references) {
      const { images, skipped } = await open(reference);
      assert.deepEqual([images.map(({ manifestDigest }) => manifestDigest), skipped], [[image.manifest.digest], []], reference);
    }
  });

  it('takes manifests of docker and of OCI that agree for one image', async () => {
    const { images, notices } = await openMembers(docker29Archive(image));
    assert.equal(images.length, 1);
    assert.deepEqual(notices, []);
    assert.equal(images[0].attached.length > 0 || images[0].documents.length > 2, true, 'the attestation goes with it');
  });

  it('reads both and says so where they differ', async () => {
    const other = imageOf({ layers: [{ entries: [file('other', '3')] }], tags: ['app:1'] });
    const members = [
      ...ociLayout(image),
      ...docker25Archive(other).filter(({ name }) => !['index.json', 'oci-layout', 'repositories'].includes(name)),
    ];
    const { images, notices } = await openMembers(members);
    assert.deepEqual(images.map(({ configDigest }) => configDigest).sort(), [image.config.digest, other.config.digest].sort());
    assert.ok(notices.some(({ place }) => place === 'manifest.json') && notices.some(({ place }) => place === 'index.json'), JSON.stringify(notices));
  });

  it('chooses by name, by index and by platform', async () => {
    const arm = imageOf({ platform: 'linux/arm64/v8', tags: ['app:2'] });
    const path = files.file(archive(ociLayout(image, arm)));
    const digests = async (typed: string, platform?: string) =>
      (await open(typed, platform === undefined ? {} : { platform })).images.map(({ manifestDigest }) => manifestDigest);
    assert.deepEqual(await digests(path), [image.manifest.digest, arm.manifest.digest]);
    assert.deepEqual(await digests(`oci-archive:${path}:2`), [arm.manifest.digest]);
    assert.deepEqual(await digests(`oci-archive:${path}:@0`), [image.manifest.digest]);
    assert.deepEqual(await digests(`oci-archive:${path}:${arm.manifest.digest}`), [arm.manifest.digest]);
    assert.deepEqual(await digests(path, 'linux/arm64'), [arm.manifest.digest]);
    await assert.rejects(open(`oci-archive:${path}:3`), isUnbake('not-found', /no image named 3.*1, 2/));
    await assert.rejects(open(`oci-archive:${path}:@2`), isUnbake('not-found', /no image @2/));
    await assert.rejects(open(path, { platform: 'windows/amd64' }), isUnbake('no-such-platform', /linux\/amd64, linux\/arm64\/v8/));
    await assert.rejects(open(`docker-archive:${path}`), isUnbake('not-an-image', /has no manifest\.json/));
  });

  it('finds short names under their full ones', async () => {
    const path = files.file(archive(classicArchive(image)));
    for (const name of ['app:1', 'docker.io/library/app:1', 'library/app:1', '1'])
      assert.equal((await open(`docker-archive:${path}:${name}`)).images.length, 1, name);
    for (const name of ['app', 'app:2', 'other/app:1', 'quay.io/app:1'])
      await assert.rejects(open(`docker-archive:${path}:${name}`), isUnbake('not-found'), name);
  });

  it('reads indexes in indexes, up to a limit', async () => {
    const arm = imageOf({ platform: 'linux/arm64' });
    for (const depth of [1, 2, 7]) assert.equal((await openMembers(nestedLayout([image, arm], 'latest', depth))).images.length, 2, `${depth}`);
    const { skipped } = await openMembers(nestedLayout([image], 'latest', 4), { limits: { ...defaultLimits, indexDepth: 3 } });
    assert.ok(
      skipped.some(({ reason, detail }) => reason === 'limit' && /3 deep/.test(detail)),
      JSON.stringify(skipped),
    );
  });

  it('counts an image once that several tags name', async () => {
    const { images } = await openMembers(ociLayout(imageOf({ tags: ['app:1', 'app:2', 'app:latest'] })));
    assert.deepEqual(
      images.map(({ tags }) => tags),
      [['1', '2', 'latest']],
    );
  });

  describe('tells what is wrong', () => {
    const skippedOf = async (members: readonly Member[]) => {
      const { images, skipped } = await openMembers(members);
      return [...skipped, ...images.flatMap((each) => each.skipped)].map(({ reason, place, detail }) => `${reason} ${place}: ${detail}`);
    };
    const withBlob = (members: readonly Member[], digest: string, bytes: Buffer | undefined) =>
      members.flatMap((member) =>
        member.name !== `blobs/sha256/${hex(digest)}` ? [member] : bytes === undefined ? [] : [{ name: member.name, bytes }],
      );

    it('of a manifest or config whose bytes are not those of its digest', async () => {
      for (const [what, blob] of [
        ['manifest', image.manifest],
        ['config', image.config],
      ] as const) {
        const skipped = await skippedOf(withBlob(ociLayout(image), blob.digest, Buffer.concat([blob.bytes, Buffer.from(' ')])));
        assert.equal(skipped.length, 2, skipped.join('\n'));
        assert.match(skipped[0], new RegExp(`^mismatch ${what}.*: its size is \\d+ bytes and should be \\d+$`));
        assert.match(skipped[1], new RegExp(`^mismatch ${what}.*: its digest is [0-9a-f]{64} and should be ${hex(blob.digest)}$`));
      }
    });

    it('of a classic archive whose config is not what its name says', async () => {
      const members = classicArchive(image).map((member) =>
        member.name === `${hex(image.config.digest)}.json`
          ? { name: member.name, bytes: Buffer.concat([image.config.bytes, Buffer.from('\n')]) }
          : member,
      );
      assert.match((await skippedOf(members)).join(), /^mismatch manifest\.json\[0\]\.Config: its digest is/);
    });

    it('of blobs that are not there, one by one, each of them', async () => {
      for (const { digest } of [image.manifest, image.config, ...image.layers.map((layer) => layer.blob)]) {
        const skipped = await skippedOf(withBlob(ociLayout(image), digest, undefined));
        assert.equal(skipped.length, 1, digest);
        assert.match(skipped[0], new RegExp(`^missing .*${digest}`));
      }
      for (const name of classicArchive(image)
        .map((member) => member.name)
        .filter((each) => /layer\.tar$|^[0-9a-f]{64}\.json$/.test(each))) {
        const skipped = await skippedOf(classicArchive(image).filter((member) => member.name !== name));
        assert.match(skipped.join('\n'), new RegExp(`^missing manifest\\.json\\[0\\]\\.(?:Config|Layers\\[\\d\\]): .*${name}`));
      }
    });

    it('of blobs that are damaged, one by one, each of them', async () => {
      for (const { digest } of [image.manifest, image.config]) {
        for (const bytes of [Buffer.alloc(0), Buffer.from('{'), Buffer.from('[]'), Buffer.from('{"layers": 7, "config": []}')]) {
          const store = await openMembers(withBlob(ociLayout(image), digest, bytes));
          assert.ok(store.skipped.length + store.images.flatMap(({ skipped }) => skipped).length > 0 || store.problem !== undefined);
        }
      }
    });

    it('of a manifest that names itself, its own index, files outside', async () => {
      const self = blob({ schemaVersion: 2, manifests: [{ mediaType: mediaTypes.index, digest: `sha256:${'0'.repeat(64)}`, size: 1 }] });
      const members = [
        ...layout(
          {
            schemaVersion: 2,
            manifests: [manifestDescriptor(image), { mediaType: mediaTypes.index, digest: `sha256:${'0'.repeat(64)}`, size: self.bytes.length }],
          },
          [image.manifest, image.config, ...image.layers.map((layer) => layer.blob)],
        ),
        { name: `blobs/sha256/${'0'.repeat(64)}`, bytes: self.bytes },
      ];
      const store = await openMembers(members);
      assert.equal(store.images.length, 1);
      assert.ok(store.skipped.some(({ reason }) => reason === 'mismatch'));
      for (const name of ['../../etc/passwd', '/etc/passwd', '']) {
        const hostile = await openMembers([
          { name: 'manifest.json', bytes: Buffer.from(JSON.stringify([{ Config: name, RepoTags: null, Layers: [name, name] }])) },
        ]);
        assert.deepEqual(hostile.images[0].layers, []);
        assert.equal(hostile.images[0].skipped.length, 3);
      }
    });

    it('of descriptors that are none', async () => {
      for (const digest of ['sha256:short', 7, null, 'sha256:../../../../etc/passwd', undefined]) {
        const { skipped } = await openMembers(
          layout({ schemaVersion: 2, manifests: [manifestDescriptor(image), { digest, size: 1 }] }, [
            image.manifest,
            image.config,
            ...image.layers.map((layer) => layer.blob),
          ]),
        );
        assert.deepEqual(
          skipped.map(({ reason, place }) => `${reason} ${place}`),
          ['damaged index.manifests[1]'],
        );
      }
    });

    it('of layers that are encrypted or elsewhere', async () => {
      const odd = imageOf({
        layers: [
          { entries: [file('a', '1')], mediaType: `${mediaTypes.layer}+gzip+encrypted` },
          { entries: [file('b', '2')] },
          { entries: [file('c', '3')], descriptor: { urls: ['https://example.com/x'] } },
        ],
      });
      const members = withBlob(ociLayout(odd), odd.layers[2].blob.digest, undefined);
      const { images } = await openMembers(members);
      assert.deepEqual(
        images[0].skipped.map(({ reason, place }) => `${reason} ${place}`),
        ['encrypted manifest.layers[0]', 'missing manifest.layers[2]'],
      );
      assert.match(images[0].skipped[1].detail, /example\.com/);
      assert.deepEqual(
        images[0].layers.map(({ index }) => index),
        [1],
      );
    });

    it('of a history or diff_ids that do not fit the layers', async () => {
      const odd = imageOf({
        configFile: { rootfs: { type: 'layers', diff_ids: [image.layers[0].tar.digest] }, history: [{ created_by: 'only one' }] },
      });
      const { images, notices } = await openMembers(ociLayout(odd));
      assert.match(notices.map(({ detail }) => detail).join(), /2 layers and its config 1 diff_ids/);
      assert.ok(images[0].layers.every(({ announced, createdBy }) => announced.diffId === undefined && createdBy === undefined));
    });

    it('of keys that stand twice or are spelled otherwise', async () => {
      const manifest = Buffer.from(`[{"config":"${hex(image.config.digest)}.json","RepoTags":["app:1"],"layers":[]}]`);
      const { notices, images } = await openMembers(
        classicArchive(image).map((member) => (member.name === 'manifest.json' ? { name: member.name, bytes: manifest } : member)),
      );
      assert.equal(images[0].configDigest, image.config.digest);
      assert.match(notices.map(({ detail }) => detail).join('\n'), /the key "config" stands for Config[\s\S]*the key "layers" stands for Layers/);
    });

    it('of manifests larger than the limit', async () => {
      const { skipped } = await openMembers(ociLayout(image), { limits: { ...defaultLimits, manifestBytes: 100 } });
      assert.ok(skipped.some(({ reason }) => reason === 'limit'));
    });
  });

  describe('throws', () => {
    it('for what is not there', async () => {
      await assert.rejects(open('/nowhere/at/all.tar'), isUnbake('not-found', /does not exist/));
      await assert.rejects(open(files.newFolder()), isUnbake('not-an-image'));
    });

    it('for sources that are read in a later release, naming what to do', async () => {
      for (const typed of ['docker://debian', 'docker:debian', 'podman:debian', 'registry:debian'])
        await assert.rejects(open(typed), isUnbake('unsupported', /save it first/));
    });

    it('for a folder that is named as if it were a file', async () => {
      await assert.rejects(open(`${files.file(Buffer.from('x'))}/below`), isUnbake('not-found'));
    });
  });

  it('gives what nothing references, to be searched', async () => {
    const orphan = blob('an orphan');
    const store = await openMembers([
      ...ociLayout(image),
      { name: `blobs/sha256/${hex(orphan.digest)}`, bytes: orphan.bytes },
      { name: 'note.txt', bytes: Buffer.from('n') },
    ]);
    assert.deepEqual(looseNames(store).sort(), [`blobs/sha256/${hex(orphan.digest)}`, 'note.txt'].sort());
  });

  it('says of bytes that are no archive why they are no image', async () => {
    const problemOf = (bytes: Buffer) =>
      open(files.file(bytes)).then(
        ({ problem }) => problem,
        (thrown: unknown) => thrown,
      );
    assert.ok(isUnbake('not-an-image')(await problemOf(Buffer.alloc(0))));
    assert.ok(isUnbake('not-an-image')(await problemOf(Buffer.from('plain text'))));
    assert.ok(isUnbake('not-an-image')(await problemOf(gzipMember(Buffer.from('text')))));
  });

  it('keeps an archive without a manifest, to be searched, and says why it is no image', async () => {
    const { images, loose, problem } = await openMembers([{ name: 'a\u001b[31m', bytes: Buffer.from('x') }]);
    assert.deepEqual(images, []);
    assert.ok(loose.some(({ name }) => name === 'a\\x1b[31m'));
    assert.ok(isUnbake('not-an-image', /only a\\x1b\[31m/)(problem), String(problem));
  });

  it('keeps an archive that broke before its manifest, to be searched', async () => {
    const bytes = archive(classicArchive(image));
    const store = await open(files.file(bytes.subarray(0, bytes.length >> 1)));
    assert.equal(store.images.length, 0);
    assert.ok(store.problem instanceof UnbakeError && store.loose.length > 0 && store.skipped.length > 0);
  });
});
