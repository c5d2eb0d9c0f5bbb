// An opened image as a container needs it: what its config says, and its layers with the digests of their content.
import { UnbakeError } from '../../model/error.ts';
import type { Image } from '../../model/image.ts';
import { printable } from '../../model/printable.ts';
import type { StartOptions } from './start.ts';
import { parseRunImage } from '../spec/run-image.ts';

/** Throws UnbakeError `damaged` for an image of which a part is missing. */
export function runnableImage({ name, documents, layers, manifestDigest, configDigest, skipped }: Image): StartOptions['image'] {
  const config = documents.find((document) => document.name === 'config');
  const runnable = layers.flatMap(({ blob, name: layerName, announced: { diffId } }) =>
    diffId === undefined ? [] : [{ blob, name: layerName, diffId }],
  );
  if (config === undefined || configDigest === undefined || runnable.length !== layers.length || skipped.length > 0) {
    const what = skipped.length === 0 ? 'its config does not name all of its layers' : skipped.map(({ detail }) => detail).join('; ');
    throw new UnbakeError('damaged', `${printable(name)} is not whole: ${printable(what)}`, { hint: 'save or load it anew' });
  }
  return { config: parseRunImage(config.root), manifestDigest: manifestDigest ?? configDigest, configDigest, layers: runnable };
}
