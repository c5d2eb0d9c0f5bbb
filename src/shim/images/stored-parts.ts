// What the manifest and the config of a stored image say of it.
import { type Digest, parseDigest } from '../../model/digest.ts';
import { UnbakeError } from '../../model/error.ts';
import { arrayField, field, numberField, parseJson, stringField } from '../../model/json.ts';
import { defaultLimits } from '../../model/limits.ts';
import { formatPlatform, platformOf } from '../../model/platform.ts';
import type { StoredImage, StoredLayer } from '../../model/stored-image.ts';
import { diffIdsOf } from '../../store/history.ts';
import type { BlobFolder } from './blob-folder.ts';
import type { IndexedImage } from './image-index.ts';

/** Everything but what only all images together tell. */
export type LoneImage = Omit<StoredImage, 'sharedLayers'>;

/** Reads two small blobs. Throws UnbakeError `damaged` when one of them is not what it should be. */
export async function storedParts(indexed: IndexedImage, blobs: BlobFolder): Promise<LoneImage> {
  const { manifestDigest, names, loadedAt, cleanedFrom } = indexed;
  const where = `manifest ${manifestDigest}`;
  const manifest = parseJson(await blobs.read(manifestDigest, defaultLimits.manifestBytes), where, defaultLimits);
  const configDigest = parseDigest(stringField(field(manifest, 'config'), 'digest'), `${where}.config.digest`);
  const config = parseJson(await blobs.read(configDigest, defaultLimits.manifestBytes), `config ${configDigest}`, defaultLimits);
  const layers = layersOf(arrayField(manifest, 'layers', where), diffIdsOf(config), where);
  const platform = platformOf(config);
  const createdAt = stringField(config, 'created');
  const sizes = new Map(layers.map(({ digest, size }) => [digest, size]));
  return {
    names,
    manifestDigest,
    configDigest,
    ...(platform === undefined ? {} : { platform: formatPlatform(platform) }),
    size: [...sizes.values()].reduce((sum, size) => sum + size, 0),
    layers,
    ...(createdAt === undefined ? {} : { createdAt }),
    loadedAt,
    ...(cleanedFrom === undefined ? {} : { cleanedFrom }),
  };
}

function layersOf(nodes: ReturnType<typeof arrayField>, diffIds: readonly string[], where: string): readonly StoredLayer[] {
  if (nodes.length !== diffIds.length)
    throw new UnbakeError('damaged', `${where} has ${nodes.length} layers and its config ${diffIds.length} diff_ids`);
  return nodes.map((node, index) => {
    const size = numberField(node, 'size');
    if (size === undefined || !Number.isSafeInteger(size) || size < 0)
      throw new UnbakeError('damaged', `${where}.layers[${index}].size is no number of bytes`);
    return {
      digest: parseDigest(stringField(node, 'digest'), `${where}.layers[${index}].digest`),
      diffId: parseDigest(diffIds[index], `config.rootfs.diff_ids[${index}]`),
      size,
      mediaType: stringField(node, 'mediaType') ?? '',
    };
  });
}

/** How many layers of each image another one has too. */
export function withSharing(images: readonly LoneImage[]): readonly StoredImage[] {
  const users = new Map<Digest, number>();
  for (const { layers } of images) for (const digest of new Set(layers.map((layer) => layer.digest))) users.set(digest, (users.get(digest) ?? 0) + 1);
  return images.map((image) => ({ ...image, sharedLayers: image.layers.filter(({ digest }) => users.get(digest)! > 1).length }));
}
