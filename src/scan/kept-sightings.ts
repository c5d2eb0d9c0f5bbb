// The sightings of one document. Windows overlap, so the same secret is seen twice, sometimes cut short: of two sightings of which one
// holds the other only the longer is kept.
import type { Position } from '../model/finding.ts';
import type { Detection } from '../model/rule.ts';

/** A detection with its position in its document. */
export interface Sighting<Origin> {
  readonly origin: Origin;
  readonly detection: Detection;
  readonly position: Position;
  /** How the text was encoded there, outermost first. */
  readonly decoded?: readonly string[];
}

/** What a report tells of a sighting beside its place. */
export function toldOf<Origin>({ detection, decoded }: Sighting<Origin>): Pick<Sighting<Origin>, 'detection' | 'decoded'> {
  return { detection, ...(decoded === undefined ? {} : { decoded }) };
}

/** Sightings are looked up by the stretches of the document that they touch, so that thousands of them cost no more each. */
const stretch = 1024;

export class KeptSightings<Origin> {
  readonly #kept = new Set<Sighting<Origin>>();
  readonly #byStretch = new Map<number, Sighting<Origin>[]>();

  add(sighting: Sighting<Origin>): void {
    const stretches = stretchesOf(sighting.position);
    for (const near of stretches) {
      for (const other of this.#byStretch.get(near) ?? []) {
        if (!this.#kept.has(other)) continue;
        if (holds(other.position, sighting.position)) return;
        if (holds(sighting.position, other.position)) this.#kept.delete(other);
      }
    }
    this.#kept.add(sighting);
    for (const near of stretches) {
      const there = this.#byStretch.get(near);
      if (there === undefined) this.#byStretch.set(near, [sighting]);
      else there.push(sighting);
    }
  }

  inOrder(): readonly Sighting<Origin>[] {
    return [...this.#kept].sort((a, b) => a.position.offset - b.position.offset);
  }
}

function stretchesOf({ offset, length }: Position): number[] {
  const first = Math.floor(offset / stretch);
  const last = Math.floor((offset + Math.max(0, length - 1)) / stretch);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function holds(outer: Position, inner: Position): boolean {
  return outer.offset <= inner.offset && inner.offset + inner.length <= outer.offset + outer.length;
}
