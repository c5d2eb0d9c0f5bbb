// Values in configs, manifests and indexes: taken out where they stand, in whatever form, and nothing else is another byte.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { CleanOptions } from '../../src/clean/clean.ts';
import { parseMode } from '../../src/clean/plan/treatment.ts';
import { attestation, docker29Archive, layout, type Member, nestedLayout, ociLayout, skopeoArchive } from '../support/forms.ts';
import { assemble, blob, descriptorOf, type ImagePlan, mediaTypes } from '../support/image.ts';
import { githubToken, password } from '../support/planted.ts';
import { file } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';
import { cleaned, contentOf, scanned } from './cleaning.ts';

const token = githubToken('metadata');
const marks = 'x'.repeat(token.length);
const short = 'hunter2X';

describe('metadata', () => {
  const place = scratch();
  const layers = [{ entries: [file('etc/motd', 'hello')], createdBy: 'COPY motd /etc' }];
  const ociArchive = () => `oci-archive:${join(place.newFolder(), 'out.tar')}`;

  async function after(image: ImagePlan | readonly Member[], changes: Partial<CleanOptions> = {}) {
    const { report, output, source } = await cleaned(place, image, changes);
    const path = output.replace('oci-archive:', '');
    const { images, bytes } = await contentOf(path);
    assert.deepEqual((await scanned(path)).report.findings, []);
    return {
      report,
      source,
      images,
      bytes,
      config: images[0].json['config'],
      steps: report.plan.steps.map((step) => ('pointer' in step ? `${step.treatment} ${step.pointer}` : step.kind)),
    };
  }

  it('loses the variables that hold a value, and keeps the others in their order', async () => {
    const Env = ['PATH=/bin', `GITHUB_TOKEN=${token}`, 'HOME=/', `DB_PASSWORD=${short}`, 'LANG=C'];
    const { config } = await after({ layers, config: { Env } });
    assert.deepEqual(config['config'].Env, ['PATH=/bin', 'HOME=/', 'LANG=C']);
    const redacted = await after({ layers, config: { Env } }, { modes: [parseMode('env:GITHUB_*=redact')] });
    assert.deepEqual(redacted.config['config'].Env, ['PATH=/bin', `GITHUB_TOKEN=${marks}`, 'HOME=/', 'LANG=C']);
    assert.deepEqual((await after({ layers, config: { Env: [`GITHUB_TOKEN=${token}`] } })).config['config'].Env, []);
  });

  it('is written over in labels, their keys, history, healthcheck, author and annotations', async () => {
    const { config, images, steps } = await after({
      layers: [{ ...layers[0], createdBy: `RUN |1 TOKEN=${token} /bin/sh -c make` }],
      config: {
        Labels: { note: `use ${token}!`, [token]: 'key' },
        Healthcheck: { Test: ['CMD', 'curl', '-u', `admin:${password('health')}`, 'http://x/'] },
      },
      configFile: { author: `me <${token}>` },
      emptyLayers: [{ before: 0, createdBy: `/bin/sh -c #(nop)  ENV GITHUB_TOKEN=${token}` }],
      annotations: { note: encodeURIComponent(`a b ${token}`) },
    });
    assert.deepEqual(config['config'].Labels, { note: `use ${marks}!`, [marks]: 'key' });
    assert.deepEqual(config['config'].Healthcheck.Test, ['CMD', 'curl', '-u', `admin:${'x'.repeat(18)}`, 'http://x/']);
    assert.equal(config['author'], `me <${marks}>`);
    assert.deepEqual(
      (config['history'] as { created_by: string }[]).map(({ created_by: by }) => by),
      [`/bin/sh -c #(nop)  ENV GITHUB_TOKEN=${marks}`, `RUN |1 TOKEN=${marks} /bin/sh -c make`],
    );
    assert.equal(images[0].json['manifest']['annotations'].note, `a%20b%20${marks}`);
    assert.ok(steps.every((step) => step.startsWith('redact')));
  });

  it('keeps JSON inside of a string valid, and leaves nothing of a short value in base64', async () => {
    const nested = JSON.stringify({ token, text: 'say "hi"' });
    const Labels = {
      json: nested,
      base64: Buffer.from(JSON.stringify({ db_password: short, token, rest: 'of it' })).toString('base64'),
      kept: 'kept',
    };
    const { config } = await after({ layers, config: { Labels } });
    const { json, base64, kept } = config['config'].Labels as typeof Labels;
    assert.deepEqual(JSON.parse(json), { token: marks, text: 'say "hi"' });
    assert.ok(!Buffer.from(base64, 'base64').toString().includes(short));
    assert.deepEqual([base64.length, kept], [Labels.base64.length, 'kept']);
  });

  it('is the same bytes outside of what was changed, and all of them where nothing was', async () => {
    const odd = blob(
      Buffer.from(
        `{ "os":"linux",\n "architecture" : "amd64", "config":{"Env":[ "A=1" , "GITHUB_TOKEN=${token}" ],"Odd":1.50e1},\n"rootfs":{"type":"layers","diff_ids":["@"]}, "history":[]}`.replace(
          '@',
          assemble({ layers }).layers[0].tar.digest,
        ),
      ),
    );
    const image = { ...assemble({ layers, tags: ['odd:1'] }), config: odd };
    const manifest = blob({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: descriptorOf(odd, mediaTypes.config),
      layers: [descriptorOf(image.layers[0].blob, mediaTypes.layer)],
    });
    const { bytes } = await after(ociLayout({ ...image, manifest }), { output: ociArchive() });
    assert.ok(bytes.includes(odd.bytes.toString().replace(` , "GITHUB_TOKEN=${token}"`, '')));

    const clean = assemble({ layers, tags: ['clean:1'] });
    const { images } = await after(ociLayout(clean), { output: ociArchive() });
    assert.deepEqual(
      [images[0].manifestDigest, images[0].configDigest, images[0].layers[0].digest],
      [clean.manifest.digest, clean.config.digest, clean.layers[0].blob.digest],
    );
  });

  it('follows in indexes: the platforms that held nothing keep their manifests, and no digest is old', async () => {
    const platforms = ['linux/amd64', 'linux/arm64', 'linux/s390x'].map((platform, index) =>
      assemble({
        platform,
        layers: [{ entries: [file('same', 'same')] }, { entries: [file('own', index === 1 ? `GITHUB_TOKEN=${token}` : platform)] }],
      }),
    );
    const { images, report } = await after(nestedLayout(platforms, 'multi', 2), { output: ociArchive() });
    assert.deepEqual(
      images.map(({ manifestDigest }, index) => manifestDigest === platforms[index].manifest.digest),
      [true, false, true],
    );
    assert.equal(report.revoke.includes(platforms[1].manifest.digest as never), true);
    assert.equal(report.revoke.includes(platforms[0].manifest.digest as never), false);
  });

  it('loses the attestations of an image that has become another one, and tells of them', async () => {
    const image = assemble({ layers: [{ entries: [file('a', `GITHUB_TOKEN=${token}`)] }], tags: ['app:1'] });
    const { bytes, report } = await after(docker29Archive(image, { args: { token } }), { output: ociArchive() });
    assert.deepEqual(
      report.invalidated.map(({ what }) => what),
      [`attestation of ${image.manifest.digest}`],
    );
    assert.ok(!bytes.includes('in-toto'));
    const unchanged = assemble({ layers, tags: ['app:1'] });
    const kept = await after(docker29Archive(unchanged, { args: {} }), { output: ociArchive() });
    assert.deepEqual([kept.report.invalidated, kept.bytes.includes('in-toto')], [[], true]);
  });

  it('loses an attestation that holds the value although its image does not', async () => {
    const image = assemble({ layers, tags: ['app:1'] });
    const { blobs, descriptor } = attestation(image, 'https://slsa.dev/provenance/v0.2', { args: { GITHUB_TOKEN: token } });
    const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [descriptorOf(image.manifest, mediaTypes.manifest), descriptor] };
    const members = layout(index, [...image.layers.map((layer) => layer.blob), image.config, image.manifest, ...blobs]);
    const { report, images } = await after(members, { output: ociArchive() });
    assert.equal(images[0].manifestDigest, image.manifest.digest);
    assert.equal(report.invalidated.length, 1);
  });

  it('gets a new name, and the other annotations stay and are cleaned', async () => {
    const annotations = { note: token, 'org.opencontainers.image.ref.name': '1', other: 'kept' };
    const image = assemble({ layers, tags: ['app:1'], descriptor: { annotations } });
    const { bytes, images } = await after(ociLayout(image), { output: ociArchive(), tag: 'registry.example/new:2' });
    assert.ok(
      bytes.includes(
        `{"note":"${marks}","other":"kept","io.containerd.image.name":"registry.example/new:2","org.opencontainers.image.ref.name":"2"}`,
      ),
    );
    assert.deepEqual(images[0].tags, ['registry.example/new:2']);
    const bare = assemble({ layers, tags: [] });
    assert.deepEqual((await after(ociLayout(bare), { output: ociArchive(), tag: 'new:3' })).images[0].tags.length, 1);
  });

  it('is not carried over where no image needs it: legacy files and blobs that nothing references', async () => {
    const image = assemble({ layers, tags: ['app:1'], config: { Env: [`GITHUB_TOKEN=${token}`] } });
    const loose = { name: 'blobs/sha256/0123', bytes: Buffer.from(`GITHUB_TOKEN=${token}`) };
    for (const members of [skopeoArchive(image), [...ociLayout(image), loose]]) assert.ok(!(await after(members)).bytes.includes(token));
  });
});
