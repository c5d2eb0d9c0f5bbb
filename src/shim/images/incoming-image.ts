// An image on its way into the store: checked for being whole, its layers as they stand in their archive, and a manifest made for one that
// has none. The same image gives the same manifest, whenever it comes.
import { type Blob, blobOf } from '../../model/blob.ts';
import { createHash } from 'node:crypto';
import { type Digest, digestOf, parseDigest } from '../../model/digest.ts';
import { UnbakeError } from '../../model/error.ts';
import type { Image, Layer, MetadataDocument } from '../../model/image.ts';
import { stringField } from '../../model/json.ts';
import { printable } from '../../model/printable.ts';
import type { Skipped } from '../../model/report.ts';
import { diffIdsOf } from '../../store/history.ts';
import { magicLength, sniffCompression } from '../../tar/compression.ts';
import { manifestMediaTypes } from './image-index.ts';

export interface IncomingImage {
  readonly manifestDigest: Digest;
  readonly mediaType: string;
  /** Of the manifest. */
  readonly size: number;
  /** Manifest, config and layers. */
  readonly blobs: ReadonlyMap<Digest, Blob>;
}

/** Digests of layers that do not have one by their name, by `Layer.key`: images of one archive share layers. */
export type KnownDigests = Map<string, Digest>;

const getAnew = 'get the image anew, or have unbake scan tell what is wrong with it';

/**
 * Reads the layers of an archive that does not name them by their digests, nothing else. Throws UnbakeError `damaged` or `unread` for an
 * image that is not whole.
 */
export async function incomingImage(image: Image, known: KnownDigests, signal?: AbortSignal): Promise<IncomingImage> {
  const [first] = image.skipped;
  if (first !== undefined) throw notWhole(image, first);
  const config = image.documents.find(({ name }) => name === 'config');
  if (config === undefined)
    throw new UnbakeError('damaged', `${printable(image.name)} has no config that can be read`, {
      hint: 'archives of docker before 1.10 are to be loaded and saved with a newer one first',
    });
  const diffIds = diffIdsOf(config.root).map((diffId, index) => parseDigest(diffId, `config.rootfs.diff_ids[${index}] of ${printable(image.name)}`));
  if (diffIds.length !== image.layers.length) {
    const problem = `${printable(image.name)} has ${image.layers.length} layers and its config ${diffIds.length} diff_ids`;
    throw new UnbakeError('damaged', problem, { hint: getAnew });
  }
  const manifest = image.documents.find(({ name }) => name === 'manifest');
  return manifest === undefined || image.manifestDigest === undefined
    ? withNewManifest(image, config, diffIds, known, signal)
    : withOwnManifest(image, image.manifestDigest, manifest, config);
}

function withOwnManifest(image: Image, manifestDigest: Digest, manifest: MetadataDocument, config: MetadataDocument): IncomingImage {
  const blobs = new Map<Digest, Blob>();
  for (const { announced, blob, name } of image.layers) {
    const { digest, size } = announced;
    if (digest === undefined || (size !== undefined && size !== blob.size)) {
      throw new UnbakeError('damaged', `layer ${name} of ${printable(image.name)} has ${blob.size} bytes and should have ${size}`, { hint: getAnew });
    }
    blobs.set(digest, blob);
  }
  blobs.set(image.configDigest ?? config.digest, blobOf(config.bytes)).set(manifestDigest, blobOf(manifest.bytes));
  const mediaType = manifestMediaTypes.find((type) => type === stringField(manifest.root, 'mediaType')) ?? manifestMediaTypes[0];
  return { manifestDigest, mediaType, size: manifest.bytes.length, blobs };
}

/** As docker makes them for archives. */
async function withNewManifest(
  image: Image,
  config: MetadataDocument,
  diffIds: readonly Digest[],
  known: KnownDigests,
  signal: AbortSignal | undefined,
): Promise<IncomingImage> {
  const blobs = new Map<Digest, Blob>([[config.digest, blobOf(config.bytes)]]);
  const layers: unknown[] = [];
  for (const [position, layer] of image.layers.entries()) {
    const digest = known.get(layer.key) ?? (await digestOfBlob(layer.blob, signal));
    known.set(layer.key, digest);
    const compression = await compressionOf(layer);
    if (compression === 'none' && digest !== diffIds[position] && diffIds[position].startsWith('sha256:')) {
      throw new UnbakeError('damaged', `layer ${layer.name} of ${printable(image.name)} is ${digest} and should be ${diffIds[position]}`, {
        hint: getAnew,
      });
    }
    blobs.set(digest, layer.blob);
    const mediaType = `application/vnd.oci.image.layer.v1.tar${compression === 'none' ? '' : `+${compression}`}`;
    layers.push({ mediaType, digest, size: layer.blob.size });
  }
  const [mediaType] = manifestMediaTypes;
  const configDescriptor = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: config.digest, size: config.bytes.length };
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config: configDescriptor, layers }));
  const manifestDigest = digestOf(bytes);
  return { manifestDigest, mediaType, size: bytes.length, blobs: blobs.set(manifestDigest, blobOf(bytes)) };
}

async function digestOfBlob(blob: Blob, signal: AbortSignal | undefined): Promise<Digest> {
  const hash = createHash('sha256');
  for await (const chunk of blob.open()) {
    signal?.throwIfAborted();
    hash.update(chunk);
  }
  return `sha256:${hash.digest('hex')}`;
}

async function compressionOf({ blob }: Layer) {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of blob.open()) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= magicLength) break;
  }
  return sniffCompression(Buffer.concat(chunks));
}

function notWhole({ name, skipped }: Image, { reason, place, detail }: Skipped): UnbakeError {
  const isUnreadable = reason === 'encrypted' || reason === 'unsupported' || reason === 'limit';
  const more = skipped.length === 1 ? '' : ` (and ${skipped.length - 1} more)`;
  return new UnbakeError(isUnreadable ? 'unread' : 'damaged', `${printable(name)} is not whole: ${place}: ${detail}${more}`, {
    hint: reason === 'encrypted' ? 'decrypt it first, with skopeo copy --decryption-key' : getAnew,
  });
}
