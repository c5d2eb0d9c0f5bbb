// What is about an image is no longer true of the cleaned one: signatures, attestations and referrers are listed and left behind.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clean, digestOfPath } from '../support/cleaning.ts';
import { run } from '../support/cli.ts';
import { exposedAt } from '../support/exposed.ts';
import { archive, attestation, docker29Archive, layout, manifestDescriptor, writeFolder } from '../support/forms.ts';
import { assemble, blob, type Blob, type BuiltImage, descriptorOf, hex, mediaTypes } from '../support/image.ts';
import { leakyImage, secrets } from '../support/leaky.ts';
import { configsAt } from '../support/output.ts';
import * as planted from '../support/planted.ts';
import { file } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';
import { needs } from '../support/tool.ts';

const inArtifact = planted.githubToken('clean artifact');
const values = { ...secrets, inArtifact };
const refName = 'org.opencontainers.image.ref.name';

const harmlessImage = assemble({ tags: ['other:2'], layers: [{ entries: [file('etc/other', 'nothing secret\n')], compression: 'gzip' }] });
const leaky = leakyImage();

interface Attached {
  readonly blobs: readonly Blob[];
  readonly descriptor: Record<string, unknown>;
  readonly digest: string;
}

/** Something that is stored as a manifest with one blob. */
function attached(
  content: string,
  type: string,
  more: { readonly subject?: BuiltImage; readonly artifactType?: string; readonly tag?: string },
): Attached {
  const body = blob(content);
  const config = blob('{}');
  const manifest = blob({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    ...(more.artifactType && { artifactType: more.artifactType }),
    config: descriptorOf(config, 'application/vnd.oci.empty.v1+json'),
    layers: [descriptorOf(body, type)],
    ...(more.subject && { subject: descriptorOf(more.subject.manifest, mediaTypes.manifest) }),
  });
  const descriptor = { ...descriptorOf(manifest, mediaTypes.manifest), ...(more.tag && { annotations: { [refName]: more.tag } }) };
  return { blobs: [body, config, manifest], descriptor, digest: manifest.digest };
}

/** As cosign stores a signature: an image manifest under a tag made of the digest, with a config of its own. */
function cosigned(image: BuiltImage, kind: 'sig' | 'att' | 'sbom'): Attached {
  const payload = blob(JSON.stringify({ critical: { image: { 'docker-manifest-digest': image.manifest.digest } }, kind }));
  const config = blob({ architecture: '', os: '', rootfs: { type: 'layers', diff_ids: [payload.digest] }, config: {} });
  const manifest = blob({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: descriptorOf(config, mediaTypes.config),
    layers: [
      {
        ...descriptorOf(payload, 'application/vnd.dev.cosign.simplesigning.v1+json'),
        annotations: { 'dev.cosignproject.cosign/signature': 'bm9uZQ==' },
      },
    ],
  });
  const tag = `${image.manifest.digest.replace(':', '-')}.${kind}`;
  return {
    blobs: [payload, config, manifest],
    descriptor: { ...descriptorOf(manifest, mediaTypes.manifest), annotations: { [refName]: tag } },
    digest: manifest.digest,
  };
}

const blobsOf = (image: BuiltImage): Blob[] => [...image.layers.map((layer) => layer.blob), image.config, image.manifest];

describe('what is attached to an image that is cleaned', () => {
  const files = scratch();
  before(function () {
    needs(this, 'tar');
  });

  /** A layout with both images under their tags, and these beside them. */
  function placed(...all: readonly Attached[]): string {
    const manifests = [
      manifestDescriptor(leaky, { [refName]: 'leaky' }),
      manifestDescriptor(harmlessImage, { [refName]: 'other' }),
      ...all.map(({ descriptor }) => descriptor),
    ];
    const folder = files.newFolder();
    writeFolder(
      folder,
      layout({ schemaVersion: 2, mediaType: mediaTypes.index, manifests }, [
        ...blobsOf(leaky),
        ...blobsOf(harmlessImage),
        ...all.flatMap(({ blobs }) => blobs),
      ]),
    );
    return folder;
  }

  /** Digests that index.json names. */
  const namedIn = (folder: string): string[] =>
    (JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as { manifests: { digest: string }[] }).manifests.map(({ digest }) => digest);

  it('signatures, attestations and SBOMs of cosign: those of the cleaned image go, those of the other stay', async () => {
    const gone = (['sig', 'att', 'sbom'] as const).map((kind) => cosigned(leaky, kind));
    const kept = cosigned(harmlessImage, 'sig');
    const source = placed(...gone, kept);
    const to = join(files.newFolder(), 'out');
    const { report } = await clean(source, ['-o', to]);
    assert.deepEqual(
      report.invalidated.map(({ what, digest }) => [what, digest]).toSorted(),
      (['signature', 'attestation', 'SBOM'] as const).map((what, index) => [`${what} of ${leaky.manifest.digest}`, gone[index]!.digest]).toSorted(),
    );
    assert.deepEqual(
      namedIn(to).toSorted(),
      [report.images.find(({ tags }) => tags.includes('leaky'))!.after.manifestDigest, harmlessImage.manifest.digest, kept.digest].toSorted(),
    );
    const whole = digestOfPath(to);
    for (const { digest } of gone) assert.doesNotMatch(readFileSync(join(to, 'index.json'), 'utf8'), new RegExp(hex(digest)));
    const origin = `"dev.unbake.cleaned-from":"${leaky.manifest.digest}"`;
    assert.doesNotMatch(readFileSync(join(to, 'index.json'), 'utf8').replace(origin, ''), new RegExp(hex(leaky.manifest.digest)));
    assert.equal(digestOfPath(to), whole);
    assert.deepEqual(exposedAt(to, values), []);
  });

  it('referrers with a subject, and a referrer of a referrer', async () => {
    const sbom = attached('{"packages": []}', 'application/spdx+json', { subject: leaky, artifactType: 'application/spdx+json' });
    const about = attached('{"packages": []}', 'application/spdx+json', { subject: harmlessImage, artifactType: 'application/spdx+json' });
    const source = placed(sbom, about);
    const to = join(files.newFolder(), 'out');
    const { report } = await clean(source, ['-o', to]);
    assert.deepEqual(report.invalidated, [{ what: `referrer (application/spdx+json) of ${leaky.manifest.digest}`, digest: sbom.digest }]);
    assert.equal(namedIn(to).includes(about.digest), true);
    assert.equal(namedIn(to).includes(sbom.digest), false);
    assert.deepEqual(exposedAt(to, values), []);
  });

  it('an artifact that is about nothing: it goes when it holds a secret, and stays when it does not', async () => {
    const bad = attached(`GITHUB_TOKEN=${inArtifact}\n`, 'text/plain', { artifactType: 'application/x-notes', tag: 'notes' });
    const good = attached('just words\n', 'text/plain', { artifactType: 'application/x-notes', tag: 'words' });
    const to = join(files.newFolder(), 'out');
    const { report } = await clean(placed(bad, good), ['-o', to], { values });
    assert.deepEqual(
      report.invalidated.map(({ digest }) => digest),
      [bad.digest],
    );
    assert.equal(namedIn(to).includes(good.digest), true);
    assert.deepEqual(exposedAt(to, values), []);
  });

  it('an attestation of BuildKit goes with its image, whether it holds the secret or not', async () => {
    for (const [args, reason] of [
      [{}, /is about the image before cleaning/],
      [{ 'build-arg:GITHUB_TOKEN': secrets.argument }, /holds the secret/],
    ] as const) {
      const source = files.file(archive(docker29Archive(leaky, { invocation: { parameters: { args } } })));
      const to = join(files.newFolder(), 'out.tar');
      const { report } = await clean(source, ['-o', to]);
      const { digest } = attestation(leaky, 'https://slsa.dev/provenance/v0.2', { invocation: { parameters: { args } } }).descriptor as {
        digest: string;
      };
      assert.deepEqual(report.invalidated, [{ what: `attestation of ${leaky.manifest.digest}`, digest }]);
      assert.match(report.plan.steps.find(({ kind }) => kind === 'attached')!.reason, reason);
      assert.deepEqual(exposedAt(to, secrets), []);
      assert.deepEqual(await configsAt(to), [report.images[0]!.after.configDigest]);
    }
  });

  it('a secret that stands in the attestation alone: the image stays what it was, byte for byte', async () => {
    const source = files.file(
      archive(docker29Archive(harmlessImage, { invocation: { parameters: { args: { 'build-arg:GITHUB_TOKEN': inArtifact } } } })),
    );
    const to = join(files.newFolder(), 'out.tar');
    const { report } = await clean(source, ['-o', to], { values });
    assert.deepEqual(
      report.plan.steps.map(({ kind, treatment }) => `${kind} ${treatment}`),
      ['attached drop'],
    );
    assert.equal(report.invalidated.length, 1);
    const [image] = report.images;
    assert.deepEqual(
      [image!.before, image!.after],
      [{ manifestDigest: harmlessImage.manifest.digest, configDigest: harmlessImage.config.digest }, image!.before],
    );
    assert.deepEqual(exposedAt(to, values), []);
    assert.equal((await run(['scan', to])).code, 0);
  });

  it('no secret anywhere: everything attached stays, and the result is the same bytes when cleaned again', async () => {
    const signature = cosigned(harmlessImage, 'sig');
    const folder = files.newFolder();
    const manifests = [manifestDescriptor(harmlessImage, { [refName]: 'other' }), signature.descriptor];
    writeFolder(folder, layout({ schemaVersion: 2, mediaType: mediaTypes.index, manifests }, [...blobsOf(harmlessImage), ...signature.blobs]));
    const once = join(files.newFolder(), 'out');
    const { report } = await clean(folder, ['-o', once]);
    assert.deepEqual([report.invalidated, report.plan.steps], [[], []]);
    for (const name of ['index.json', 'blobs']) assert.equal(digestOfPath(join(once, name)), digestOfPath(join(folder, name)), name);
    const twice = join(files.newFolder(), 'out');
    await clean(once, ['-o', twice]);
    assert.equal(digestOfPath(twice), digestOfPath(once));
  });

  it('the text report lists them, for people', async () => {
    const to = join(files.newFolder(), 'out');
    const { stdout } = await run(['clean', placed(cosigned(leaky, 'sig')), '-o', to]);
    assert.match(stdout, /signature of sha256:/);
  });
});
