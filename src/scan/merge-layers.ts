// The layers of one image, lowest first, to placed sightings: here, and only here, whiteouts are looked at.
import { printablePath } from '../model/entry.ts';
import type { Fate, Place } from '../model/finding.ts';
import type { Layer } from '../model/image.ts';
import type { PlacedSighting } from './assemble.ts';
import { LayerStack } from './fate.ts';
import { toldOf } from './kept-sightings.ts';
import { insideOf, type LayerScan, type LayerSighting } from './layer-scan.ts';

export interface ScannedLayer {
  readonly layer: Layer & { readonly index: number };
  readonly scan: LayerScan;
}

/** `inherited`: how many of the lowest layers are the base image's, when that is known. */
export function mergeLayers(layers: readonly ScannedLayer[], image: number, inherited: number | undefined): PlacedSighting[] {
  if (layers.every(({ scan }) => scan.sightings.length === 0)) return [];
  const stack = new LayerStack(
    layers.map(({ scan }) => scan.entries),
    layers.map(({ layer }) => layer.createdBy),
  );
  return layers.flatMap(({ layer, scan }, position) => {
    const common = {
      image,
      layer: { index: layer.index, digest: scan.digest, diffId: scan.diffId },
      ...(layer.createdBy === undefined ? {} : { createdBy: layer.createdBy }),
      ...(inherited === undefined ? {} : { inherited: layer.index < inherited }),
    };
    return scan.sightings.map((sighting) => ({
      ...common,
      ...toldOf(sighting),
      trace: { kind: 'layer', key: layer.key, sighting },
      ...placeAndFate(sighting, position, stack, layers),
    }));
  });
}

function placeAndFate(
  { origin, position }: LayerSighting,
  layer: number,
  stack: LayerStack,
  layers: readonly ScannedLayer[],
): { place: Place; fate: Fate; alsoAt: PlacedSighting['alsoAt'] } {
  if (origin.kind === 'stray') {
    return {
      place: { kind: 'stray', what: `${origin.what}, from byte ${origin.offset}`, position },
      fate: { kind: 'unreachable', why: 'no entry of the layer owns these bytes' },
      alsoAt: [],
    };
  }
  const { entry } = origin;
  const place = { layer, entry };
  if (origin.kind === 'header')
    return { place: { kind: 'header', path: printablePath(entry.path), position }, fate: toImage(stack.fateOf(place), layers), alsoAt: [] };
  const names = stack.namesOf(place).map((name) => ({ path: printablePath(name.entry.path), fate: toImage(stack.fateOf(name), layers) }));
  // The secret is as visible as the most visible of its names.
  const main = names.find((name) => name.fate.kind === 'visible') ?? names[0];
  return { place: { kind: 'file', path: main.path, ...insideOf(origin), position }, fate: main.fate, alsoAt: names.filter((name) => name !== main) };
}

/** Positions in the stack are those of the layers that could be had; a report counts all layers of the image. */
function toImage(fate: Fate, layers: readonly ScannedLayer[]): Fate {
  return 'byLayer' in fate ? { ...fate, byLayer: layers[fate.byLayer].layer.index } : fate;
}
