// An index with several platforms, several images in one archive, and names: everything is cleaned, what is shared is cleaned once.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UnbakeError } from '../../src/model/error.ts';
import { clean, digestOfPath, refused } from '../support/cleaning.ts';
import { scan } from '../support/cli.ts';
import { exposedAt } from '../support/exposed.ts';
import { archive, classicArchive, docker25Archive, nestedLayout, ociLayout, writeFolder } from '../support/forms.ts';
import { assemble, type BuiltImage, hex, type LayerPlan } from '../support/image.ts';
import { configsAt } from '../support/output.ts';
import * as planted from '../support/planted.ts';
import { directory, file } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';
import { needs } from '../support/tool.ts';

const values = {
  shared: planted.githubToken('platforms shared'),
  amd64: planted.stripeKey('platforms amd64'),
  arm64: planted.slackToken('platforms arm64'),
  second: planted.npmToken('platforms second'),
};

const sharedLayer: LayerPlan = {
  entries: [directory('srv/'), file('srv/.env', `GITHUB_TOKEN=${values.shared}\n`), file('srv/large', Buffer.alloc(50_000, 'the same everywhere\n'))],
  compression: 'gzip',
};
const forPlatform = (platform: string, body: string): BuiltImage =>
  assemble({
    platform,
    tags: ['multi:1'],
    config: { Env: [`NOTE=${platform}`, `GITHUB_TOKEN=${values.shared}`] },
    layers: [sharedLayer, { entries: [file('srv/config.json', `{"key": "${body}"}\n`)], compression: 'gzip' }],
  });
const amd64 = forPlatform('linux/amd64', values.amd64);
const arm64 = forPlatform('linux/arm64/v8', values.arm64);
const harmless = assemble({ platform: 'linux/s390x', layers: [{ entries: [file('srv/config.json', '{}\n')], compression: 'zstd' }] });

const first = assemble({ tags: ['one:1', 'one:latest'], layers: [sharedLayer, { entries: [file('etc/one', `key: ${values.amd64}\n`)] }] });
const second = assemble({
  tags: ['two:1'],
  layers: [sharedLayer, { entries: [file('etc/two', `//registry.npmjs.org/:_authToken=${values.second}\n`)] }],
});

describe('several platforms and several images', () => {
  const files = scratch();
  before(function () {
    needs(this, 'tar');
  });

  function layoutOf(...images: readonly BuiltImage[]): string {
    const folder = files.newFolder();
    writeFolder(folder, nestedLayout(images, 'multi'));
    return folder;
  }
  const out = (name = 'out') => join(files.newFolder(), name);
  const blobsIn = (folder: string): string[] => readdirSync(join(folder, 'blobs/sha256')).map((name) => `sha256:${name}`);

  it('every platform of an index is cleaned; the layer that they share is cleaned once', async () => {
    const source = layoutOf(amd64, arm64, harmless);
    const to = out();
    const { report } = await clean(source, ['-o', to], { values });
    assert.deepEqual(exposedAt(to, values), []);
    assert.deepEqual(
      report.images.map(({ platform }) => platform),
      ['linux/amd64', 'linux/arm64/v8', 'linux/s390x'],
    );
    const [one, two, three] = report.images;
    assert.equal(one!.layers[0]!.after.digest, two!.layers[0]!.after.digest);
    assert.notEqual(one!.layers[0]!.after.digest, one!.layers[0]!.before.digest);
    assert.equal(report.plan.steps.filter((step) => step.kind === 'file' && step.path === '/srv/.env').length, 1, 'one step for the shared file');
    assert.deepEqual(three!.before, three!.after);
    assert.equal(three!.after.manifestDigest, harmless.manifest.digest);
    // Three manifests, three configs, four layers and the index: nothing of before but what belongs to the third image.
    const before = blobsIn(source);
    const after = blobsIn(to);
    assert.equal(after.length, 11);
    const kept = [harmless.manifest, harmless.config, harmless.layers[0]!.blob].map(({ digest }) => digest);
    assert.deepEqual(after.filter((digest) => before.includes(digest)).toSorted(), kept.toSorted());
    const { code, report: again } = await scan(to);
    assert.deepEqual([code, again.images.length], [0, 3]);
  });

  it('--platform takes one: the others are not in the result', async () => {
    const source = layoutOf(amd64, arm64, harmless);
    for (const [platform, image] of [
      ['linux/arm64', arm64],
      ['linux/amd64', amd64],
    ] as const) {
      const to = out();
      const { report } = await clean(source, ['--platform', platform, '-o', to], { values });
      assert.deepEqual(
        report.images.map(({ before }) => before.manifestDigest),
        [image.manifest.digest],
      );
      assert.deepEqual(exposedAt(to, values), []);
      assert.deepEqual(await configsAt(to), [report.images[0]!.after.configDigest]);
    }
    const { code, stderr } = await refused(source, ['--platform', 'windows/amd64', '-o', out()]);
    assert.equal(code, 3);
    assert.match(stderr, /linux\/amd64/);
  });

  it('the same index as an archive: another one is refused for docker, which has one platform for a name', async () => {
    const source = files.file(archive(nestedLayout([amd64, arm64], 'multi')));
    const to = out('out.tar');
    await clean(source, ['-o', to], { values });
    assert.deepEqual(exposedAt(to, values), []);
    const folder = files.newFolder();
    const { code, stderr } = await refused(source, ['-o', `docker-archive:${folder}/out.tar:multi:1`]);
    assert.equal(code, 2);
    assert.match(stderr, /--platform|choose one/);
    assert.deepEqual(readdirSync(folder), []);
    await clean(source, ['--platform', 'linux/amd64', '-o', `docker-archive:${folder}/out.tar:multi:1`], { values });
    assert.equal((await configsAt(`docker-archive:${folder}/out.tar:multi:1`)).length, 1);
  });

  for (const [form, pack] of [
    ['docker save before 25', classicArchive],
    ['docker save since 25', docker25Archive],
    ['an OCI archive', ociLayout],
  ] as const) {
    it(`several images in ${form}: all are cleaned, with their names`, async () => {
      const source = files.file(archive(pack(first, second)));
      const to = out('out.tar');
      const { report } = await clean(source, ['-o', to], { values });
      assert.deepEqual(exposedAt(to, values), []);
      assert.deepEqual(
        await configsAt(to),
        report.images.map(({ after }) => after.configDigest),
      );
      const isDocker = pack !== ociLayout;
      for (const name of isDocker ? ['one:1', 'one:latest', 'two:1'] : ['1', 'latest'])
        assert.ok((await configsAt(`${isDocker ? 'docker-archive' : 'oci-archive'}:${to}:${name}`)).length > 0, name);
      assert.equal(report.images[0]!.layers[0]!.after.digest, report.images[1]!.layers[0]!.after.digest);
    });

    it(`one of several images in ${form}, by its name: the other is not carried over`, async () => {
      const path = files.file(archive(pack(first, second)));
      const isDocker = pack !== ociLayout;
      const reference = isDocker ? `docker-archive:${path}:two:1` : `oci-archive:${path}:latest`;
      const to = out('out.tar');
      const { report } = await clean(reference, ['-o', to], { values });
      assert.equal(report.images.length, 1);
      assert.deepEqual(exposedAt(to, values), []);
      assert.deepEqual(await configsAt(to), [report.images[0]!.after.configDigest]);
      // Over its source it would take the other one away.
      const digest = digestOfPath(path);
      const { code, stderr } = await refused(reference, ['-o', path]);
      assert.equal(code, 2);
      assert.match(stderr, /would be lost/);
      assert.equal(digestOfPath(path), digest);
    });
  }

  it('docker-archive:PATH:@INDEX chooses by position', async () => {
    const path = files.file(archive(classicArchive(first, second)));
    const { report } = await clean(`docker-archive:${path}:@1`, ['-o', out('out.tar')], { values });
    assert.deepEqual(
      report.images.map(({ before }) => before.configDigest),
      [second.config.digest],
    );
  });

  it('--tag and the name behind the output give the one image a new name', async () => {
    const path = files.file(archive(classicArchive(first)));
    const folder = files.newFolder();
    const isThere = async (reference: string) => assert.equal((await configsAt(reference)).length, 1, reference);
    await clean(path, ['-o', join(folder, 'a.tar'), '--tag', 'example.com/new:3'], { values });
    await isThere(`docker-archive:${folder}/a.tar:example.com/new:3`);
    await clean(path, ['-o', `docker-archive:${folder}/b.tar:named:4`], { values });
    await isThere(`docker-archive:${folder}/b.tar:named:4`);
    await assert.rejects(isThere(`docker-archive:${folder}/b.tar:one:1`), UnbakeError, 'the old name is not there');
    await clean(path, ['-o', `oci:${folder}/c:short`], { values });
    await isThere(`oci:${folder}/c:short`);
    const { code, stderr } = await refused(files.file(archive(classicArchive(first, second))), ['-o', join(folder, 'd.tar'), '--tag', 'only:1']);
    assert.deepEqual([code, /2 images/.test(stderr)], [2, true]);
    assert.deepEqual(readdirSync(folder).sort(), ['a.tar', 'b.tar', 'c']);
  });

  it('into a layout that is there: the image beside it stays', async () => {
    const folder = out();
    mkdirSync(folder);
    writeFolder(folder, ociLayout(harmless));
    const kept = digestOfPath(join(folder, 'blobs/sha256', hex(harmless.manifest.digest)));
    await clean(files.file(archive(classicArchive(first))), ['-o', `oci:${folder}:added`], { values });
    assert.deepEqual((await configsAt(folder)).length, 2);
    assert.equal(digestOfPath(join(folder, 'blobs/sha256', hex(harmless.manifest.digest))), kept);
    assert.equal((await configsAt(`oci:${folder}:added`)).length, 1);
  });

  it('input and output are one layout: manifests, configs and layers with secrets are gone from it', async () => {
    const folder = layoutOf(amd64, arm64, harmless);
    const { report } = await clean(folder, ['-o', folder], { values });
    assert.deepEqual(exposedAt(folder, values), []);
    const left = blobsIn(folder);
    for (const image of [amd64, arm64]) {
      for (const { digest } of [image.manifest, image.config, ...image.layers.map((layer) => layer.blob)])
        assert.equal(left.includes(digest), false, digest);
    }
    assert.deepEqual(
      await configsAt(folder),
      report.images.map(({ after }) => after.configDigest),
    );
    const once = digestOfPath(folder);
    await clean(folder, ['-o', folder], { values });
    assert.equal(digestOfPath(folder), once, 'cleaning twice is cleaning once');
  });

  it('input and output are one archive; and one image of a layout over itself leaves the other as it is', async () => {
    const path = files.file(archive(docker25Archive(first)));
    await clean(path, ['-o', path], { values });
    assert.deepEqual(exposedAt(path, values), []);
    const once = readFileSync(path);
    await clean(path, ['-o', path], { values });
    assert.deepEqual(readFileSync(path), once);

    const folder = files.newFolder();
    writeFolder(folder, ociLayout(assemble({ ...first.plan, tags: ['one:a'] }), assemble({ ...second.plan, tags: ['two:b'] })));
    await clean(`oci:${folder}:a`, ['-o', `oci:${folder}:a`], { values });
    assert.deepEqual(exposedAt(folder, values), ['second', 'shared'], 'the second image was not chosen');
    await clean(`oci:${folder}:b`, ['-o', `oci:${folder}:b`], { values });
    assert.deepEqual(exposedAt(folder, values), []);
  });
});
