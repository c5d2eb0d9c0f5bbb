// Writing into a layout that holds other images: those stay as they were, the ones of the same names go with everything that was theirs.
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UnbakeError } from '../../src/model/error.ts';
import { stageOutput } from '../../src/store/output.ts';
import { attestation, layout, manifestDescriptor, type Member, nestedLayout, ociLayout, writeFolder } from '../support/forms.ts';
import { type Blob, blob, type BuiltImage, descriptorOf, hex, mediaTypes } from '../support/image.ts';
import { configsAt, contentsOf, imageMarked, namesIn } from '../support/output.ts';
import { scratch } from '../support/scratch.ts';

const first = imageMarked('first', { tags: ['app:1'] });
const second = imageMarked('second', { tags: ['app:2'] });
const cleaned = imageMarked('cleaned', { tags: ['app:1'] });
const blobsOf = (...images: readonly BuiltImage[]): Blob[] =>
  images.flatMap((image) => [...image.layers.map((layer) => layer.blob), image.config, image.manifest]);
const named = (image: BuiltImage, ref: string, full?: string) =>
  manifestDescriptor(image, { 'org.opencontainers.image.ref.name': ref, ...(full && { 'io.containerd.image.name': full }) });
const index = (...manifests: readonly object[]) => ({ schemaVersion: 2, manifests });

describe('a layout that holds other images', () => {
  const files = scratch();

  async function written(members: readonly Member[], image: BuiltImage = cleaned): Promise<string> {
    const path = join(files.newFolder(), 'layout');
    writeFolder(path, members);
    await (await stageOutput({ kind: 'oci', path }, contentsOf(image))).commit();
    assert.deepEqual(namesIn(join(path, '..')), ['layout']);
    return path;
  }
  const digestsIn = (path: string) => namesIn(join(path, 'blobs/sha256'));
  const digestsOf = (...images: readonly BuiltImage[]) => [...new Set(blobsOf(...images).map(({ digest }) => hex(digest)))].sort();
  const refused = (code: string, words: RegExp) => (thrown: unknown) =>
    thrown instanceof UnbakeError && thrown.code === code && words.test(`${thrown.message} ${thrown.hint ?? ''}`);

  it('the image of the same name is replaced, the other one keeps its very files', async () => {
    const path = join(files.newFolder(), 'layout');
    writeFolder(path, ociLayout(first, second));
    const own = join(path, 'blobs/sha256', hex(second.manifest.digest));
    const inode = statSync(own).ino;
    await (await stageOutput({ kind: 'oci', path }, contentsOf(cleaned))).commit();
    assert.deepEqual((await configsAt(path)).sort(), [second.config.digest, cleaned.config.digest].sort());
    assert.deepEqual(digestsIn(path), digestsOf(second, cleaned));
    assert.equal(statSync(own).ino, inode);
  });

  it('what else stands in index.json stays to the byte', async () => {
    const before =
      '{ "mediaType" : "application/vnd.oci.image.index.v1+json",\n  "schemaVersion": 2, "annotations":{"key":"\\u00e9 é"},\n  "manifests": ';
    const keptText = JSON.stringify(named(second, '2')).replace('{', '{ "x-vendor" : 1e0, ');
    const members = layout(index(), blobsOf(first, second)).map((member) =>
      member.name === 'index.json'
        ? { name: member.name, bytes: Buffer.from(`${before}[${JSON.stringify(named(first, '1'))} ,\n${keptText}\t],\n "last": null }\n`) }
        : member,
    );
    const path = await written(members);
    assert.equal(readFileSync(join(path, 'index.json'), 'utf8'), `${before}[${keptText},${JSON.stringify(named(cleaned, '1'))}],\n "last": null }\n`);
  });

  it('an image of another name is put beside them', async () => {
    const path = await written(ociLayout(first, second), imageMarked('third', { tags: ['app:3'] }));
    assert.equal((await configsAt(path)).length, 3);
  });

  it('`1` of another repository is another image where full names say so', async () => {
    const other = named(first, '1', 'docker.io/library/other:1');
    const path = join(files.newFolder(), 'layout');
    writeFolder(path, layout(index(other, named(second, '2')), blobsOf(first, second)));
    const contents = contentsOf(cleaned);
    await (
      await stageOutput(
        { kind: 'oci', path },
        { ...contents, index: Buffer.from(JSON.stringify(index(named(cleaned, '1', 'docker.io/library/app:1')))) },
      )
    ).commit();
    assert.equal((await configsAt(path)).length, 3);
  });

  it('an image of several platforms stays whole, through indexes in indexes', async () => {
    const arm = imageMarked('arm', { platform: 'linux/arm64' });
    const path = await written(nestedLayout([second, arm], '2', 3));
    assert.deepEqual((await configsAt(path)).sort(), [second, arm, cleaned].map(({ config }) => config.digest).sort());
  });

  it('an image without a name stays, the same image without a name does not come twice', async () => {
    const bare = imageMarked('bare', { tags: [] });
    const path = await written(ociLayout(bare), bare);
    assert.deepEqual(await configsAt(path), [bare.config.digest]);
    const { manifests } = JSON.parse(readFileSync(join(path, 'index.json'), 'utf8')) as { manifests: unknown[] };
    assert.equal(manifests.length, 1);
  });

  /** An artifact in a manifest that says what it is about, as oras, cosign and regctl add it to an index. */
  function signature(text: string, about: Blob): { blobs: Blob[]; descriptor: object } {
    const layer = blob(text);
    const empty = blob('{}');
    const manifest = blob({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      artifactType: 'application/vnd.example.signature',
      config: descriptorOf(empty, 'application/vnd.oci.empty.v1+json'),
      layers: [descriptorOf(layer, 'text/plain')],
      subject: descriptorOf(about, mediaTypes.manifest),
    });
    return { blobs: [layer, empty, manifest], descriptor: descriptorOf(manifest, mediaTypes.manifest) };
  }

  it('signatures go with the image that they are about, signatures of signatures too; those of other images stay', async () => {
    const ofFirst = signature('of first', first.manifest);
    const ofSignature = signature('of the signature', ofFirst.blobs[2]!);
    const ofSecond = signature('of second', second.manifest);
    const parts = [ofSignature, ofFirst, ofSecond];
    const descriptors = [named(first, '1'), ...parts.map(({ descriptor }) => descriptor), named(second, '2')];
    const path = await written(layout(index(...descriptors), [...blobsOf(first, second), ...parts.flatMap(({ blobs }) => blobs)]));
    assert.deepEqual(digestsIn(path), [...new Set([...digestsOf(second, cleaned), ...ofSecond.blobs.map(({ digest }) => hex(digest))])].sort());
  });

  it('attestations inside an index that stays, stay', async () => {
    const { blobs, descriptor } = attestation(second, 'https://slsa.dev/provenance/v0.2', {});
    const inner = blob(index(manifestDescriptor(second), descriptor));
    const top = { ...descriptorOf(inner, mediaTypes.index), annotations: { 'org.opencontainers.image.ref.name': '2' } };
    const path = await written(layout(index(named(first, '1'), top), [...blobsOf(first, second), ...blobs, inner]));
    for (const { digest } of [...blobs, inner, ...blobsOf(second)]) assert.ok(digestsIn(path).includes(hex(digest)), digest);
  });

  it('what an index holds besides manifests is kept as it is, what was missing stays missing', async () => {
    const thing = blob(Buffer.from('no JSON at all'));
    const missing = blob('nowhere');
    const members = layout(index(descriptorOf(thing, 'application/wasm'), descriptorOf(missing, mediaTypes.manifest)), [thing]);
    const path = await written(members);
    assert.deepEqual(digestsIn(path), [...digestsOf(cleaned), hex(thing.digest)].sort());
  });

  it('an index that leads to itself is walked once', async () => {
    // No honest digest allows it, so the name of the blob lies.
    const name = `sha256:${'0'.repeat(64)}`;
    const self = { mediaType: mediaTypes.index, digest: name, size: 1 };
    const path = await written([
      ...layout(index(self), []),
      { name: `blobs/${name.replace(':', '/')}`, bytes: Buffer.from(JSON.stringify(index(self, self))) },
    ]);
    assert.ok(digestsIn(path).includes(hex(name)));
  });

  for (const [what, members, code, words] of [
    ['its index.json is no JSON', [{ name: 'index.json', bytes: Buffer.from('{') }], 'damaged', /index\.json/],
    [
      'a manifest of another image is no JSON',
      layout(index(descriptorOf(blob('{'), mediaTypes.manifest)), [blob('{')]),
      'damaged',
      /manifest sha256/,
    ],
    ['a digest is none', layout(index({ digest: '../../etc/passwd', mediaType: mediaTypes.manifest }), []), 'damaged', /digest/],
    ['its manifests are no list', layout({ manifests: {} }, []), 'damaged', /manifests/],
  ] as const) {
    it(`is left alone when ${what}: it cannot be known what must stay`, async () => {
      const path = join(files.newFolder(), 'layout');
      writeFolder(path, members);
      const before = namesIn(path);
      await assert.rejects(stageOutput({ kind: 'oci', path }, contentsOf(cleaned)), refused(code, words));
      assert.deepEqual([namesIn(path), namesIn(join(path, '..'))], [before, ['layout']]);
    });
  }

  it('an index without a list of manifests holds nothing to keep', async () => {
    const path = await written(layout({ schemaVersion: 2 }, []));
    assert.deepEqual(await configsAt(path), [cleaned.config.digest]);
  });
});
