// One image with its layers exchanged: config and manifest are changed where they name a layer or hold a value, and nowhere else.
import type { Blob } from '../../model/blob.ts';
import { type Digest, digestOf } from '../../model/digest.ts';
import { UnbakeError } from '../../model/error.ts';
import type { Image, MetadataDocument } from '../../model/image.ts';
import { arrayField, field, type JsonNode, stringField } from '../../model/json.ts';
import { editedJson, type JsonEdit, removals, replaced } from '../../model/json-edit.ts';
import { printable } from '../../model/printable.ts';
import type { Compression } from '../../tar/compression.ts';

/** What a layer has become; of one that was not touched, what it always was. */
export interface CleanLayer {
  readonly blob: Blob;
  readonly digest: Digest;
  readonly diffId: Digest;
  readonly compression: Compression;
  readonly isRewritten: boolean;
}

export interface JsonBlob {
  readonly bytes: Buffer;
  readonly digest: Digest;
}

export interface CleanedImage {
  readonly image: Image;
  readonly config: JsonBlob;
  readonly manifest: JsonBlob;
  readonly layers: readonly CleanLayer[];
}

/** What an image that was changed was cleaned from; of one that was not, what it says itself. */
export function cleanedFromOf({ image, config, manifest, layers }: CleanedImage): Digest | undefined {
  const isSame =
    config.digest === image.configDigest &&
    (image.manifestDigest === undefined ? layers.every(({ isRewritten }) => !isRewritten) : manifest.digest === image.manifestDigest);
  return isSame ? image.cleanedFrom : (image.manifestDigest ?? image.configDigest);
}

/** The edits that take values out of a document. */
export type DocumentEdits = (document: MetadataDocument) => readonly JsonEdit[];

const mediaTypes = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
} as const;

/** Speak of the compressed bytes of a layer, file by file: they are not true of a layer that was written anew. */
const tableAnnotations = [
  'containerd.io/snapshot/stargz/toc.digest',
  'io.containers.estargz.uncompressed-size',
  'io.containers.zstd-chunked.manifest-checksum',
  'io.containers.zstd-chunked.manifest-position',
  'io.github.containers.zstd-chunked.manifest-checksum',
  'io.github.containers.zstd-chunked.manifest-position',
  'io.github.containers.zstd-chunked.tarsplit-position',
];

/** Throws UnbakeError `damaged` for an image whose config cannot be had or does not fit its layers. */
export function cleanImage(image: Image, layerOf: (key: string) => CleanLayer, editsOf: DocumentEdits): CleanedImage {
  const config = image.documents.find(({ name }) => name === 'config');
  if (config === undefined)
    throw new UnbakeError('damaged', `${printable(image.name)} has no config that can be read: it cannot be cleaned`, {
      hint: 'archives of docker before 1.10 are to be loaded and saved with a newer one first',
    });
  const layers = image.layers.map(({ key }) => layerOf(key));
  const newConfig = edited(config, [...editsOf(config), ...diffIdEdits(image, config, layers)]);
  const manifest = image.documents.find(({ name }) => name === 'manifest');
  const newManifest =
    manifest === undefined
      ? generatedManifest(newConfig, layers)
      : edited(manifest, [...editsOf(manifest), ...manifestEdits(image, manifest, newConfig, layers)]);
  return { image, config: newConfig, manifest: newManifest, layers };
}

/** The document with the edits; without any it is the same bytes. */
export function edited({ bytes }: MetadataDocument, edits: readonly JsonEdit[]): JsonBlob {
  const result = editedJson(bytes, edits);
  return { bytes: result, digest: digestOf(result) };
}

/** What a descriptor must say now, where it says something else. A copy of the content in it goes with the old digest. */
export function descriptorEdits(
  node: JsonNode,
  { digest, size, mediaType }: { readonly digest: Digest; readonly size: number; readonly mediaType?: string },
): JsonEdit[] {
  if (stringField(node, 'digest') === digest) return [];
  const digestNode = field(node, 'digest');
  const sizeNode = field(node, 'size');
  const typeNode = field(node, 'mediaType');
  return [
    ...(digestNode === undefined ? [] : [replaced(digestNode, digest)]),
    ...(sizeNode === undefined ? [] : [replaced(sizeNode, size)]),
    ...(typeNode === undefined || mediaType === undefined ? [] : [replaced(typeNode, mediaType)]),
    ...removals(node, (index) => node.kind === 'object' && node.entries[index].key.toLowerCase() === 'data'),
  ];
}

function diffIdEdits(image: Image, config: MetadataDocument, layers: readonly CleanLayer[]): JsonEdit[] {
  const ids = arrayField(field(config.root, 'rootfs'), 'diff_ids', 'config.rootfs');
  return image.layers.flatMap(({ index }, position) => {
    const { diffId } = layers[position];
    const node = ids[index];
    if (node === undefined)
      throw new UnbakeError('damaged', `the config of ${printable(image.name)} has no diff_id for layer ${index}: it cannot be cleaned`);
    return node.kind === 'string' && (node.value === diffId || node.value.startsWith('sha512:')) && !layers[position].isRewritten
      ? []
      : [replaced(node, diffId)];
  });
}

function manifestEdits(image: Image, manifest: MetadataDocument, config: JsonBlob, layers: readonly CleanLayer[]): JsonEdit[] {
  const nodes = arrayField(manifest.root, 'layers', 'manifest');
  const configNode = field(manifest.root, 'config');
  return [
    ...(configNode === undefined ? [] : descriptorEdits(configNode, { digest: config.digest, size: config.bytes.length })),
    ...image.layers.flatMap(({ index, mediaType }, position) => {
      const { digest, blob, isRewritten, compression } = layers[position];
      const type = isRewritten ? mediaTypeFor(mediaType, compression) : undefined;
      const annotations = field(nodes[index], 'annotations');
      return [
        ...descriptorEdits(nodes[index], { digest, size: blob.size, ...(type === undefined ? {} : { mediaType: type }) }),
        ...(!isRewritten || annotations?.kind !== 'object'
          ? []
          : removals(annotations, (member) => tableAnnotations.includes(annotations.entries[member].key))),
      ];
    }),
  ];
}

/** The media type for what the layer is compressed with now, when the old one says something else. */
function mediaTypeFor(mediaType: string, compression: Compression): string | undefined {
  const suffix = /[.+](gzip|zstd|xz|bzip2)$/.exec(mediaType);
  if (suffix === null || suffix[1] === compression) return undefined;
  const base = mediaType.slice(0, suffix.index);
  return compression === 'none' ? base : `${base}${suffix[0][0]}${compression}`;
}

/** For an archive that has none, as docker writes them beside its manifest.json. */
function generatedManifest(config: JsonBlob, layers: readonly CleanLayer[]): JsonBlob {
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: { mediaType: mediaTypes.config, digest: config.digest, size: config.bytes.length },
      layers: layers.map(({ blob, digest, compression }) => ({
        mediaType: compression === 'none' ? mediaTypes.layer : `${mediaTypes.layer}+${compression}`,
        digest,
        size: blob.size,
      })),
    }),
  );
  return { bytes, digest: digestOf(bytes) };
}
