// A LayerScan on its way from the thread that made it to the one that reports it.
import type { Entry } from '../../model/entry.ts';
import type { LayerOrigin, LayerScan, LayerSighting } from '../layer-scan.ts';
import { type PackedDetection, packDetection, unpackDetection } from './packed-detections.ts';
import { packEntries, type PackedEntries, unpackEntries } from './packed-entries.ts';

interface PackedSighting extends Omit<LayerSighting, 'origin' | 'detection'> {
  readonly origin: LayerOrigin;
  /** The position of the origin's entry among those of the layer; -1 when it has none. */
  readonly entry: number;
  readonly detection: PackedDetection;
}

export interface PackedScan extends Omit<LayerScan, 'entries' | 'sightings'> {
  readonly entries: PackedEntries;
  readonly sightings: readonly PackedSighting[];
}

/** `moved` are the buffers that may change hands instead of being copied. */
export function packScan({ entries, sightings, ...rest }: LayerScan): { readonly packed: PackedScan; readonly moved: readonly ArrayBuffer[] } {
  const columns = packEntries(entries);
  const packed = sightings.map(({ origin, detection, ...told }): PackedSighting => {
    const index = origin.kind !== 'stray' && entries[origin.entry.index] === origin.entry ? origin.entry.index : -1;
    return { ...told, detection: packDetection(detection), entry: index, origin: index < 0 ? origin : ({ ...origin, entry: undefined } as never) };
  });
  return {
    packed: { ...rest, entries: columns, sightings: packed },
    moved: [columns.numbers.buffer, columns.flags.buffer, columns.lengths.buffer],
  };
}

export function unpackScan({ entries: columns, sightings, ...rest }: PackedScan): LayerScan {
  const entries = unpackEntries(columns);
  return {
    ...rest,
    entries,
    sightings: sightings.map(({ origin, entry, detection, ...told }) => ({
      origin: entry < 0 ? origin : withEntry(origin, entries[entry]!),
      ...told,
      detection: unpackDetection(detection),
    })),
  };
}

function withEntry(origin: LayerOrigin, entry: Entry): LayerOrigin {
  return origin.kind === 'stray' ? origin : { ...origin, entry };
}
