// Which layers an image has from its base: those whose diffIds are the base's own, from the bottom up.
import type { Image } from '../model/image.ts';

/**
 * How many of the lowest layers are the base's. `given` is the image of --base; otherwise the base is known only when the annotations
 * name an image of the same store. Undefined: it is not known.
 */
export function inheritedLayers(
  image: Image,
  diffIds: readonly string[],
  given: readonly string[] | undefined,
  neighbours: readonly { readonly image: Image; readonly diffIds: readonly string[] }[],
): number | undefined {
  const base = given ?? neighbours.find((other) => other.image !== image && isNamed(other.image, image.base))?.diffIds;
  if (base === undefined || base.length === 0) return undefined;
  return base.every((diffId, index) => diffId === diffIds[index]) ? base.length : undefined;
}

function isNamed(candidate: Image, base: Image['base']): boolean {
  if (base === undefined) return false;
  if (base.digest !== undefined) return candidate.manifestDigest === base.digest;
  return base.name !== undefined && candidate.tags.includes(base.name);
}
