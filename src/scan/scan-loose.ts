// Blobs that are no layers: attestations, artifacts, what nothing references, pieces of the archive. Each is searched as what its
// bytes say that it is: an archive, JSON, or just bytes.
import { bytesOf } from '../model/blob.ts';
import { digestOf } from '../model/digest.ts';
import { printablePath } from '../model/entry.ts';
import type { Place } from '../model/finding.ts';
import type { LooseBlob } from '../model/image.ts';
import { parseJson } from '../model/json.ts';
import { printable } from '../model/printable.ts';
import type { Notice, Skipped } from '../model/report.ts';
import type { Detection } from '../model/rule.ts';
import { toldOf } from './kept-sightings.ts';
import { insideOf, type LayerScan, type LayerSighting } from './layer-scan.ts';
import { scanFragment, scanLayer, type LayerScanOptions } from './scan-layer.ts';
import { scanMetadata } from './scan-metadata.ts';
import { wholeText } from './stray-text.ts';
import type { Trace } from './trace.ts';

export interface LooseScan {
  readonly sightings: readonly { readonly detection: Detection; readonly place: Place; readonly trace: Trace }[];
  readonly skipped: readonly Skipped[];
  readonly notices: readonly Notice[];
  readonly entries: number;
  readonly bytes: number;
  readonly documents: number;
  readonly inside: LayerScan['inside'];
}

export async function scanLoose({ name, blob, isFragment }: LooseBlob, options: LayerScanOptions): Promise<LooseScan> {
  if (isFragment !== true) {
    const metadata = await asJson(name, blob, options);
    if (metadata !== undefined)
      return { ...metadata, sightings: metadata.sightings.map((sighting) => ({ ...sighting, trace: { kind: 'loose', name } })) };
  }
  const scan = isFragment === true ? await scanFragment(blob, options) : await scanLayer(blob, options);
  return {
    sightings: scan.sightings.map((sighting) => ({ ...toldOf(sighting), place: placeIn(name, sighting), trace: { kind: 'loose', name } })),
    skipped: scan.skipped.map((skipped) => ({ ...skipped, place: `${printable(name)}, ${skipped.place}` })),
    notices: scan.notices.map((notice) => ({ ...notice, place: `${printable(name)}, ${notice.place}` })),
    entries: scan.entries.length,
    bytes: scan.bytes,
    documents: 0,
    inside: scan.inside,
  };
}

async function asJson(name: string, blob: LooseBlob['blob'], { ruleset, limits }: LayerScanOptions): Promise<LooseScan | undefined> {
  if (blob.size > limits.manifestBytes) return undefined;
  const bytes = await bytesOf(blob);
  if (!/^\s*[[{]/.test(bytes.toString('latin1', 0, 64))) return undefined;
  try {
    const root = parseJson(bytes, name, limits);
    return {
      ...(await scanMetadata([{ name, root, bytes, digest: digestOf(bytes) }], ruleset, limits)),
      notices: [],
      entries: 0,
      bytes: bytes.length,
      inside: { documents: 0, bytes: 0 },
    };
  } catch {
    // It only begins like JSON: every byte of it is searched as text instead.
    return undefined;
  }
}

/** Where a sighting in a loose blob stands: a path inside it behind `!`. */
function placeIn(name: string, { origin, position }: LayerSighting): Place {
  const blob = printable(name);
  if (origin.kind === 'stray') return { kind: 'stray', what: origin.what === wholeText ? blob : `${blob}: ${origin.what}`, position };
  const path = `/${blob}!${printablePath(origin.entry.path)}`;
  if (origin.kind === 'header') return { kind: 'header', path, position };
  return { kind: 'file', path, ...insideOf(origin), position };
}
