// Everything that the parts of a scan tell, gathered for the report: where it was said, and for which image.
import type { Fate } from '../model/finding.ts';
import type { Coverage, Notice, Skipped } from '../model/report.ts';
import type { PlacedSighting } from './assemble.ts';
import type { LayerScan } from './layer-scan.ts';

/** What any part of a scan gives; a part that has none of a kind leaves it out. */
export interface Told {
  readonly sightings?: readonly Pick<PlacedSighting, 'detection' | 'place' | 'decoded' | 'trace'>[];
  readonly skipped?: readonly Skipped[];
  readonly notices?: readonly Notice[];
  readonly entries?: number;
  readonly bytes?: number;
  readonly documents?: number;
  readonly inside?: LayerScan['inside'];
}

export interface Context {
  /** Index of the image, when what is told belongs to one. */
  readonly image?: number;
  /** Put before each place; an empty place becomes this alone. */
  readonly within?: string;
  readonly fate?: Fate;
}

export class Gathering {
  readonly placed: PlacedSighting[] = [];
  readonly skipped: Skipped[] = [];
  readonly notices: Notice[] = [];
  readonly #counts = { entries: 0, bytes: 0, documents: 0, inside: { documents: 0, bytes: 0 } };

  add(told: Told, { image, within = '', fate = { kind: 'visible' } }: Context = {}): void {
    const ofImage = image === undefined ? {} : { image };
    const placeOf = (place: string) => [within, place].filter((part) => part !== '').join(', ');
    // One by one: a spread into push puts every item on the stack, and there may be a hundred thousand.
    for (const sighting of told.sightings ?? []) this.placed.push({ ...sighting, fate, alsoAt: [], ...ofImage });
    for (const item of told.skipped ?? []) this.skipped.push({ ...item, place: placeOf(item.place), ...ofImage });
    for (const item of told.notices ?? []) this.notices.push({ ...item, place: placeOf(item.place) });
    this.#counts.entries += told.entries ?? 0;
    this.#counts.bytes += told.bytes ?? 0;
    this.#counts.documents += told.documents ?? 0;
    this.#counts.inside.documents += told.inside?.documents ?? 0;
    this.#counts.inside.bytes += told.inside?.bytes ?? 0;
  }

  addPlaced(placed: Iterable<PlacedSighting>): void {
    for (const sighting of placed) this.placed.push(sighting);
  }

  coverage(images: number, layers: number): Coverage {
    return { images, layers, ...this.#counts };
  }
}
