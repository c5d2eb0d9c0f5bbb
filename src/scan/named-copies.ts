// A file that is known by its name for a secret may hold one whose form a rule knows too: what the form tells is told, and the name is left out.
import type { LayerOrigin, LayerSighting } from './layer-scan.ts';

/** Leaves out what was seen of a whole file where the same value was seen in its text. */
export function withoutNamedCopies(sightings: readonly LayerSighting[]): readonly LayerSighting[] {
  if (!sightings.some(({ detection }) => detection.isWholeFile === true)) return sightings;
  const inText = new Set(sightings.filter(({ detection }) => detection.isWholeFile !== true).map(keyOf));
  return sightings.filter((sighting) => sighting.detection.isWholeFile !== true || !inText.has(keyOf(sighting)));
}

function keyOf({ origin, detection }: { readonly origin: LayerOrigin; readonly detection: LayerSighting['detection'] }): string {
  const entry = origin.kind === 'stray' ? -1 : origin.entry.index;
  return JSON.stringify([origin.kind, entry, origin.kind === 'nested' ? origin.way : [], detection.secret.identity]);
}
