// Images of the oldest archives: `repositories` names the top layer of each tag, and each `<id>/json` names its parent. docker no longer
// loads them, but they lie around (docker image spec v1.0).
import type { Image, Layer, MetadataDocument } from '../model/image.ts';
import { arrayField, field, type JsonNode, stringField } from '../model/json.ts';
import type { Limits } from '../model/limits.ts';
import { formatPlatform, platformOf } from '../model/platform.ts';
import { printable } from '../model/printable.ts';
import type { Skipped } from '../model/report.ts';
import type { ArchiveImages } from './docker-archive.ts';
import type { Members } from './members.ts';
import { type Findings, readJson, toSkipped } from './metadata.ts';

export const legacyIndex = 'repositories';

export async function legacyArchiveImages(members: Members, limits: Limits, findings: Findings): Promise<ArchiveImages> {
  const repositories = await readJson((await members.get(legacyIndex))!, legacyIndex, limits, [], findings);
  const tagsByTop = new Map<string, string[]>();
  for (const { key: repository, value } of repositories.root.kind === 'object' ? repositories.root.entries : []) {
    for (const { key: tag, value: id } of value.kind === 'object' ? value.entries : []) {
      if (id.kind === 'string') tagsByTop.set(id.value, [...(tagsByTop.get(id.value) ?? []), `${repository}:${tag}`]);
    }
  }
  const images: Image[] = [];
  for (const [top, tags] of tagsByTop) images.push(await imageOf(top, tags, members, limits, findings));
  return { images, documents: [repositories] };
}

async function imageOf(top: string, tags: readonly string[], members: Members, limits: Limits, findings: Findings): Promise<Image> {
  const skipped: Skipped[] = [];
  const documents: MetadataDocument[] = [];
  const chain: { id: string; json: JsonNode | undefined }[] = [];
  const seen = new Set<string>();
  for (let id: string | undefined = top; id;) {
    if (seen.has(id)) {
      skipped.push({ reason: 'damaged', place: printable(`${id}/json`), detail: 'the layer is its own ancestor' });
      break;
    }
    seen.add(id);
    const document = await documentOf(id, members, limits, findings, skipped);
    if (document !== undefined) documents.push(document);
    const json = document?.root;
    chain.unshift({ id, json });
    id = stringField(json, 'parent');
  }
  const layers: (Layer & { index: number })[] = [];
  for (const [index, { id, json }] of chain.entries()) {
    const name = `${id}/layer.tar`;
    const blob = await members.get(name);
    if (blob === undefined) {
      skipped.push({ reason: 'missing', place: printable(name), detail: 'the layer is not in the archive' });
      continue;
    }
    const createdBy = arrayField(field(json, 'container_config'), 'Cmd', `${id}/json.container_config`)
      .map((word) => (word.kind === 'string' ? word.value : ''))
      .join(' ');
    layers.push({
      index,
      blob,
      key: name,
      name: printable(name),
      mediaType: 'application/vnd.docker.image.rootfs.diff.tar',
      announced: {},
      ...(createdBy === '' ? {} : { createdBy }),
    });
  }
  const platform = platformOf(chain.at(-1)?.json);
  return { name: tags[0], tags, ...(platform === undefined ? {} : { platform: formatPlatform(platform) }), layers, documents, attached: [], skipped };
}

async function documentOf(
  id: string,
  members: Members,
  limits: Limits,
  findings: Findings,
  skipped: Skipped[],
): Promise<MetadataDocument | undefined> {
  const name = `${id}/json`;
  const blob = await members.get(name);
  if (blob === undefined) {
    skipped.push({ reason: 'missing', place: printable(name), detail: 'the description of the layer is not in the archive' });
    return undefined;
  }
  try {
    return await readJson(blob, printable(name), limits, [], findings);
  } catch (thrown) {
    skipped.push(toSkipped(thrown, printable(name)));
    return undefined;
  }
}
