import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cleanedFromAnnotation } from '../../../src/model/cleaned-from.ts';
import type { UnbakeError } from '../../../src/model/error.ts';
import { parseReference } from '../../../src/model/reference.ts';
import type { ImageStore } from '../../../src/shim/images/image-store.ts';
import { saveImages } from '../../../src/shim/images/save-images.ts';
import { openStore } from '../../../src/store/open.ts';
import { archive, classicArchive, layout, manifestDescriptor } from '../../support/forms.ts';
import { hex } from '../../support/image.ts';
import { imageMarked } from '../../support/output.ts';
import { scratch } from '../../support/scratch.ts';
import { needs, tool } from '../../support/tool.ts';
import { flawsOf, load, openOptions, storeAt } from './a-store.ts';

describe('saving images of the store', () => {
  const files = scratch();
  const a = imageMarked('a', { tags: ['app:1', 'ghcr.io/team/app:stable'] });
  const b = imageMarked('b', { tags: ['other:2'] });
  const origin = imageMarked('origin').manifest.digest;

  async function filled(): Promise<{ readonly store: ImageStore; readonly folder: string }> {
    const folder = files.newFolder();
    const store = storeAt(folder);
    const names = a.plan.tags!.map((tag) => manifestDescriptor(a, { [cleanedFromAnnotation]: origin, 'org.opencontainers.image.ref.name': tag }));
    const members = layout({ schemaVersion: 2, manifests: names }, [...a.layers.map(({ blob }) => blob), a.config, a.manifest]);
    await load(store, files.file(archive(members)));
    await load(store, files.file(archive(classicArchive(b))));
    return { store, folder };
  }

  async function readBack(path: string) {
    const opened = await openStore(parseReference(path), openOptions);
    await opened.close();
    assert.deepEqual([opened.skipped, opened.images.flatMap(({ skipped }) => skipped)], [[], []]);
    return opened.images.map(({ tags, manifestDigest, cleanedFrom }) => ({ tags, manifestDigest, cleanedFrom }));
  }

  it('writes one archive with the names that were asked for, and all names of one asked for by its digest', async () => {
    const { store } = await filled();
    const path = join(files.newFolder(), 'out.tar');
    const saved = await saveImages(store, ['app:1', 'other:2', 'app:1'], path);
    assert.deepEqual(
      saved.map(({ configDigest }) => configDigest),
      [a.config.digest, b.config.digest],
    );
    const [first, second] = await readBack(path);
    assert.deepEqual(first, { tags: ['app:1'], manifestDigest: a.manifest.digest, cleanedFrom: origin });
    assert.deepEqual(second!.tags, ['other:2']);
    await saveImages(store, [hex(a.config.digest).slice(0, 12)], path);
    assert.deepEqual((await readBack(path))[0]!.tags, ['app:1', 'ghcr.io/team/app:stable']);
  });

  it('gives the same bytes each time, and what another store takes in as the same images', async () => {
    const { store } = await filled();
    const [once, again] = [join(files.newFolder(), '1.tar'), join(files.newFolder(), '2.tar')];
    const digests = (await store.list()).map(({ manifestDigest }) => manifestDigest);
    for (const path of [once, again]) await saveImages(store, digests, path);
    assert.ok(readFileSync(once).equals(readFileSync(again)));
    const folder = files.newFolder();
    const copy = storeAt(folder);
    await load(copy, once);
    const what = async (each: ImageStore) =>
      (await each.list()).map((image) => ({ ...image, loadedAt: '' })).toSorted((x, y) => (x.manifestDigest < y.manifestDigest ? -1 : 1));
    assert.deepEqual(await what(copy), await what(store));
    assert.deepEqual(flawsOf(folder), []);
  });

  it('writes an OCI archive, and a layout under the name that is given', async () => {
    const { store } = await filled();
    const path = join(files.newFolder(), 'out.tar');
    await saveImages(store, ['app:1'], `oci-archive:${path}`);
    assert.deepEqual(await readBack(path), [{ tags: ['docker.io/library/app:1'], manifestDigest: a.manifest.digest, cleanedFrom: origin }]);
    const folder = join(files.newFolder(), 'layout');
    await saveImages(store, ['app:1'], `oci:${folder}:1.0`);
    await saveImages(store, ['other:2'], `oci:${folder}:2.0`);
    assert.deepEqual(
      (await readBack(folder)).map(({ tags }) => tags),
      [['1.0'], ['2.0']],
    );
    await assert.rejects(saveImages(store, ['app:1', 'other:2'], `oci:${folder}:1.0`), (thrown: UnbakeError) => thrown.code === 'usage');
    await saveImages(store, ['app:1'], `docker-archive:${path}:new`);
    assert.deepEqual((await readBack(path))[0]!.tags[0], 'new:latest');
  });

  it('writes nothing when an image is not there, or not whole', async () => {
    const { store, folder } = await filled();
    const path = join(files.newFolder(), 'out.tar');
    await assert.rejects(
      saveImages(store, ['app:1', 'missing'], path),
      (thrown: UnbakeError) => thrown.code === 'not-found' && /missing/.test(thrown.message),
    );
    await assert.rejects(saveImages(store, [], path), (thrown: UnbakeError) => thrown.code === 'usage');
    const blob = join(folder, 'images/blobs/sha256', hex(a.layers[1]!.blob.digest));
    const bytes = readFileSync(blob);
    bytes[600] = 1;
    writeFileSync(blob, bytes);
    await assert.rejects(saveImages(store, ['app:1'], path), (thrown: UnbakeError) => thrown.code === 'damaged');
    assert.ok(!existsSync(path));
  });

  it('writes what skopeo reads', async function () {
    needs(this, 'skopeo');
    const { store } = await filled();
    const path = join(files.newFolder(), 'out.tar');
    await saveImages(store, ['app:1', 'other:2'], path);
    for (const [name, image] of [['app:1', a] as const, ['other:2', b] as const]) {
      const { Layers } = JSON.parse(tool('skopeo', ['inspect', `docker-archive:${path}:${name}`])) as { Layers: string[] };
      assert.equal(Layers.length, image.layers.length);
    }
    const folder = join(files.newFolder(), 'layout');
    await saveImages(store, ['other:2'], `oci:${folder}`);
    assert.deepEqual(
      JSON.parse(tool('skopeo', ['inspect', '--config', `oci:${folder}:2`])).rootfs.diff_ids,
      b.layers.map((layer) => layer.tar.digest),
    );
  });
});
