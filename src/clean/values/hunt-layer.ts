// Searches one blob for the removed values: every byte that comes out of its decompression, what stands beside the compressed stream,
// and what is packed into its files. The layer was scanned before, so its entries are known.
import type { Blob } from '../../model/blob.ts';
import { type Entry, printablePath } from '../../model/entry.ts';
import { UnbakeError } from '../../model/error.ts';
import type { Limits } from '../../model/limits.ts';
import type { Notice } from '../../model/report.ts';
import type { Aside } from '../../tar/aside.ts';
import { ByteReader } from '../../tar/byte-reader.ts';
import { openCompressed } from '../../tar/decompress.ts';
import { bodyStartOf } from '../../tar/entry-metadata.ts';
import { headLength, type Hold, type NestedKind, type NestedLimits, type NestedReading, nestedKindOf, readNested } from '../../view/nested/nested.ts';
import { rewriteNested } from '../../view/nested/rewrite.ts';
import { isBinary } from '../../view/text.ts';
import { utf16Mark } from '../../view/wide.ts';
import type { Encoding } from './encodings.ts';
import type { Hunt, ValueHit } from './hunt.ts';
import { filledStream, type Marked, redactedStream } from './redact.ts';
import { taken } from '../../scan/read-bodies.ts';
import type { RemovedValue } from './removed-value.ts';

/** A value inside something that is packed into a file. */
export interface NestedHit {
  /** Names of the containers and documents that lead to it. */
  readonly way: readonly string[];
  readonly value: RemovedValue;
  readonly encoding: Encoding;
}

/** A value whose place in a file the scan has told. */
export interface KnownInside extends Marked {
  /** As `readNested` names the document when members are not shown apart; empty: the plain bytes of the file. */
  readonly way: readonly string[];
  readonly value: RemovedValue;
}

/** What was found inside a file, and that file without it, or why that cannot be had. */
export interface NestedFind {
  readonly hits: readonly NestedHit[];
  readonly rewritten: { readonly blob: Blob } | { readonly cannot: string };
}

/** What a file is, as far as it decides how a secret in it can be removed. */
export type FileNature = 'text' | 'binary' | NestedKind;

export interface LayerHunt {
  /** Offsets are those of the uncompressed bytes; sorted by start. */
  readonly hits: readonly ValueHit[];
  /** Beside the compressed stream: in the fields of its header, in skippable frames, behind its end. */
  readonly beside: readonly { readonly what: string; readonly value: RemovedValue; readonly encoding: Encoding }[];
  /** By the index of the entry. */
  readonly nested: ReadonlyMap<number, NestedFind>;
  /** What an entry is; text when it is not named here. */
  readonly natures: ReadonlyMap<number, FileNature>;
  /** What could not be searched inside of files. */
  readonly notices: readonly Notice[];
}

export interface HuntOptions {
  /** By the index of the entry. */
  readonly known?: ReadonlyMap<number, readonly KnownInside[]>;
  readonly limits: Limits;
  /** For what is kept: rewritten archives. */
  readonly hold: Hold;
  /** For what is looked into and given back at once. */
  readonly scratch: () => { readonly hold: Hold; close(): Promise<void> };
  readonly signal?: AbortSignal;
}

export const nestedLimits: NestedLimits = { depth: 8, bytes: 8 * 2 ** 30, ratio: 2000 };

/** Each takes memory. A layer of one value again and again would take all of it. */
const mostHits = 1_000_000;

export async function huntLayer(blob: Blob, entries: readonly Entry[], hunt: Hunt, options: HuntOptions): Promise<LayerHunt> {
  const hits: ValueHit[] = [];
  const beside: LayerHunt['beside'][number][] = [];
  const nested = new Map<number, NestedFind>();
  const natures = new Map<number, FileNature>();
  const notices: Notice[] = [];

  const aside = asideHunt(hunt, (what, hit) => beside.push({ what, value: hit.value, encoding: hit.encoding }));
  const { bytes } = await openCompressed(blob.open(), blob, aside, options.limits);
  const stream = hunt.stream((hit) => {
    if (hits.push(hit) <= mostHits) return;
    throw new UnbakeError('limit', `a removed value stands at more than ${mostHits} places in one layer: that is no image of any use`, {
      hint: 'leave its finding out with --only or the ignore file, or take the file out with --path',
    });
  });
  const reader = new ByteReader(watched(bytes, stream.write, options.signal));
  for (const entry of entries) {
    if (entry.size === 0) continue;
    if (!(await skipTo(reader, bodyStartOf(entry)))) continue;
    const head = (await reader.peek(Math.min(headLength, entry.size))).subarray(0, Math.min(headLength, entry.size));
    const known = options.known?.get(entry.index) ?? [];
    const hasInner = known.some(({ way }) => way.length > 0);
    // What the scan has looked into without being told by the head is a program with a zip behind it.
    const kind = nestedKindOf(head) ?? (hasInner ? 'zip' : undefined);
    if (kind === undefined) {
      const isWide = utf16Mark(head) !== undefined;
      const hasNul = await passBody(reader, entry.size);
      if (!isWide && (hasNul || isBinary(head))) natures.set(entry.index, 'binary');
      continue;
    }
    natures.set(entry.index, kind);
    if (hunt.isEmpty && !hasInner) continue;
    const scratch = options.scratch();
    try {
      const body = await scratch.hold(taken(reader, entry.size));
      const reading = {
        hold: (chunks: AsyncIterable<Uint8Array>) => scratch.hold(chunks),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      };
      const found = await huntNested(body, kind, hunt, reading, (way, detail) =>
        notices.push({ place: [printablePath(entry.path), ...way].join('!/'), detail: `not searched for copies: ${detail}` }),
      );
      if (found.length === 0 && !hasInner) continue;
      const all = [...found, ...unfound(known, found)];
      nested.set(entry.index, { hits: all, rewritten: await rewritten(body, kind, all, known, hunt, reading, options.hold) });
    } finally {
      await scratch.close();
    }
  }
  await reader.drain();
  return { hits: hits.sort((a, b) => a.start - b.start || b.end - a.end), beside, nested, natures, notices };
}

/** The container with every hit written over, read once more to see that it is. */
async function rewritten(
  body: Blob,
  kind: NestedKind,
  found: readonly NestedHit[],
  known: readonly KnownInside[],
  hunt: Hunt,
  reading: Pick<NestedReading, 'hold' | 'signal'>,
  keep: Hold,
): Promise<NestedFind['rewritten']> {
  const touched = new Set(found.map(({ way }) => keyOf(way)));
  const places = Map.groupBy(known, ({ way }) => keyOf(way));
  const reached = new Set<string>();
  // Some of it may stand in the plain bytes of the file.
  touched.add(keyOf([]));
  const result = await rewriteNested(body, kind, {
    ...reading,
    limits: nestedLimits,
    skipped: () => undefined,
    isTouched: (way) => touched.has(keyOf(way)),
    prepare: (bytes, way) => {
      reached.add(keyOf(way));
      return filledStream(bytes, places.get(keyOf(way)) ?? []);
    },
    transform: (bytes) => redactedStream(bytes, hunt),
  });
  if ('cannot' in result) return result;
  const missed = known.find(({ way }) => !reached.has(keyOf(way)));
  if (missed !== undefined) return { cannot: `the place of the secret in ${missed.way.join('!/')} cannot be written over` };
  const left = await huntNested(result.blob, kind, hunt, reading, () => undefined);
  return left.length === 0 ? { blob: await keep(result.blob.open()) } : { cannot: `the secret would still stand in ${left[0].way.join('!/')}` };
}

function keyOf(way: readonly string[]): string {
  return JSON.stringify(way);
}

/** What the scan has told and the search has not found: each value once for each document. */
function unfound(known: readonly KnownInside[], found: readonly NestedHit[]): readonly NestedHit[] {
  const keyOfHit = ({ way, value }: Pick<NestedHit, 'way' | 'value'>) => `${value.id} ${keyOf(way)}`;
  const there = new Set(found.map(keyOfHit));
  return [...new Map(known.filter((hit) => !there.has(keyOfHit(hit))).map((hit) => [keyOfHit(hit), hit])).values()];
}

/** What a container holds of the values, at any depth. */
async function huntNested(
  body: Blob,
  kind: NestedKind,
  hunt: Hunt,
  reading: Pick<NestedReading, 'hold' | 'signal'>,
  skipped: (way: readonly string[], detail: string) => void,
): Promise<readonly NestedHit[]> {
  const found: NestedHit[] = [];
  const visit = async ({ way, bytes }: { readonly way: readonly string[]; readonly bytes: AsyncIterable<Uint8Array> }) => {
    const stream = hunt.stream(({ value, encoding }) => found.push({ way, value, encoding }));
    for await (const chunk of bytes) stream.write(chunk);
  };
  await readNested(body, kind, visit, {
    ...reading,
    limits: nestedLimits,
    skipped: (way, _reason, detail) => skipped(way, detail),
  });
  return found;
}

function asideHunt(hunt: Hunt, found: (what: string, hit: ValueHit) => void): Aside {
  let open: { readonly what: string; next: number; readonly write: (chunk: Uint8Array) => void } | undefined;
  return {
    stray: async (bytes, what, offset) => {
      if (open?.what !== what || open.next !== offset) open = { what, next: offset, write: hunt.stream((hit) => found(what, hit)).write };
      open.write(bytes);
      open.next = offset + bytes.length;
    },
    // The scan has told both.
    damage: () => undefined,
    limit: () => undefined,
  };
}

async function* watched(chunks: AsyncIterable<Uint8Array>, watch: (chunk: Uint8Array) => void, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    watch(chunk);
    yield chunk;
  }
}

/** False when the stream is over before, or has passed that place already: entries of a damaged archive may overlap. */
async function skipTo(reader: ByteReader, offset: number): Promise<boolean> {
  while (reader.offset < offset) if ((await reader.take(offset - reader.offset)).length === 0) return false;
  return reader.offset === offset;
}

/** Takes a body and tells whether there is a NUL in it. */
async function passBody(reader: ByteReader, size: number): Promise<boolean> {
  let hasNul = false;
  for (let left = size; left > 0;) {
    const bytes = await reader.take(left);
    if (bytes.length === 0) break;
    hasNul ||= bytes.includes(0);
    left -= bytes.length;
  }
  return hasNul;
}
