// A cleaned image tells what it was cleaned from, beside itself: in the index of what was written, so that no digest depends on it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clean } from '../../src/clean/clean.ts';
import { cleanedFromAnnotation } from '../../src/model/cleaned-from.ts';
import { parseReference } from '../../src/model/reference.ts';
import { openStore } from '../../src/store/open.ts';
import { formNames, placed } from '../support/cleaning.ts';
import { archive, layout, manifestDescriptor, nestedLayout, ociLayout } from '../support/forms.ts';
import { assemble, mediaTypes } from '../support/image.ts';
import { leakyImage } from '../support/leaky.ts';
import { githubToken, npmToken } from '../support/planted.ts';
import { file } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';
import { cleanOptions } from './cleaning.ts';

async function imagesAt(path: string) {
  const store = await openStore(parseReference(path), await cleanOptions());
  await store.close();
  return store.images.map(({ tags, manifestDigest, configDigest, cleanedFrom, documents }) => ({
    tags,
    manifestDigest,
    configDigest,
    cleanedFrom,
    texts: documents.map(({ bytes }) => Buffer.from(bytes).toString()).join(),
  }));
}

describe('a cleaned image', () => {
  const files = scratch();
  const out = () => join(files.newFolder(), 'clean.tar');
  const tokens = [githubToken('from one'), npmToken('from two')] as const;
  const twice = assemble({
    tags: ['app:1', 'app:stable'],
    layers: [
      { entries: [file('srv/.env', `GITHUB_TOKEN=${tokens[0]}\n`)] },
      { entries: [file('srv/.npmrc', `//registry.npmjs.org/:_authToken=${tokens[1]}\n`)] },
    ],
  });

  for (const form of formNames) {
    it(`names its source, from ${form}`, async () => {
      const output = out();
      const source = placed(form, leakyImage(), files);
      const [before] = await imagesAt(source);
      assert.equal(before.cleanedFrom, undefined);
      await clean(source, await cleanOptions({ output }));
      const [after] = await imagesAt(output);
      assert.equal(after.cleanedFrom, before.manifestDigest ?? before.configDigest);
      assert.ok(!after.texts.includes(cleanedFromAnnotation), 'neither manifest nor config tells');
    });
  }

  for (const form of formNames.filter((name) => name !== 'OCI layout')) {
    it(`that is cleaned again keeps its source and its names, and its archive every byte, from ${form}`, async () => {
      const [once, again] = [out(), out()];
      await clean(placed(form, leakyImage(), files), await cleanOptions({ output: once }));
      await clean(once, await cleanOptions({ output: again }));
      assert.deepEqual((await imagesAt(again))[0].tags, (await imagesAt(once))[0].tags);
      assert.ok(readFileSync(once).equals(readFileSync(again)));
    });
  }

  it('from which more is taken names the one before it, under each of its names', async () => {
    const [once, again] = [out(), out()];
    const source = files.file(archive(ociLayout(twice)));
    await clean(source, await cleanOptions({ output: once, selection: { only: ['github*'] } }));
    await clean(once, await cleanOptions({ output: again }));
    const [[first], [second], [third]] = [await imagesAt(source), await imagesAt(once), await imagesAt(again)];
    assert.deepEqual([second.cleanedFrom, third.cleanedFrom], [first.manifestDigest, second.manifestDigest]);
    assert.notEqual(second.manifestDigest, third.manifestDigest);
    const texts = readFileSync(again).toString('latin1');
    assert.equal(texts.split(`"${cleanedFromAnnotation}":"${second.manifestDigest}"`).length - 1, 2, 'once for app:1, once for app:stable');
    assert.ok(!texts.includes(first.manifestDigest!), 'the one before that is not told any more');
  });

  it('with a new name has both annotations, and only those that it should have', async () => {
    const output = out();
    await clean(files.file(archive(ociLayout(twice))), await cleanOptions({ output, tag: 'new:2' }));
    const [image] = await imagesAt(output);
    assert.deepEqual([image.tags, image.cleanedFrom], [['docker.io/library/new:2'], twice.manifest.digest]);
  });

  it('stands beside one that had nothing to be cleaned, which names no source', async () => {
    const output = out();
    const harmless = assemble({ tags: ['harmless:1'], layers: [{ entries: [file('etc/motd', 'hello\n')] }] });
    await clean(files.file(archive(ociLayout(twice, harmless))), await cleanOptions({ output }));
    const images = await imagesAt(output);
    assert.deepEqual(
      images.map(({ cleanedFrom }) => cleanedFrom),
      [twice.manifest.digest, undefined],
    );
    assert.equal(images[1].manifestDigest, harmless.manifest.digest);
  });

  it('of several platforms is told apart in the index that names it', async () => {
    const output = out();
    const platforms = ['linux/amd64', 'linux/arm64'].map((platform) => assemble({ ...twice.plan, platform, tags: [] }));
    await clean(files.file(archive(nestedLayout(platforms))), await cleanOptions({ output }));
    assert.deepEqual(
      (await imagesAt(output)).map(({ cleanedFrom }) => cleanedFrom),
      platforms.map(({ manifest }) => manifest.digest),
    );
  });

  it('is not believed when it names something that is no digest', async () => {
    const descriptor = manifestDescriptor(twice, { [cleanedFromAnnotation]: 'sha256:../../etc/passwd' });
    const members = layout({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: [descriptor] }, [
      ...twice.layers.map((layer) => layer.blob),
      twice.config,
      twice.manifest,
    ]);
    const source = files.file(archive(members));
    assert.equal((await imagesAt(source))[0].cleanedFrom, undefined);
    const output = out();
    await clean(source, await cleanOptions({ output }));
    assert.equal((await imagesAt(output))[0].cleanedFrom, twice.manifest.digest);
  });
});
