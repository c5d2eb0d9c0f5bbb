// The images of a set of files, whatever manifests it has: `manifest.json` and `index.json` may stand side by side, docker reads the
// one and containerd the other, so both are read and their differences told.
import { UnbakeError } from '../model/error.ts';
import type { Image, LooseBlob, MetadataDocument, OpenedStore } from '../model/image.ts';
import { matchesPlatform, parsePlatform, type PlatformChoice } from '../model/platform.ts';
import { printable } from '../model/printable.ts';
import { normalizeName, type Reference, type Selection } from '../model/reference.ts';
import type { Limits } from '../model/limits.ts';
import { type ArchiveImages, dockerArchiveImages, dockerManifest } from './docker-archive.ts';
import { legacyArchiveImages, legacyIndex } from './legacy-archive.ts';
import type { Members } from './members.ts';
import { type Findings, toSkipped } from './metadata.ts';
import { ociImages, ociIndex, type OciImages } from './oci-layout.ts';

const layoutMark = 'oci-layout';

export async function gatherImages(
  reference: Reference,
  members: Members,
  { platform, limits }: { readonly platform: PlatformChoice; readonly limits: Limits },
): Promise<OpenedStore> {
  const findings: Findings = { skipped: [], notices: [], loose: [] };
  const problems: UnbakeError[] = [];
  const attempt = async <T>(name: string, read: () => Promise<T>): Promise<T | undefined> => {
    if (!members.has(name)) return undefined;
    try {
      return await read();
    } catch (thrown) {
      findings.skipped.push(toSkipped(thrown, name));
      problems.push(thrown as UnbakeError);
      return undefined;
    }
  };
  await members.get(layoutMark);
  const docker = await attempt(dockerManifest, () => dockerArchiveImages(members, limits, findings));
  const oci = await attempt(ociIndex, () => ociImages(members, limits, findings));
  const legacy =
    docker === undefined && oci === undefined ? await attempt(legacyIndex, () => legacyArchiveImages(members, limits, findings)) : undefined;
  requireTransport(reference, docker, oci, legacy);

  const problem = [docker, oci, legacy].some((found) => found !== undefined) ? undefined : (problems[0] ?? noManifest(reference, members));
  // Without a manifest there are still members to search; a folder must look like a layout, for it may be anybody's home.
  const isSearchable = problems.length > 0 || members.isArchive || members.has(layoutMark);
  if (problem !== undefined && !isSearchable) throw problem;

  const all = mergeImages(docker?.images ?? [], oci?.images ?? [], findings).concat(legacy?.images ?? []);
  const chosen = choose(all, reference, platform);
  const { images, documents, loose } = attach(chosen, all, oci?.attached ?? []);
  loose.push(...findings.loose);
  for await (const blob of members.unused()) loose.push(blob);
  return {
    form: docker !== undefined || legacy !== undefined ? 'docker-archive' : members.isArchive ? 'oci-archive' : 'oci',
    images,
    unchosen: all.length - chosen.length,
    ...(oci === undefined ? {} : { layout: oci.layout }),
    documents: [...(docker?.documents ?? []), ...(oci?.documents ?? []), ...(legacy?.documents ?? []), ...documents],
    loose,
    skipped: [...members.skipped, ...findings.skipped],
    notices: [...members.notices, ...findings.notices],
    ...(all.length === 0 && (oci?.attached.length ?? 0) === 0
      ? { problem: problem ?? problems[0] ?? new UnbakeError('not-an-image', `${printable(reference.typed)} names no image`) }
      : {}),
    close: () => members.close(),
  };
}

function noManifest(reference: Reference, members: Members): UnbakeError {
  const some = members.names.slice(0, 3).map(printable).join(', ');
  return new UnbakeError(
    'not-an-image',
    `${printable(reference.typed)} is no image: it has none of ${dockerManifest}, ${ociIndex} and ${legacyIndex}${some === '' ? '' : `, only ${some}${members.names.length > 3 ? ', ...' : ''}`}`,
    {
      hint: 'unbake reads archives of docker save, podman save, skopeo and buildah, and OCI layouts',
    },
  );
}

function requireTransport(
  reference: Reference,
  docker: ArchiveImages | undefined,
  oci: OciImages | undefined,
  legacy: ArchiveImages | undefined,
): void {
  const [isThere, name] =
    reference.kind === 'docker-archive'
      ? [docker ?? legacy, dockerManifest]
      : reference.kind === 'oci' || reference.kind === 'oci-archive'
        ? [oci, ociIndex]
        : [true, ''];
  if (isThere !== undefined || (docker ?? oci ?? legacy) === undefined) return;
  throw new UnbakeError('not-an-image', `${printable(reference.typed)} has no ${name}`, {
    hint: `leave "${reference.kind}:" out to have the form found by its content`,
  });
}

/** One image that both manifests name is one image with the names of both. */
function mergeImages(docker: readonly Image[], oci: readonly Image[], { notices }: Findings): Image[] {
  if (docker.length === 0 || oci.length === 0) return [...docker, ...oci];
  const merged = [...oci];
  for (const image of docker) {
    const same = merged.findIndex(
      (other) => other.configDigest !== undefined && other.configDigest === image.configDigest && sameLayers(other, image),
    );
    if (same < 0) {
      notices.push({
        place: dockerManifest,
        detail: `${printable(image.name)} is not the same in ${ociIndex}: docker and containerd would load different images, both were scanned`,
      });
      merged.push(image);
    } else {
      const other = merged[same];
      // The names of docker's manifest are the full ones.
      const isTold = (tag: string) => image.tags.some((full) => full.endsWith(`:${tag}`) || normalizeName(full) === normalizeName(tag));
      const tags = [...new Set([...image.tags, ...other.tags.filter((tag) => !isTold(tag))])];
      merged[same] = { ...other, name: image.tags[0] ?? other.name, tags };
    }
  }
  const inDocker = new Set(docker.map((image) => image.configDigest));
  for (const image of oci) {
    if (!inDocker.has(image.configDigest))
      notices.push({
        place: ociIndex,
        detail: `${printable(image.name)}${image.platform === undefined ? '' : ` (${printable(image.platform)})`} is not in ${dockerManifest}: docker would not load it`,
      });
  }
  return merged;
}

function sameLayers(a: Image, b: Image): boolean {
  return a.layers.length === b.layers.length && a.layers.every((layer, index) => layer.key === b.layers[index].key);
}

function choose(all: readonly Image[], reference: Reference, platform: PlatformChoice): readonly Image[] {
  const select = 'select' in reference ? reference.select : undefined;
  const named = select === undefined ? all : all.filter((image, index) => isSelected(image, index, select));
  if (select !== undefined && named.length === 0 && all.length > 0) {
    const names = [...new Set(all.flatMap((image) => image.tags))].map(printable);
    const wanted = 'name' in select ? `no image named ${printable(select.name)}` : `no image @${select.index}`;
    throw new UnbakeError('not-found', `${printable(reference.typed)}: there is ${wanted}`, {
      hint:
        names.length > 0
          ? `it has ${names.join(', ')}`
          : `it has ${all.length} without names: choose one with @0${all.length > 1 ? ` to @${all.length - 1}` : ''}`,
    });
  }
  const matching = named.filter((image) => matchesPlatform(image.platform === undefined ? undefined : platformFrom(image.platform), platform));
  if (matching.length === 0 && named.length > 0) {
    const platforms = [...new Set(named.map((image) => image.platform ?? 'unknown'))].map(printable);
    throw new UnbakeError('no-such-platform', `${printable(reference.typed)} is not there for the platform asked for`, {
      hint: `it is there for ${platforms.join(', ')}`,
    });
  }
  return matching;
}

/** Parsed back leniently: an image may claim any platform. */
function platformFrom(text: string): { os: string; architecture: string; variant?: string } | undefined {
  try {
    const platform = parsePlatform(text);
    return platform === 'all' ? undefined : platform;
  } catch {
    return undefined;
  }
}

function isSelected(image: Image, position: number, select: Selection): boolean {
  if ('index' in select) return position === select.index;
  const { name } = select;
  return (
    image.tags.some((tag) => tag === name || tag.endsWith(`:${name}`) || normalizeName(tag) === normalizeName(name)) ||
    image.manifestDigest === name ||
    image.configDigest === name
  );
}

/** Attestations go with the image they speak of; those of images that were not chosen are left to them. */
function attach(
  chosen: readonly Image[],
  all: readonly Image[],
  attached: OciImages['attached'],
): { images: Image[]; documents: MetadataDocument[]; loose: LooseBlob[] } {
  const documents: MetadataDocument[] = [];
  const loose: LooseBlob[] = [];
  const images = chosen.map((image) => {
    const own = attached.filter(({ subject }) => subject !== undefined && subject === image.manifestDigest);
    return { ...image, documents: [...image.documents, ...own.flatMap((item) => item.documents)], attached: own.flatMap((item) => item.blobs) };
  });
  const known = new Set<string | undefined>(all.map((image) => image.manifestDigest));
  for (const item of attached) {
    if (item.subject !== undefined && known.has(item.subject)) continue;
    documents.push(...item.documents);
    loose.push(...item.blobs);
  }
  return { images, documents, loose };
}
