// Images of a docker-archive: `manifest.json` names a config and layers by their places in the archive
// (Docker Engine API, "Image tarball format"; skopeo and podman write the same with links).
import { isDigest } from '../model/digest.ts';
import { UnbakeError } from '../model/error.ts';
import type { Image, Layer, MetadataDocument } from '../model/image.ts';
import { arrayField, field, type JsonNode, stringField } from '../model/json.ts';
import type { Limits } from '../model/limits.ts';
import { formatPlatform, platformOf } from '../model/platform.ts';
import { printable } from '../model/printable.ts';
import type { Skipped } from '../model/report.ts';
import { baseOf, diffIdsOf, instructionsOf } from './history.ts';
import type { Members } from './members.ts';
import { type Findings, readJson, toSkipped, verifyBlob } from './metadata.ts';

export const dockerManifest = 'manifest.json';

const layerMediaType = 'application/vnd.docker.image.rootfs.diff.tar';

export interface ArchiveImages {
  readonly images: Image[];
  readonly documents: MetadataDocument[];
}

/** Throws UnbakeError when `manifest.json` cannot be read; what is wrong with one image is told in that image. */
export async function dockerArchiveImages(members: Members, limits: Limits, findings: Findings): Promise<ArchiveImages> {
  const manifest = await readJson((await members.get(dockerManifest))!, dockerManifest, limits, [], findings);
  if (manifest.root.kind !== 'array')
    throw new UnbakeError(
      'damaged',
      `${dockerManifest} should be an array of images and is ${manifest.root.kind === 'object' ? 'an object' : `a ${manifest.root.kind}`}`,
    );
  const images: Image[] = [];
  const isOnly = manifest.root.items.length === 1;
  for (const [index, item] of manifest.root.items.entries())
    images.push(await imageOf(item, `${dockerManifest}[${index}]`, isOnly, members, limits, findings));
  return { images, documents: [manifest] };
}

async function imageOf(item: JsonNode, where: string, isOnly: boolean, members: Members, limits: Limits, findings: Findings): Promise<Image> {
  const skipped: Skipped[] = [];
  const documents: MetadataDocument[] = [];
  const tags = arrayField(item, 'RepoTags', where).flatMap((tag) => (tag.kind === 'string' ? [tag.value] : []));
  if (item.kind === 'object') {
    for (const { key } of item.entries) {
      const known = ['Config', 'RepoTags', 'Layers'].find((name) => name.toLowerCase() === key.toLowerCase());
      if (known !== undefined && known !== key)
        findings.notices.push({ place: where, detail: `the key ${JSON.stringify(key)} stands for ${known}: docker and podman take it` });
    }
  }

  const configName = stringField(item, 'Config') ?? '';
  let config: MetadataDocument | undefined;
  const configBlob = await members.get(configName);
  if (configBlob === undefined)
    skipped.push({
      reason: 'missing',
      place: `${where}.Config`,
      detail: `the config ${printable(JSON.stringify(configName))} is not in the archive`,
    });
  else {
    try {
      config = { ...(await readJson(configBlob, printable(configName), limits, ['rootfs', 'history', 'config'], findings)), name: 'config' };
      documents.push(config);
      // docker and skopeo name the config by its digest.
      const hex = /(?:^|\/)([0-9a-f]{64})(?:\.json)?$/.exec(configName)?.[1];
      if (hex !== undefined) await verifyBlob(configBlob, { digest: `sha256:${hex}` }, `${where}.Config`, { skipped });
    } catch (thrown) {
      skipped.push(toSkipped(thrown, `${where}.Config`));
    }
  }

  const names = arrayField(item, 'Layers', where).map((layer) => (layer.kind === 'string' ? layer.value : ''));
  const diffIds = diffIdsOf(config?.root);
  if (config !== undefined && diffIds.length !== names.length) {
    findings.notices.push({ place: where, detail: `it has ${names.length} layers and its config ${diffIds.length} diff_ids` });
  }
  const instructions = instructionsOf(config?.root, names.length);
  const layers: (Layer & { index: number })[] = [];
  for (const [index, name] of names.entries()) {
    const blob = await members.get(name);
    if (blob === undefined) {
      skipped.push({
        reason: 'missing',
        place: `${where}.Layers[${index}]`,
        detail: `the layer ${printable(JSON.stringify(name))} is not in the archive`,
      });
      continue;
    }
    const diffId = diffIds.length === names.length ? diffIds[index] : undefined;
    const createdBy = instructions[index];
    // Where the name is a digest it is one of the stored bytes.
    const hex = /(?:^|\/)blobs\/sha256\/([0-9a-f]{64})$/.exec(name)?.[1];
    layers.push({
      index,
      blob,
      key: hex === undefined ? name : `sha256:${hex}`,
      name: printable(name),
      mediaType: layerMediaType,
      announced: { ...(isDigest(diffId) ? { diffId } : {}), ...(hex === undefined ? {} : { digest: `sha256:${hex}` as const }) },
      ...(createdBy === undefined ? {} : { createdBy }),
    });
  }

  documents.push(...(await legacyDescriptions(names, isOnly, members, limits, findings)));

  const platform = platformOf(config?.root);
  const base = baseOf(field(field(config?.root, 'config'), 'Labels'));
  return {
    name: tags[0] ?? (config === undefined ? where : config.digest),
    tags,
    ...(config === undefined ? {} : { configDigest: config.digest }),
    ...(platform === undefined ? {} : { platform: formatPlatform(platform) }),
    layers,
    documents,
    attached: [],
    ...(base === undefined ? {} : { base }),
    skipped,
  };
}

/** Older archives describe each layer once more, and the top one with the whole config: `<id>/json` beside `<id>/layer.tar`. */
async function legacyDescriptions(
  layers: readonly string[],
  isOnly: boolean,
  members: Members,
  limits: Limits,
  findings: Findings,
): Promise<MetadataDocument[]> {
  const documents: MetadataDocument[] = [];
  for (const name of members.names) {
    const id = /^([0-9a-f]{64})\/json$/.exec(name)?.[1];
    if (id === undefined || !(isOnly || layers.includes(`${id}/layer.tar`))) continue;
    try {
      documents.push({ ...(await readJson((await members.get(name))!, name, limits, [], findings)), name: `${id.slice(0, 12)}/json` });
    } catch (thrown) {
      findings.skipped.push(toSkipped(thrown, name));
    }
  }
  return documents;
}
