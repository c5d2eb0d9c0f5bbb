import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { bytesOf } from '../../../src/model/blob.ts';
import { cleanedFromAnnotation } from '../../../src/model/cleaned-from.ts';
import { UnbakeError } from '../../../src/model/error.ts';
import type { StoredImage } from '../../../src/model/stored-image.ts';
import {
  archive,
  classicArchive,
  docker25Archive,
  docker29Archive,
  layout,
  legacyArchive,
  manifestDescriptor,
  type Member,
  ociLayout,
  skopeoArchive,
  writeFolder,
} from '../../support/forms.ts';
import { assemble, type BuiltImage, hex, mediaTypes } from '../../support/image.ts';
import { imageMarked } from '../../support/output.ts';
import { file } from '../../support/raw-tar.ts';
import { scratch } from '../../support/scratch.ts';
import { needs, tool } from '../../support/tool.ts';
import { blobsIn, flawsOf, load, openOptions, storeAt } from './a-store.ts';

const code =
  (wanted: string, pattern = /./) =>
  (thrown: unknown) =>
    thrown instanceof UnbakeError && (assert.equal(thrown.code, wanted, thrown.message), assert.match(thrown.message, pattern), true);
const free = { force: false, inUse: () => undefined };

describe('the image store', () => {
  const files = scratch();
  const a = imageMarked('a', { tags: ['app:1'] });
  const b = imageMarked('b', { tags: ['app:2', 'app:latest'] });

  const placed = (members: readonly Member[]) => files.file(archive(members));

  function newStore() {
    const folder = files.newFolder();
    return { folder, store: storeAt(folder), inLayout: (name: string) => join(folder, 'images', name) };
  }

  async function with_(...images: readonly BuiltImage[]) {
    const made = newStore();
    const stored = images.length === 0 ? [] : await load(made.store, placed(docker25Archive(...images)));
    return { ...made, stored };
  }

  describe('takes in', () => {
    const forms: Readonly<Record<string, (image: BuiltImage) => Member[]>> = {
      'docker save before 25': (image) => classicArchive(image),
      'skopeo docker-archive': (image) => skopeoArchive(image),
      'docker save since 25': (image) => docker25Archive(image),
      'docker save of the containerd store': (image) => docker29Archive(image),
    };
    for (const [form, members] of Object.entries(forms)) {
      it(`an image of ${form}, its layers as they stand there`, async () => {
        const { store, folder } = newStore();
        const [image] = await load(store, placed(members(a)));
        const { loadedAt, ...rest } = image;
        assert.ok(Date.parse(loadedAt) > 0);
        const expected: Omit<StoredImage, 'loadedAt' | 'manifestDigest'> = {
          names: ['app:1'],
          configDigest: a.config.digest as StoredImage['configDigest'],
          platform: 'linux/amd64',
          size: a.layers[0].blob.bytes.length + a.layers[1].blob.bytes.length,
          layers: a.layers.map((layer) => ({
            digest: layer.blob.digest as StoredImage['configDigest'],
            diffId: layer.tar.digest as StoredImage['configDigest'],
            size: layer.blob.bytes.length,
            mediaType: layer.mediaType,
          })),
          sharedLayers: 0,
          createdAt: '2024-01-02T03:04:05Z',
        };
        assert.deepEqual(rest, { ...expected, manifestDigest: image.manifestDigest });
        if (form.startsWith('docker save since') || form.endsWith('containerd store')) assert.equal(image.manifestDigest, a.manifest.digest);
        assert.deepEqual(flawsOf(folder), []);
        assert.deepEqual(await store.list(), [image]);
      });
    }

    it('an image twice, in two forms without a manifest, as one', async () => {
      const { store, folder } = newStore();
      const [first] = await load(store, placed(classicArchive(a)));
      const inodes = blobsIn(folder).map((name) => statSync(join(folder, 'images/blobs/sha256', name)).ino);
      const [second] = await load(store, placed(skopeoArchive(a)));
      assert.deepEqual(second, first);
      assert.deepEqual(
        blobsIn(folder).map((name) => statSync(join(folder, 'images/blobs/sha256', name)).ino),
        inodes,
        'nothing was written anew',
      );
    });

    it('layers that images share once', async () => {
      const { store, folder, stored } = await with_(a, b);
      assert.deepEqual(
        stored.map(({ names, sharedLayers }) => [names, sharedLayers]),
        [
          [['app:1'], 1],
          [['app:2', 'app:latest'], 1],
        ],
      );
      const all = [...a.layers, ...b.layers].map(({ blob }) => hex(blob.digest));
      const documents = [a, b].flatMap(({ config, manifest }) => [hex(config.digest), hex(manifest.digest)]);
      assert.deepEqual(blobsIn(folder), [...new Set([...all, ...documents])].sort());
      await store.remove('app:1', free);
      assert.deepEqual(
        (await store.list()).map(({ sharedLayers }) => sharedLayers),
        [0],
      );
    });

    it('the image that was chosen, without its attestations', async () => {
      const { store, folder } = newStore();
      await load(store, placed(docker29Archive(a)));
      assert.equal(blobsIn(folder).length, a.layers.length + 2);
    });

    it('a name beside those that an image has, for one image alone', async () => {
      const { store } = newStore();
      const nameless = placed(ociLayout(assemble({ ...a.plan, tags: [] })));
      assert.deepEqual((await load(store, nameless, { name: 'given' }))[0].names, ['given:latest']);
      assert.deepEqual((await store.find('given'))?.manifestDigest, a.manifest.digest);
      assert.deepEqual((await load(store, placed(docker25Archive(b)), { name: 'given' }))[0].names, ['app:2', 'app:latest', 'given:latest']);
      assert.deepEqual((await store.find('given'))?.manifestDigest, b.manifest.digest);
      await assert.rejects(load(store, placed(ociLayout(a, b)), { name: 'given' }), code('usage', /2 images/));
      await assert.rejects(load(store, nameless, { name: 'Given!' }), code('usage', /Given!/));
    });

    it('blobs of a folder by a link, where nobody else can write to them', async () => {
      const { store, folder, inLayout } = newStore();
      const source = files.newFolder();
      writeFolder(source, ociLayout(a));
      const [shared, open] = a.layers.map(({ blob }) => `blobs/sha256/${hex(blob.digest)}`);
      for (const name of readdirSync(join(source, 'blobs/sha256'))) chmodSync(join(source, 'blobs/sha256', name), 0o644);
      chmodSync(join(source, open), 0o666);
      await load(store, source);
      assert.equal(statSync(inLayout(shared)).ino, statSync(join(source, shared)).ino);
      assert.notEqual(statSync(inLayout(open)).ino, statSync(join(source, open)).ino);
      assert.deepEqual(flawsOf(folder), []);
    });

    it('what an image was cleaned from', async () => {
      const { store } = newStore();
      const origin = b.manifest.digest;
      const marked = (digest: string) =>
        placed(
          layout(
            {
              schemaVersion: 2,
              manifests: [manifestDescriptor(a, { [cleanedFromAnnotation]: digest, 'org.opencontainers.image.ref.name': 'team/a:1' })],
            },
            [...a.layers.map(({ blob }) => blob), a.config, a.manifest],
          ),
        );
      assert.deepEqual((await load(store, marked('sha256:..')))[0].cleanedFrom, undefined);
      assert.deepEqual((await load(store, marked(origin)))[0].cleanedFrom, origin);
      assert.deepEqual((await load(store, placed(ociLayout(a))))[0].cleanedFrom, origin, 'it is known already');
      const image = (await store.find('team/a:1'))!;
      const opened = await store.open(image, openOptions);
      assert.equal(opened.image.cleanedFrom, origin);
    });
  });

  describe('refuses an image', () => {
    const encrypted = assemble({
      layers: [{ entries: [file('a', 'b')], mediaType: `${mediaTypes.layer}+gzip+encrypted` }],
    });
    const foreign = assemble({
      layers: [{ entries: [file('a', 'b')], descriptor: { urls: ['https://example.com/layer'] } }],
    });
    const withoutLayer = (image: BuiltImage) => ociLayout(image).filter(({ name }) => !name.endsWith(hex(image.layers[0].blob.digest)));
    const changed = (members: readonly Member[], name: string, change: (bytes: Buffer) => Buffer) =>
      members.map((member) => (member.name.includes(name) && 'bytes' in member ? { ...member, bytes: change(member.bytes) } : member));
    const flipped = (bytes: Buffer) => Buffer.from(bytes.map((byte, index) => (index === 700 ? byte ^ 1 : byte)));
    const cases: Readonly<Record<string, readonly [members: readonly Member[], code: string, told: RegExp]>> = {
      'without one of its layers': [withoutLayer(a), 'damaged', new RegExp(hex(a.layers[0].blob.digest))],
      'with an encrypted layer': [ociLayout(encrypted), 'unread', /encrypted/],
      'with a layer that is elsewhere': [withoutLayer(foreign), 'damaged', /https:/],
      'with a layer that is not what its digest says': [changed(ociLayout(a), hex(a.layers[1].blob.digest), flipped), 'damaged', /digest/],
      'with a layer that is cut short': [changed(ociLayout(a), hex(a.layers[1].blob.digest), (bytes) => bytes.subarray(0, 1000)), 'damaged', /1000/],
      'with a config that is not what its digest says': [
        changed(ociLayout(a), hex(a.config.digest), (bytes) => Buffer.from(bytes.toString().replace('2024', '2025'))),
        'damaged',
        /digest/,
      ],
      'with a manifest that is not what its digest says': [
        changed(ociLayout(a), hex(a.manifest.digest), (bytes) => Buffer.concat([bytes, Buffer.from('\n')])),
        'damaged',
        /digest/,
      ],
      'with a layer that is not the one its config speaks of': [changed(classicArchive(a), '/layer.tar', flipped), 'damaged', /should be/],
      'with too few diffIDs': [ociLayout(assemble({ ...a.plan, configFile: { rootfs: { type: 'layers', diff_ids: [] } } })), 'damaged', /2 layers/],
      'with a diffID that is none': [
        classicArchive(assemble({ ...a.plan, layers: a.plan.layers.map((layer) => ({ ...layer, diffId: '../../x' })) })),
        'damaged',
        /diff_ids/,
      ],
      'of docker before 1.10': [legacyArchive(a), 'damaged', /config/],
    };
    for (const [what, [members, wanted, told]] of Object.entries(cases)) {
      it(`${what}, and keeps what it has`, async () => {
        const { store, folder } = await with_(b);
        const before = readFileSync(join(folder, 'images/index.json'));
        await assert.rejects(load(store, placed(members)), code(wanted, told));
        assert.ok(before.equals(readFileSync(join(folder, 'images/index.json'))));
        assert.ok(!flawsOf(folder).some((flaw) => !flaw.startsWith('nothing needs')), flawsOf(folder).join());
        await store.prune({ all: false, isNeeded: () => false });
        assert.deepEqual(flawsOf(folder), []);
      });
    }
  });

  describe('gives a name', () => {
    it('to the image that came with it last; the other stays, without it', async () => {
      const { store } = await with_();
      await load(store, placed(docker25Archive(a)));
      await load(store, placed(docker25Archive(imageMarked('c', { tags: ['app:1', 'app:3'] }))));
      const names = new Map((await store.list()).map((image) => [image.manifestDigest as string, image.names]));
      assert.deepEqual(names.get(a.manifest.digest), []);
      assert.deepEqual((await store.find('app:1'))?.names, ['app:1', 'app:3']);
      assert.equal((await store.find(a.config.digest))?.manifestDigest, a.manifest.digest);
      await load(store, placed(docker25Archive(a)));
      assert.deepEqual((await store.find('app:1'))?.manifestDigest, a.manifest.digest);
      assert.deepEqual((await store.find('app:3'))?.names, ['app:3']);
    });

    it('that stands in a layout without a repository to nobody', async () => {
      const { store } = newStore();
      const bare = layout({ schemaVersion: 2, manifests: [manifestDescriptor(a, { 'org.opencontainers.image.ref.name': 'latest' })] }, [
        ...a.layers.map(({ blob }) => blob),
        a.config,
        a.manifest,
      ]);
      assert.deepEqual((await load(store, placed(bare)))[0].names, []);
    });
  });

  describe('opens an image', () => {
    it('as others read it, with its names, and looks at nothing else', async () => {
      const { store, stored, inLayout } = await with_(a, b);
      const [, image] = stored;
      writeFileSync(inLayout(`blobs/sha256/${hex(a.manifest.digest)}`), 'another image is damaged');
      const opened = await store.open(image, openOptions);
      assert.deepEqual([opened.store.skipped, opened.image.skipped, opened.store.loose, opened.store.images.length], [[], [], [], 1]);
      assert.deepEqual(opened.image.tags, ['app:2', 'app:latest']);
      assert.equal(opened.image.manifestDigest, b.manifest.digest);
      for (const [index, { blob }] of opened.image.layers.entries()) {
        assert.ok((await bytesOf(blob)).equals(b.layers[index].blob.bytes));
        assert.ok(existsSync(blob.path!));
      }
      await opened.store.close();
    });

    it('that is for the platform asked for, and no other', async () => {
      const { store, stored } = await with_(a);
      await assert.rejects(store.open(stored[0], { ...openOptions, platform: { os: 'linux', architecture: 's390x' } }), code('no-such-platform'));
    });

    it('that is there', async () => {
      const { store, stored } = await with_(a);
      await store.remove('app:1', free);
      await assert.rejects(store.open(stored[0], openOptions), code('not-found', /app:1/));
    });
  });

  describe('removes', () => {
    it('one of several names, then the image with the last', async () => {
      const { store, folder } = await with_(a, b);
      assert.deepEqual(await store.remove('app:latest', free), { untagged: ['app:latest'], deleted: [] });
      const { untagged, deleted } = await store.remove('app:2', free);
      assert.deepEqual(untagged, ['app:2']);
      assert.deepEqual(deleted.toSorted(), [b.config, b.manifest, b.layers[1].blob].map(({ digest }) => digest).toSorted(), 'the shared layer stays');
      assert.deepEqual(flawsOf(folder), []);
      assert.deepEqual(
        (await store.list()).map(({ names }) => names),
        [['app:1']],
      );
    });

    it('an image by its digest when it has one name, or with force', async () => {
      const { store, folder } = await with_(a, b);
      assert.deepEqual((await store.remove(a.config.digest, free)).untagged, ['app:1']);
      await assert.rejects(store.remove(hex(b.config.digest).slice(0, 12), free), code('conflict', /app:2, app:latest/));
      assert.deepEqual((await store.remove(b.manifest.digest, { ...free, force: true })).untagged, ['app:2', 'app:latest']);
      assert.deepEqual([await store.list(), blobsIn(folder), flawsOf(folder)], [[], [], []]);
      await assert.rejects(store.remove('app:1', free), code('not-found', /app:1/));
    });

    it('no image that is in use: with force only its names', async () => {
      const { store } = await with_(a, b);
      const inUse = ({ names }: StoredImage) => (names.includes('app:1') ? 'the container kuard is made of it' : undefined);
      await assert.rejects(store.remove('app:1', { force: false, inUse }), code('conflict', /kuard/));
      await assert.rejects(store.remove(a.manifest.digest, { force: false, inUse }), code('conflict', /kuard/));
      assert.deepEqual(await store.remove('app:1', { force: true, inUse }), { untagged: ['app:1'], deleted: [] });
      assert.deepEqual((await store.find(a.manifest.digest))?.names, []);
      const ofB = { force: false, inUse: () => 'it is in use' };
      assert.deepEqual((await store.remove('app:2', ofB)).untagged, ['app:2'], 'it still has another name');
    });
  });

  describe('is pruned', () => {
    it('of images without a name that are not needed, and of what nothing needs', async () => {
      const { store, folder, inLayout } = await with_(a, b);
      const needed = imageMarked('needed', { tags: [] });
      const nameless = imageMarked('nameless', { tags: [] });
      await load(store, placed(ociLayout(needed, nameless)));
      const stray = 'f'.repeat(64);
      writeFileSync(inLayout(`blobs/sha256/${stray}`), 'x'.repeat(100));
      writeFileSync(inLayout('.unbake/incoming/lost'), 'x'.repeat(1000));
      const isNeeded = ({ manifestDigest }: StoredImage) => manifestDigest === needed.manifest.digest;
      const pruned = await store.prune({ all: false, isNeeded });
      const gone = [nameless.config, nameless.manifest, nameless.layers[1].blob];
      assert.deepEqual(pruned, {
        images: [nameless.config.digest],
        blobs: gone.length + 1,
        bytes: gone.reduce((sum, { bytes }) => sum + bytes.length, 1100),
      });
      assert.deepEqual(flawsOf(folder), []);
      const { images } = await store.prune({ all: true, isNeeded });
      assert.deepEqual(images.toSorted(), [a.config.digest, b.config.digest].toSorted());
      assert.deepEqual(
        (await store.list()).map(({ manifestDigest }) => manifestDigest),
        [needed.manifest.digest],
      );
      assert.deepEqual(await store.prune({ all: true, isNeeded }), { images: [], blobs: 0, bytes: 0 });
    });

    it('and counts no bytes of files that have another name', async () => {
      const { store } = newStore();
      const source = files.newFolder();
      writeFolder(source, ociLayout(a));
      for (const name of readdirSync(join(source, 'blobs/sha256'))) chmodSync(join(source, 'blobs/sha256', name), 0o644);
      await load(store, source);
      const { bytes, blobs } = await store.prune({ all: true, isNeeded: () => false });
      assert.deepEqual([blobs, bytes], [4, a.config.bytes.length + a.manifest.bytes.length]);
    });

    it('when it is empty, and was never there', async () => {
      const { store } = newStore();
      assert.deepEqual([await store.list(), await store.find('app'), await store.problems()], [[], undefined, []]);
      assert.deepEqual(await store.prune({ all: true, isNeeded: () => false }), { images: [], blobs: 0, bytes: 0 });
    });
  });

  describe('with an index that somebody has changed', () => {
    it('keeps what other programs put there', async () => {
      const { store, folder, inLayout } = await with_(a);
      const index = JSON.parse(readFileSync(inLayout('index.json'), 'utf8')) as { manifests: unknown[] };
      const artifact = Buffer.from('{"layers":[]}');
      const digest = tool('sha256sum', [], { input: artifact }).slice(0, 64);
      writeFileSync(inLayout(`blobs/sha256/${digest}`), artifact);
      const other = { mediaType: 'application/vnd.example+json', digest: `sha256:${digest}`, size: artifact.length, annotations: { note: 'mine' } };
      writeFileSync(inLayout('index.json'), JSON.stringify({ ...index, manifests: [other, ...index.manifests] }));
      await load(store, placed(docker25Archive(b)));
      await store.prune({ all: true, isNeeded: () => false });
      assert.deepEqual((JSON.parse(readFileSync(inLayout('index.json'), 'utf8')) as { manifests: unknown[] }).manifests, [other]);
      assert.deepEqual(blobsIn(folder), [digest]);
    });

    it('tells of an image whose blobs are not there, and can remove it', async () => {
      const { store, folder, inLayout } = await with_(a, b);
      rmSync(inLayout(`blobs/sha256/${hex(a.config.digest)}`));
      writeFileSync(inLayout(`blobs/sha256/${hex(b.manifest.digest)}`), '{}');
      assert.deepEqual(await store.list(), []);
      const problems = await store.problems();
      assert.deepEqual(
        problems.map(({ place }) => place),
        ['image app:1', 'image app:2'],
      );
      await assert.rejects(store.find('app:1'), code('damaged', new RegExp(hex(a.config.digest))));
      await assert.rejects(store.find('app:2'), code('damaged'));
      await load(store, placed(docker25Archive(imageMarked('c'))));
      await store.remove('app:2', free);
      await store.remove('app:latest', free);
      assert.equal((await store.list()).length, 1);
      await store.prune({ all: true, isNeeded: () => false });
      await store.remove(a.manifest.digest, free);
      await store.prune({ all: true, isNeeded: () => false });
      assert.deepEqual(flawsOf(folder), []);
    });

    it('is calm, whatever stands there', async () => {
      const { store, stored, inLayout } = await with_(a);
      const good = readFileSync(inLayout('index.json'), 'utf8');
      const value = fc.oneof(fc.jsonValue(), fc.constantFrom('sha256:..', a.manifest.digest, -1, 1e300, { annotations: 1 }));
      const index = fc.oneof(
        fc.string(),
        fc.json(),
        value.map((manifests) => JSON.stringify({ manifests })),
        fc
          .array(fc.record({ digest: value, size: value, mediaType: value, annotations: value, platform: value }, { requiredKeys: [] }))
          .map((manifests) => JSON.stringify({ manifests })),
        fc.tuple(fc.nat(good.length), fc.string()).map(([at, text]) => good.slice(0, at) + text + good.slice(at + text.length)),
      );
      const calm = async (work: Promise<unknown>) => {
        await work.catch((thrown: unknown) => assert.ok(thrown instanceof UnbakeError, String((thrown as Error).stack)));
      };
      await fc.assert(
        fc.asyncProperty(index, async (text) => {
          writeFileSync(inLayout('index.json'), text);
          await calm(store.list());
          await calm(store.problems());
          await calm(store.find('app:1'));
          await calm(store.open(stored[0], openOptions));
          await calm(store.remove('nothing', free));
        }),
        { numRuns: 150 },
      );
    });
  });

  describe('is an OCI layout for others', () => {
    before(function () {
      needs(this, 'skopeo', 'umoci');
    });

    it('skopeo inspects and copies an image by its name, with its digest', async () => {
      const { store, folder } = newStore();
      const [classic] = await load(store, placed(classicArchive(a)));
      await load(store, placed(docker25Archive(b)));
      const layoutPath = join(folder, 'images');
      assert.equal(JSON.parse(tool('skopeo', ['inspect', `oci:${layoutPath}:app:1`])).Digest, classic.manifestDigest);
      assert.equal(JSON.parse(tool('skopeo', ['inspect', `oci:${layoutPath}:app:latest`])).Digest, b.manifest.digest);
      const copy = files.newFolder();
      tool('skopeo', ['copy', '--preserve-digests', `oci:${layoutPath}:app:2`, `oci:${copy}:x`]);
      assert.deepEqual(
        readdirSync(join(copy, 'blobs/sha256')).sort(),
        [...b.layers.map(({ blob }) => blob), b.config, b.manifest].map(({ digest }) => hex(digest)).sort(),
      );
    });

    it('umoci lists and unpacks them', async () => {
      const { folder } = await with_(a, b);
      const layoutPath = join(folder, 'images');
      assert.deepEqual(tool('umoci', ['ls', '--layout', layoutPath]).split('\n').toSorted(), ['app:1', 'app:2', 'app:latest']);
      const bundle = join(files.newFolder(), 'bundle');
      tool('umoci', ['raw', 'unpack', '--rootless', '--image', `${layoutPath}:app:2`, bundle]);
      assert.equal(readFileSync(join(bundle, 'srv/mark'), 'utf8'), 'b');
    });

    it('and takes what skopeo copies into it', async () => {
      const { store, folder } = await with_(a);
      const source = files.newFolder();
      writeFolder(source, ociLayout(assemble({ ...b.plan, tags: ['x:1'] })));
      mkdirSync(join(folder, 'images'), { recursive: true });
      tool('skopeo', ['copy', '--preserve-digests', `oci:${source}:1`, `oci:${join(folder, 'images')}:team/copied:1`]);
      const image = await store.find('team/copied:1');
      assert.equal(image?.manifestDigest, b.manifest.digest);
      assert.deepEqual((await store.find('app:1'))?.sharedLayers, 1);
      await store.remove('team/copied:1', free);
      assert.deepEqual(flawsOf(folder), []);
    });
  });
});
