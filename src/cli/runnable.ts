// A stored image as a container needs it: what its config says, and its layers with the digests of their content.
import { UnbakeError } from '../model/error.ts';
import type { Image } from '../model/image.ts';
import { printable } from '../model/printable.ts';
import type { StoredImage } from '../model/stored-image.ts';
import type { StartOptions } from '../shim/container/start.ts';
import { parseRunImage } from '../shim/spec/run-image.ts';

export function runnableImage(stored: StoredImage, { name, documents, layers }: Image): StartOptions['image'] {
  const config = documents.find((document) => document.name === 'config');
  if (config === undefined || layers.length !== stored.layers.length) {
    throw new UnbakeError('damaged', `${printable(name)} is not whole in the local store`, { hint: 'remove it with unbake rmi -f and load it anew' });
  }
  return {
    config: parseRunImage(config.root),
    manifestDigest: stored.manifestDigest,
    configDigest: stored.configDigest,
    layers: layers.map(({ blob, name: layerName }, index) => ({ blob, name: layerName, diffId: stored.layers[index].diffId })),
  };
}
