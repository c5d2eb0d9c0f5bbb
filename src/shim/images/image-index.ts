// index.json of the store: which images are here, under which names, and what is known of them. There is one descriptor for each name
// (image-spec, annotations.md, "org.opencontainers.image.ref.name"). What other programs put there is kept.
import { type Digest, isDigest } from '../../model/digest.ts';
import { cleanedFromAnnotation, cleanedFromOf } from '../../model/cleaned-from.ts';
import { arrayField, field, type JsonNode, numberField, parseJson, stringField } from '../../model/json.ts';
import { defaultLimits } from '../../model/limits.ts';
import { formatPlatform, platformOf } from '../../model/platform.ts';

export const manifestMediaTypes = ['application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json'] as const;
const indexMediaType = 'application/vnd.oci.image.index.v1+json';
const nameAnnotation = 'org.opencontainers.image.ref.name';
const loadedAtAnnotation = 'dev.unbake.loaded-at';

/** An image as the index tells of it. */
export interface IndexedImage {
  readonly manifestDigest: Digest;
  readonly mediaType: string;
  /** Of the manifest. */
  readonly size: number;
  readonly platform?: string;
  readonly names: readonly string[];
  readonly loadedAt: string;
  readonly cleanedFrom?: Digest;
}

export interface ImageIndex {
  readonly images: readonly IndexedImage[];
  /** Descriptors of others that lead to no single image. */
  readonly others: readonly JsonNode[];
  /** The text that it was read from. */
  readonly bytes: Buffer;
}

/** Throws UnbakeError `damaged` for a text that is no index. Descriptors of one manifest are one image with the names of all. */
export function parseIndex(bytes: Buffer): ImageIndex {
  const root = parseJson(bytes, 'index.json of the image store', defaultLimits);
  const images = new Map<Digest, IndexedImage>();
  const others: JsonNode[] = [];
  for (const node of arrayField(root, 'manifests', 'index.json of the image store')) {
    const image = indexedImage(node);
    if (image === undefined) {
      others.push(node);
      continue;
    }
    const known = images.get(image.manifestDigest);
    const { cleanedFrom } = image;
    images.set(
      image.manifestDigest,
      known === undefined
        ? image
        : { ...(cleanedFrom && { cleanedFrom }), ...known, names: [...known.names, ...image.names.filter((name) => !known.names.includes(name))] },
    );
  }
  return { images: [...images.values()], others, bytes };
}

export function indexText({ images, others, bytes }: ImageIndex): string {
  const manifests = [
    ...others.map(({ span }) => bytes.subarray(span.start, span.end).toString()),
    ...images.flatMap((image) => (image.names.length === 0 ? [undefined] : image.names).map((name) => JSON.stringify(descriptorOf(image, name)))),
  ];
  return `{"schemaVersion":2,"mediaType":"${indexMediaType}","manifests":[${manifests.join(',')}]}`;
}

export const emptyIndex: ImageIndex = { images: [], others: [], bytes: Buffer.alloc(0) };

function descriptorOf({ manifestDigest, mediaType, size, platform, loadedAt, cleanedFrom }: IndexedImage, name: string | undefined): unknown {
  const [os, architecture, variant] = platform?.split('/') ?? [];
  return {
    mediaType,
    digest: manifestDigest,
    size,
    ...(os && architecture ? { platform: { os, architecture, ...(variant === undefined ? {} : { variant }) } } : {}),
    annotations: {
      ...(name === undefined ? {} : { [nameAnnotation]: name }),
      [loadedAtAnnotation]: loadedAt,
      ...(cleanedFrom === undefined ? {} : { [cleanedFromAnnotation]: cleanedFrom }),
    },
  };
}

function indexedImage(node: JsonNode): IndexedImage | undefined {
  const digest = stringField(node, 'digest');
  const mediaType = manifestMediaTypes.find((known) => known === (stringField(node, 'mediaType') ?? manifestMediaTypes[0]));
  const size = numberField(node, 'size');
  if (!isDigest(digest) || mediaType === undefined || size === undefined || !Number.isSafeInteger(size) || size < 0) return undefined;
  const annotations = field(node, 'annotations');
  const name = stringField(annotations, nameAnnotation);
  const platform = platformOf(field(node, 'platform'));
  const cleanedFrom = cleanedFromOf(node);
  return {
    manifestDigest: digest,
    mediaType,
    size,
    ...(platform === undefined ? {} : { platform: formatPlatform(platform) }),
    names: name ? [name] : [],
    loadedAt: timeOf(stringField(annotations, loadedAtAnnotation)),
    ...(cleanedFrom === undefined ? {} : { cleanedFrom }),
  };
}

/** As `Date` writes it; of an image that another program put here it is not known. */
function timeOf(text: string | undefined): string {
  const time = Date.parse(text ?? '');
  return new Date(Number.isNaN(time) ? 0 : time).toISOString();
}
