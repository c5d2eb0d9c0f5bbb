// The sightings of one document. Windows overlap, so a rule sees the same secret twice, sometimes cut short: of two sightings of which one
// holds the other only the longer is kept. Where several rules see the same characters, whichever windows they saw them in, the most
// telling one speaks. What is seen in a text and in what that text is decoded to is told once: the graver of the two.
import type { Position } from '../model/finding.ts';
import type { Detection } from '../model/rule.ts';
import { mergeOverlapping } from '../rule/merge.ts';
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
  readonly #isGeneric: (ruleId: string) => boolean;
  readonly #plain = new Longest<Origin>();
  readonly #decoded = new Longest<Origin>();

  /** `isGeneric` tells whether a rule knows values by the names beside them. */
  constructor(isGeneric: (ruleId: string) => boolean) {
    this.#isGeneric = isGeneric;
  }

  add(sighting: Sighting<Origin>): void {
    (sighting.decoded === undefined ? this.#plain : this.#decoded).add(sighting);
  }

  /** Of equal ones the decoded one: its value is what the secret is. */
  inOrder(): readonly Sighting<Origin>[] {
    const allPlain = new Placed(this.#merged(this.#plain));
    const allDecoded = new Placed(this.#merged(this.#decoded));
    const plain = allPlain.all.filter((each) => !allDecoded.related(each).some((other) => byGrade(other, each) <= 0));
    const remaining = new Set(plain);
    const decoded = allDecoded.all.filter((each) => !allPlain.related(each).some((other) => remaining.has(other)));
    return [...plain, ...decoded].sort((a, b) => a.position.offset - b.position.offset);
  }

  #merged({ kept }: Longest<Origin>): readonly Sighting<Origin>[] {
    const ranked = [...kept].map((sighting) => {
      const { offset, length } = sighting.position;
      return { ...sighting, start: offset, end: offset + length, isGeneric: this.#isGeneric(sighting.detection.ruleId) };
    });
    return mergeOverlapping(ranked).map(({ origin, position, ...rest }) => ({ origin, position, ...toldOf({ origin, position, ...rest }) }));
  }
}

/** Of each rule only what no other sighting of it holds. */
class Longest<Origin> {
  readonly #placed = new Placed<Origin>();

  get kept(): Iterable<Sighting<Origin>> {
    return this.#placed.all;
  }

  add(sighting: Sighting<Origin>): void {
    for (const other of this.#placed.related(sighting)) {
      if (other.detection.ruleId !== sighting.detection.ruleId) continue;
      if (holds(other.position, sighting.position)) return;
      this.#placed.delete(other);
    }
    this.#placed.add(sighting);
  }
}

/** Sightings by the places where they stand. */
class Placed<Origin> {
  readonly #kept = new Set<Sighting<Origin>>();
  readonly #byStretch = new Map<number, Sighting<Origin>[]>();

  constructor(sightings: Iterable<Sighting<Origin>> = []) {
    for (const sighting of sightings) this.add(sighting);
  }

  get all(): readonly Sighting<Origin>[] {
    return [...this.#kept];
  }

  add(sighting: Sighting<Origin>): void {
    this.#kept.add(sighting);
    for (const near of stretchesOf(sighting.position)) {
      const there = this.#byStretch.get(near);
      if (there === undefined) this.#byStretch.set(near, [sighting]);
      else there.push(sighting);
    }
  }

  delete(sighting: Sighting<Origin>): void {
    this.#kept.delete(sighting);
  }

  /** Those that hold it or stand in it; each once for each stretch. */
  related({ position }: Sighting<Origin>): readonly Sighting<Origin>[] {
    return stretchesOf(position).flatMap((near) =>
      (this.#byStretch.get(near) ?? []).filter(
        (other) => this.#kept.has(other) && (holds(other.position, position) || holds(position, other.position)),
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
