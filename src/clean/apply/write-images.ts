// Everything that the cleaned images consist of, put together for whatever form they are written in.
import { type Blob, blobOf } from '../../model/blob.ts';
import { cleanedFromAnnotation } from '../../model/cleaned-from.ts';
import type { Digest } from '../../model/digest.ts';
import { UnbakeError } from '../../model/error.ts';
import type { OpenedStore } from '../../model/image.ts';
import { parseJson } from '../../model/json.ts';
import { editedJson } from '../../model/json-edit.ts';
import type { Limits } from '../../model/limits.ts';
import { printable } from '../../model/printable.ts';
import type { OutputContents } from '../../store/output-contents.ts';
import { type CleanedImage, cleanedFromOf, type DocumentEdits } from './clean-image.ts';
import { cleanLayout } from './clean-layout.ts';
import { fullName, type NewName, nameAnnotations, repositoryTags } from './image-names.ts';

const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
} as const;

export interface WriteRequest {
  readonly images: readonly CleanedImage[];
  /** Digests of manifests that are left out. */
  readonly gone: ReadonlySet<string>;
  readonly editsOf: DocumentEdits;
  readonly name?: NewName;
  readonly isDockerArchive: boolean;
  readonly limits: Limits;
}

/** Throws UnbakeError `usage` when the form cannot hold the images, or a new name is not for one image alone. */
export function outputContents({ layout }: Pick<OpenedStore, 'layout'>, request: WriteRequest): OutputContents {
  const { images, gone, name } = request;
  if (name !== undefined) assertOneName(layout, images, name);
  const byManifest = new Map(
    images.flatMap((cleaned) => (cleaned.image.manifestDigest === undefined ? [] : [[cleaned.image.manifestDigest as string, cleaned] as const])),
  );
  const tree =
    layout === undefined
      ? undefined
      : cleanLayout(layout, { images: byManifest, gone, editsOf: request.editsOf, ...(name === undefined ? {} : { name }) });
  const blobs = new Map<Digest, Blob>(tree?.blobs);
  for (const { config, manifest, layers } of images) {
    blobs.set(config.digest, blobOf(config.bytes)).set(manifest.digest, blobOf(manifest.bytes));
    for (const { digest, blob } of layers) blobs.set(digest, blob);
  }
  return {
    blobs,
    index: withImages(
      tree?.index ?? emptyIndex,
      images.filter(({ image }) => image.manifestDigest === undefined),
      name,
      request.limits,
    ),
    docker: request.isDockerArchive ? dockerImages(images, name) : [],
  };
}

/** Every document that was written for these images, by digest. */
export function documentsOf({ blobs }: OutputContents, images: readonly CleanedImage[], index: Digest): ReadonlySet<Digest> {
  const layers = new Set(images.flatMap((image) => image.layers.map(({ digest }) => digest)));
  return new Set([index, ...[...blobs.keys()].filter((digest) => !layers.has(digest))]);
}

const emptyIndex = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: [] }));

/** The index with a descriptor for each name of images that no index knew. */
function withImages(index: Buffer, images: readonly CleanedImage[], name: NewName | undefined, limits: Limits): Buffer {
  const descriptors = images.flatMap((cleaned) => {
    const { image, manifest } = cleaned;
    const descriptor = { mediaType: mediaTypes.manifest, digest: manifest.digest, size: manifest.bytes.length, ...platformOf(image.platform) };
    const names: readonly NewName[] = name === undefined ? image.tags.map((tag) => ({ kind: 'full', name: tag })) : [name];
    const digest = cleanedFromOf(cleaned);
    const origin = digest === undefined ? {} : { [cleanedFromAnnotation]: digest };
    const annotations = names.length === 0 ? [origin] : names.map((each) => ({ ...nameAnnotations(each), ...origin }));
    return annotations.map((each) => ({ ...descriptor, ...(Object.keys(each).length === 0 ? {} : { annotations: each }) }));
  });
  if (descriptors.length === 0) return index;
  const root = parseJson(index, 'index.json', limits);
  const manifests = root.kind === 'object' ? root.entries.find(({ key }) => key === 'manifests')?.value : undefined;
  if (manifests?.kind !== 'array') throw new UnbakeError('damaged', 'index.json has no list of manifests');
  const end = manifests.items.at(-1)?.span.end ?? manifests.span.start + 1;
  const text = `${manifests.items.length > 0 ? ',' : ''}${descriptors.map((descriptor) => JSON.stringify(descriptor)).join(',')}`;
  return editedJson(index, [{ span: { start: end, end }, text }]);
}

function platformOf(platform: string | undefined): { platform?: { os: string; architecture: string; variant?: string } } {
  const [os, architecture, variant] = platform?.split('/') ?? [];
  if (os === undefined || architecture === undefined) return {};
  return { platform: { os, architecture, ...(variant === undefined ? {} : { variant }) } };
}

/** Docker cannot hold one name for several platforms. */
function dockerImages(images: readonly CleanedImage[], name: NewName | undefined): OutputContents['docker'] {
  const taken = new Map<string, string>();
  return images.map(({ image, config, layers }) => {
    const tags = name === undefined ? repositoryTags(image.tags) : repositoryTags([fullName(name)]);
    for (const tag of tags) {
      if (taken.has(tag)) {
        throw new UnbakeError(
          'usage',
          `a docker-archive cannot hold ${printable(tag)} for several platforms (${taken.get(tag)} and ${image.platform ?? 'unknown'})`,
          {
            hint: 'choose one with --platform, or write an OCI layout or archive: oci:DIR, oci-archive:FILE',
          },
        );
      }
      taken.set(tag, image.platform ?? 'unknown');
    }
    return { config: config.digest, tags, layers: layers.map(({ digest }) => digest) };
  });
}

function assertOneName(layout: OpenedStore['layout'], images: readonly CleanedImage[], { name }: NewName): void {
  const fromLayout = new Set((layout?.links ?? []).map(({ target }) => target)).size;
  const others = images.filter(({ image }) => image.manifestDigest === undefined).length;
  if (images.length === 1 || fromLayout + others === 1) return;
  throw new UnbakeError('usage', `there are ${images.length} images, and ${printable(name)} can name only one`, {
    hint: 'choose one: docker-archive:PATH:TAG, oci:PATH:TAG',
  });
}
