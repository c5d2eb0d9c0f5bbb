// Where in one layer removed values stand: the sightings of the rules and the hits of the hunt, by the entry that owns the bytes.
import type { Entry } from '../../model/entry.ts';
import type { LayerScan, LayerSighting } from '../../scan/layer-scan.ts';
import { bodyStartOf } from '../../tar/entry-metadata.ts';
import type { Encoding } from '../values/encodings.ts';
import type { KnownInside, LayerHunt, NestedFind } from '../values/hunt-layer.ts';
import type { Marked } from '../values/redact.ts';
import type { RemovedValue } from '../values/removed-value.ts';

/** A sighting of a selected finding, with the value that is removed for it. */
export interface SelectedSighting {
  readonly sighting: LayerSighting;
  readonly value: RemovedValue;
  /** Fingerprint of the finding. */
  readonly finding: string;
}

/** What stands in the body or in the metadata of an entry, or in bytes that no entry owns. */
export interface Target {
  readonly values: Set<RemovedValue>;
  readonly encodings: Set<Encoding>;
  /** Fingerprints of the findings here; none where a value was only found by its search. */
  readonly findings: Map<string, RemovedValue>;
  /** Ranges of the uncompressed archive. */
  readonly marked: Marked[];
}

export interface EntryTarget extends Target {
  readonly entry: Entry;
  readonly nested: NestedFind | undefined;
  /** Why the place of a value in the file cannot be written over, if so. */
  unplaced: string | undefined;
}

export interface LayerTargets {
  /** By the index of the entry. */
  readonly bodies: ReadonlyMap<number, EntryTarget>;
  readonly headers: ReadonlyMap<number, EntryTarget>;
  /** By what the bytes are called. */
  readonly strays: ReadonlyMap<string, Target>;
  /** Beside the compressed stream, by what it is called. */
  readonly beside: ReadonlyMap<string, Target>;
}

const unowned = 'bytes of the archive that no entry owns';

export function layerTargets(scan: LayerScan, selected: readonly SelectedSighting[], hunt: LayerHunt): LayerTargets {
  const owners = new Owners(scan.entries);
  const bodies = new Map<number, EntryTarget>();
  const headers = new Map<number, EntryTarget>();
  const strays = new Map<string, Target>();
  const beside = new Map<string, Target>();
  const ofEntry = (map: Map<number, EntryTarget>, entry: Entry) =>
    getOrSet(map, entry.index, () => ({
      ...emptyTarget(),
      entry,
      nested: map === bodies ? hunt.nested.get(entry.index) : undefined,
      unplaced: undefined,
    }));

  for (const { value, encoding, start, end } of hunt.hits) {
    const entry = owners.of(start);
    if (entry === undefined) {
      mark(getOrSet(strays, unowned, emptyTarget), value, encoding, { start, end, encoding });
    } else if (start < bodyStartOf(entry))
      mark(ofEntry(headers, entry), value, encoding, { start, end: Math.min(end, bodyStartOf(entry)), encoding });
    else if (start < bodyStartOf(entry) + entry.size)
      mark(ofEntry(bodies, entry), value, encoding, { start, end: Math.min(end, bodyStartOf(entry) + entry.size), encoding });
    else mark(getOrSet(strays, unowned, emptyTarget), value, encoding, { start, end, encoding });
  }
  for (const [index, { hits }] of hunt.nested) {
    const target = ofEntry(bodies, scan.entries[index]);
    for (const { value, encoding } of hits) mark(target, value, encoding);
  }
  for (const { what, value, encoding } of hunt.beside) mark(getOrSet(beside, what, emptyTarget), value, encoding);

  for (const { sighting, value, finding } of selected) {
    const { origin, position, decoded } = sighting;
    const markFound = (target: Target, ...ranges: readonly Marked[]) => {
      mark(target, value, encodingOf(decoded), ...ranges);
      target.findings.set(finding, value);
    };
    const whole = origin.kind === 'nested' && origin.isOfWhole === true ? origin.base : undefined;
    const range = (start: number) => ({
      start: whole === undefined ? start + position.offset : start,
      end: whole === undefined ? start + position.offset + position.length : start + (whole.size ?? 0),
      encoding: encodingOf(decoded),
    });
    if (origin.kind === 'stray') {
      if (origin.isBeside) markFound(getOrSet(beside, origin.what, emptyTarget));
      else markFound(getOrSet(strays, unowned, emptyTarget), range(origin.offset));
    } else if (origin.kind === 'header') markFound(ofEntry(headers, origin.entry));
    else {
      const target = ofEntry(bodies, origin.entry);
      const start = plainStart(sighting);
      target.unplaced ??= unplacedIn(target, sighting, value);
      markFound(target, ...(start === undefined || target.unplaced !== undefined ? [] : [range(bodyStartOf(origin.entry) + start)]));
    }
  }
  return { bodies, headers, strays, beside };
}

/** The places in files, and inside of them, that the scan has told, by the index of the entry. */
export function knownInside(selected: readonly SelectedSighting[]): ReadonlyMap<number, readonly KnownInside[]> {
  const known = new Map<number, KnownInside[]>();
  for (const { sighting, value } of selected) {
    const { origin, position, decoded, detection } = sighting;
    if ((origin.kind !== 'nested' && origin.kind !== 'body') || origin.entry.isSparse) continue;
    const base = origin.kind === 'nested' ? origin.base : { way: [], start: 0, size: undefined };
    if (base === undefined) continue;
    const { way, start, size } = base;
    const isWhole = detection.isWholeFile === true || (origin.kind === 'nested' && origin.isOfWhole === true);
    if (isWhole && size === undefined) continue;
    const first = start + (isWhole ? 0 : position.offset);
    const length = isWhole ? size! : position.length;
    getOrSet(known, origin.entry.index, () => []).push({ way, start: first, end: first + length, value, encoding: encodingOf(decoded) });
  }
  return known;
}

/** Where in a body the document begins in which the sighting counts; undefined when that is decoded from it. */
function plainStart({ origin }: LayerSighting): number | undefined {
  if (origin.kind !== 'nested') return 0;
  return origin.base?.way.length === 0 ? origin.base.start : undefined;
}

function unplacedIn({ entry, values, nested }: EntryTarget, { origin, detection }: LayerSighting, value: RemovedValue): string | undefined {
  if (entry.isSparse) return 'a sparse file: the place of the secret in it cannot be told';
  if (detection.isWholeFile === true && origin.kind === 'body') return 'the secret is all that this file is for';
  if (origin.kind !== 'nested' || origin.base?.way.length === 0 || values.has(value) || nested?.hits.some((hit) => hit.value === value) === true)
    return undefined;
  return 'the secret is packed into this file: its place in the stored bytes cannot be told';
}

/** How the place of a decoded sighting is to be written over. */
function encodingOf(decoded: readonly string[] | undefined): Encoding {
  switch (decoded?.[0]) {
    case 'base64':
      return 'base64';
    case 'hex':
      return 'hex';
    case 'percent':
      return 'url';
    case 'backslash':
      return 'escaped';
    default:
      return 'raw';
  }
}

/** Whether anything of the layer is to be changed. */
export function hasTargets({ bodies, headers, strays, beside }: LayerTargets): boolean {
  return bodies.size + headers.size + strays.size + beside.size > 0;
}

function emptyTarget(): Target {
  return { values: new Set(), encodings: new Set(), findings: new Map(), marked: [] };
}

function mark(target: Target, value: RemovedValue, encoding: Encoding, ...ranges: readonly Marked[]): void {
  target.values.add(value);
  target.encodings.add(encoding);
  target.marked.push(...ranges);
}

function getOrSet<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

/** Entries by the bytes that are theirs. In a damaged archive spans may overlap: the later one owns the bytes. */
class Owners {
  readonly #entries: readonly Entry[];

  constructor(entries: readonly Entry[]) {
    this.#entries = entries;
  }

  of(offset: number): Entry | undefined {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#entries[middle].span.start <= offset) low = middle + 1;
      else high = middle;
    }
    const entry = this.#entries[low - 1];
    return entry !== undefined && offset < entry.span.end ? entry : undefined;
  }
}
