// What a file of a known format or a zip behind a program holds as plain bytes is seen twice: in the bytes of the file and in what is inside
// of it. The innermost place is told.
import type { LayerOrigin, LayerSighting } from './layer-scan.ts';

/**
 * Leaves out a sighting in a body, or in a document inside of it, when the same value was seen in a document further inside. `fronts`: of
 * bodies that hold an archive behind something else, by the index of the entry, where the archive begins; there the place decides.
 */
export function withoutOuterCopies(sightings: readonly LayerSighting[], fronts: ReadonlyMap<number, number>): readonly LayerSighting[] {
  const nested = sightings.filter(({ origin }) => origin.kind === 'nested');
  if (nested.length === 0 && fronts.size === 0) return sightings;
  const further = new Set<string>();
  for (const { origin, detection } of nested) {
    const way = wayOf(origin)!;
    for (let length = 0; length < way.length; length++) further.add(keyOf(origin, way.slice(0, length), detection.secret.identity));
  }
  return sightings.filter(({ origin, detection, position }) => {
    const front = origin.kind === 'body' ? fronts.get(origin.entry.index) : undefined;
    if (front !== undefined) return position.offset < front;
    const way = wayOf(origin);
    return way === undefined || !further.has(keyOf(origin, way, detection.secret.identity));
  });
}

/** Undefined where nothing is inside. */
function wayOf(origin: LayerOrigin): readonly string[] | undefined {
  return origin.kind === 'body' ? [] : origin.kind === 'nested' ? origin.way : undefined;
}

function keyOf(origin: LayerOrigin, way: readonly string[], identity: string): string {
  return JSON.stringify([origin.kind === 'stray' ? '' : origin.entry.index, way, identity]);
}
