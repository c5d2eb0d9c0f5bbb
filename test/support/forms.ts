// Packs assembled images the way each tool writes them: every form is a list of members (a name with bytes, or a link), which
// becomes a tar, a compressed tar or a folder. Tests may change the members in between.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Blob, type BuiltImage, blob, created, descriptorOf, hex, mediaTypes } from './image.ts';
import { directory, file, gnuLongName, hardlink, symlink, tar } from './raw-tar.ts';

export type Member = { readonly name: string } & (
  | { readonly bytes: Buffer }
  | { readonly symlinkTo: string }
  | { readonly hardlinkTo: string }
  | { readonly directory: true }
);

function json(name: string, value: unknown): Member {
  return { name, bytes: Buffer.from(JSON.stringify(value)) };
}

/** One member a name: layers that images share stand in an archive once. */
function distinct(members: readonly Member[]): Member[] {
  return [...new Map(members.map((member) => [member.name, member])).values()];
}

export function archive(members: readonly Member[], options: { readonly prefix?: string } = {}): Buffer {
  const parts = members.flatMap((member) => {
    const name = `${options.prefix ?? ''}${member.name}`;
    const long = name.length > 100 ? [gnuLongName(name)] : [];
    if ('bytes' in member) return [...long, file(name, member.bytes)];
    if ('symlinkTo' in member) return [...long, symlink(name, member.symlinkTo)];
    if ('hardlinkTo' in member) return [...long, hardlink(name, `${options.prefix ?? ''}${member.hardlinkTo}`)];
    return [...long, directory(name)];
  });
  return tar(...parts);
}

/** Writes the members below a folder; links are not written. */
export function writeFolder(path: string, members: readonly Member[]): void {
  for (const member of members) {
    if (!('bytes' in member)) continue;
    const target = join(path, member.name);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, member.bytes);
  }
}

function repositoriesOf(images: readonly BuiltImage[]): Record<string, Record<string, string>> {
  const repositories: Record<string, Record<string, string>> = {};
  for (const image of images) {
    for (const tag of image.plan.tags ?? []) {
      const colon = tag.lastIndexOf(':');
      (repositories[tag.slice(0, colon)] ??= {})[tag.slice(colon + 1)] = layerIdsOf(image).at(-1)!;
    }
  }
  return repositories;
}

/** Identifiers as docker makes them: of the layers up to this one, for the top layer also of the config. Images share the others. */
export function layerIdsOf(image: BuiltImage): string[] {
  let chain = '';
  return image.layers.map((layer, index) => {
    chain = blob(`${chain} ${layer.tar.digest}`).digest;
    return hex(index === image.layers.length - 1 ? blob(`${chain} ${image.config.digest}`).digest : chain);
  });
}

/** `<id>/json` and `<id>/VERSION`; the one of the top layer repeats the whole config. */
function legacyMembers(image: BuiltImage): Member[] {
  const ids = layerIdsOf(image);
  const config = JSON.parse(image.config.bytes.toString()) as Record<string, unknown>;
  return ids.flatMap((id, index) => [
    { name: `${id}/`, directory: true as const },
    { name: `${id}/VERSION`, bytes: Buffer.from('1.0') },
    json(`${id}/json`, {
      id,
      ...(index > 0 && { parent: ids[index - 1] }),
      created,
      container_config: { Cmd: [''] },
      ...(index === ids.length - 1 && { config: config['config'], os: config['os'], architecture: config['architecture'] }),
    }),
  ]);
}

/** `docker save` before version 25. */
export function classicArchive(...images: readonly BuiltImage[]): Member[] {
  const layers = images.flatMap((image) => {
    const ids = layerIdsOf(image);
    return image.layers.map((layer, index) => ({ name: `${ids[index]}/layer.tar`, bytes: layer.blob.bytes }));
  });
  return distinct([
    ...images.flatMap(legacyMembers),
    ...layers,
    ...images.map((image) => ({ name: `${hex(image.config.digest)}.json`, bytes: image.config.bytes })),
    json(
      'manifest.json',
      images.map((image) => ({
        Config: `${hex(image.config.digest)}.json`,
        RepoTags: image.plan.tags ?? null,
        Layers: layerIdsOf(image).map((id) => `${id}/layer.tar`),
      })),
    ),
    json('repositories', repositoriesOf(images)),
  ]);
}

/** skopeo, buildah and podman: layers by diffId, `<id>/layer.tar` are links to them. */
export function skopeoArchive(...images: readonly BuiltImage[]): Member[] {
  return distinct([
    ...images.flatMap((image) => image.layers.map((layer) => ({ name: `${hex(layer.tar.digest)}.tar`, bytes: layer.blob.bytes }))),
    ...images.map((image) => ({ name: `${hex(image.config.digest)}.json`, bytes: image.config.bytes })),
    ...images.flatMap((image) => {
      const ids = layerIdsOf(image);
      return image.layers.map((layer, index) => ({ name: `${ids[index]}/layer.tar`, symlinkTo: `../${hex(layer.tar.digest)}.tar` }));
    }),
    ...images.flatMap(legacyMembers).filter((member) => !('directory' in member)),
    json(
      'manifest.json',
      images.map((image) => ({
        Config: `${hex(image.config.digest)}.json`,
        RepoTags: image.plan.tags ?? [],
        Layers: image.layers.map((layer) => `${hex(layer.tar.digest)}.tar`),
      })),
    ),
    json('repositories', repositoriesOf(images)),
  ]);
}

/** Before docker 1.10: no manifest.json, no config file; layers hang together by `parent`. */
export function legacyArchive(...images: readonly BuiltImage[]): Member[] {
  return classicArchive(...images).filter((member) => member.name !== 'manifest.json' && !/^[0-9a-f]{64}\.json$/.test(member.name));
}

function blobMember(content: Blob): Member {
  return { name: `blobs/${content.digest.replace(':', '/')}`, bytes: content.bytes };
}

export function blobMembers(...blobs: readonly Blob[]): Member[] {
  return distinct(blobs.map(blobMember));
}

const layoutMember = json('oci-layout', { imageLayoutVersion: '1.0.0' });

function blobsOf(image: BuiltImage): Blob[] {
  return [...image.layers.map((layer) => layer.blob), image.config, image.manifest];
}

export function manifestDescriptor(image: BuiltImage, annotations?: Record<string, string>): Record<string, unknown> {
  return {
    ...descriptorOf(image.manifest, mediaTypes.manifest),
    ...(annotations && { annotations }),
    platform: image.platform,
    ...image.plan.descriptor,
  };
}

/** An OCI layout with these members beside those of the blobs: `index` is written as index.json. */
export function layout(index: object, blobs: readonly Blob[]): Member[] {
  return [layoutMember, json('index.json', index), ...blobMembers(...blobs)];
}

function tagged(image: BuiltImage): Record<string, unknown>[] {
  const tags = image.plan.tags ?? [];
  if (tags.length === 0) return [manifestDescriptor(image)];
  return tags.map((tag) => manifestDescriptor(image, { 'org.opencontainers.image.ref.name': tag.slice(tag.lastIndexOf(':') + 1) }));
}

/** One descriptor a tag in index.json, as skopeo and umoci write it. */
export function ociLayout(...images: readonly BuiltImage[]): Member[] {
  return layout({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: images.flatMap(tagged) }, images.flatMap(blobsOf));
}

/** One tag with several platforms: index.json names an index, which names the manifests. `depth` more indexes stand between. */
export function nestedLayout(images: readonly BuiltImage[], tag = 'latest', depth = 1): Member[] {
  const blobs = images.flatMap(blobsOf);
  let manifests: object[] = images.map((image) => manifestDescriptor(image));
  for (let level = 0; level < depth; level++) {
    const index = blob({ schemaVersion: 2, mediaType: mediaTypes.index, manifests });
    blobs.push(index);
    manifests = [descriptorOf(index, mediaTypes.index)];
  }
  const named = manifests.map((descriptor) => ({ ...descriptor, annotations: { 'org.opencontainers.image.ref.name': tag } }));
  return layout({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: named }, blobs);
}

/** `docker save` since version 25: an OCI layout with a manifest.json beside it. */
export function docker25Archive(...images: readonly BuiltImage[]): Member[] {
  return [...ociLayout(...images), json('manifest.json', images.map(manifestEntry)), json('repositories', repositoriesOf(images))];
}

function manifestEntry(image: BuiltImage): object {
  return {
    Config: blobMember(image.config).name,
    RepoTags: image.plan.tags ?? null,
    Layers: image.layers.map((layer) => blobMember(layer.blob).name),
    LayerSources: Object.fromEntries(image.layers.map((layer) => [layer.tar.digest, descriptorOf(layer.blob, layer.mediaType)])),
  };
}

/** An in-toto statement about an image, as BuildKit attaches it: a manifest of its own with the platform `unknown/unknown`. */
export function attestation(image: BuiltImage, predicateType: string, predicate: object): { blobs: Blob[]; descriptor: object } {
  const statement = blob({
    _type: 'https://in-toto.io/Statement/v0.1',
    predicateType,
    subject: [{ name: 'image', digest: { sha256: hex(image.manifest.digest) } }],
    predicate,
  });
  const config = blob({ architecture: 'unknown', os: 'unknown', config: {}, rootfs: { type: 'layers', diff_ids: [statement.digest] } });
  const manifest = blob({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: descriptorOf(config, mediaTypes.config),
    layers: [{ ...descriptorOf(statement, 'application/vnd.in-toto+json'), annotations: { 'in-toto.io/predicate-type': predicateType } }],
  });
  const descriptor = {
    ...descriptorOf(manifest, mediaTypes.manifest),
    annotations: { 'vnd.docker.reference.digest': image.manifest.digest, 'vnd.docker.reference.type': 'attestation-manifest' },
    platform: { os: 'unknown', architecture: 'unknown' },
  };
  return { blobs: [statement, config, manifest], descriptor };
}

/** `docker save` of the containerd store (docker 29): index.json names an index with the image and its attestation. */
export function docker29Archive(image: BuiltImage, predicate: object = {}): Member[] {
  const { blobs, descriptor } = attestation(image, 'https://slsa.dev/provenance/v0.2', predicate);
  const index = blob({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: [manifestDescriptor(image), descriptor] });
  const manifests = (image.plan.tags ?? ['image:latest']).map((tag) => ({
    ...descriptorOf(index, mediaTypes.index),
    annotations: { 'io.containerd.image.name': `docker.io/library/${tag}`, 'org.opencontainers.image.ref.name': tag.slice(tag.lastIndexOf(':') + 1) },
  }));
  return [
    ...layout({ schemaVersion: 2, mediaType: mediaTypes.index, manifests }, [...blobsOf(image), ...blobs, index]),
    json('manifest.json', [manifestEntry(image)]),
  ];
}
