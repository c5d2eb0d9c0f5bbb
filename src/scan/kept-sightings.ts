// The sightings of one document. Windows overlap, so the same secret is seen twice, sometimes cut short: of two sightings of which one
// holds the other only the longer is kept. What is seen in a text and in what that text is decoded to is told once: the graver of the two.
import type { Position } from '../model/finding.ts';
import type { Detection } from '../model/rule.ts';
import { byConfidence, bySeverity } from '../model/severity.ts';

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
  readonly #plain = new Longest<Origin>();
  readonly #decoded = new Longest<Origin>();

  add(sighting: Sighting<Origin>): void {
    (sighting.decoded === undefined ? this.#plain : this.#decoded).add(sighting);
  }

  /** Of equal ones the decoded one: its value is what the secret is. */
  inOrder(): readonly Sighting<Origin>[] {
    const plain = [...this.#plain.kept].filter((each) => !this.#decoded.related(each).some((other) => byGrade(other, each) <= 0));
    const remaining = new Set(plain);
    const decoded = [...this.#decoded.kept].filter((each) => !this.#plain.related(each).some((other) => remaining.has(other)));
    return [...plain, ...decoded].sort((a, b) => a.position.offset - b.position.offset);
  }
}

class Longest<Origin> {
  readonly kept = new Set<Sighting<Origin>>();
  readonly #byStretch = new Map<number, Sighting<Origin>[]>();

  add(sighting: Sighting<Origin>): void {
    for (const other of this.related(sighting)) {
      if (holds(other.position, sighting.position)) return;
      this.kept.delete(other);
    }
    this.kept.add(sighting);
    for (const near of stretchesOf(sighting.position)) {
      const there = this.#byStretch.get(near);
      if (there === undefined) this.#byStretch.set(near, [sighting]);
      else there.push(sighting);
    }
  }

  /** Those that hold it or stand in it; each once for each stretch. */
  related({ position }: Sighting<Origin>): readonly Sighting<Origin>[] {
    return stretchesOf(position).flatMap((near) =>
      (this.#byStretch.get(near) ?? []).filter(
        (other) => this.kept.has(other) && (holds(other.position, position) || holds(position, other.position)),
      ),
    );
  }
}

/** Negative when the first is graver, or surer of it. */
function byGrade(a: Sighting<unknown>, b: Sighting<unknown>): number {
  return bySeverity(a.detection.severity, b.detection.severity) || byConfidence(a.detection.confidence, b.detection.confidence);
}

function stretchesOf({ offset, length }: Position): number[] {
  const first = Math.floor(offset / stretch);
  const last = Math.floor((offset + Math.max(0, length - 1)) / stretch);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function holds(outer: Position, inner: Position): boolean {
  return outer.offset <= inner.offset && inner.offset + inner.length <= outer.offset + outer.length;
}
