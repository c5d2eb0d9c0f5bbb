// The logical locations of a run: image, in it layers, in them paths; each told once and referred to by its index.
import type { SarifRunBuilder } from 'node-sarif-builder';
import { type Finding, wholePath } from '../model/finding.ts';
import type { Report } from '../model/report.ts';
import type { Neutralise } from './neutral.ts';
import { wordsForImage } from './wording.ts';

type LogicalLocation = NonNullable<SarifRunBuilder['run']['logicalLocations']>[number];

export interface LogicalLocations {
  /** In the order in which they were first asked for, parents before their children. */
  readonly all: readonly LogicalLocation[];
  /** The innermost location of a finding; readers that know no indices find the whole way in its name. */
  readonly of: (finding: Finding) => LogicalLocation;
}

export function logicalLocations(report: Report, neutral: Neutralise): LogicalLocations {
  const all: LogicalLocation[] = [];
  const indices = new Map<string, number>();

  function indexOf(kind: string, name: string, parent: number | undefined): number {
    const key = `${parent} ${kind} ${name}`;
    const known = indices.get(key);
    if (known !== undefined) return known;
    const above = parent === undefined ? '' : `${all[parent]!.fullyQualifiedName} > `;
    const location: LogicalLocation = { name, kind, fullyQualifiedName: above + name };
    all.push(parent === undefined ? location : { ...location, parentIndex: parent });
    indices.set(key, all.length - 1);
    return all.length - 1;
  }

  function locationOf({ image, layer, place }: Finding): LogicalLocation {
    const info = image === undefined ? undefined : report.images[image];
    let parent = indexOf(info === undefined ? 'archive' : 'image', neutral(info === undefined ? report.reference : wordsForImage(info)), undefined);
    if (layer !== undefined) parent = indexOf('layer', layer.diffId, parent);
    const index = indexOf(place.kind, neutral(nameOf(place)), parent);
    const { name, kind, fullyQualifiedName } = all[index]!;
    return { index, name, kind, fullyQualifiedName };
  }

  return { all, of: locationOf };
}

function nameOf(place: Finding['place']): string {
  switch (place.kind) {
    case 'file':
    case 'header':
      return wholePath(place);
    case 'stray':
      return place.what;
    case 'metadata':
      return place.pointer;
  }
}
