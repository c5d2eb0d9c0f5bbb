// A compressed stream as a container of one document, and of what stands behind its end.
import { gunzipSync } from 'node:zlib';
import { type Blob, bytesOf } from '../../model/blob.ts';
import { UnbakeError } from '../../model/error.ts';
import { defaultLimits } from '../../model/limits.ts';
import { openCompressed } from '../../tar/decompress.ts';
import { Beside, streamHeaders, tailStep } from './beside.ts';
import type { Descent, Reader } from './descent.ts';
import { headLength, nestedKindOf } from './kind.ts';
import { decodedName, innerPlace, type Place } from './names.ts';
import { rangeOf } from '../../model/blob-parts.ts';
import { Window } from './window.ts';

export type CompressedKind = 'gzip' | 'zstd' | 'xz' | 'bzip2';

/** The step from the stored to the decoded stream. */
export const decodingStep: Readonly<Record<CompressedKind, string>> = { gzip: 'gunzip', zstd: 'unzstd', xz: 'unxz', bzip2: 'bunzip2' };

export interface Decompressing {
  readonly bytes: AsyncGenerator<Uint8Array>;
  /** Where bytes begin that are no part of the stream: known when `bytes` was read to its end. */
  tailStart(): number | undefined;
}

/** Flags of a gzip header for its extra field, name and comment (RFC 1952, section 2.3.1). */
const anyField = 0x1c;

/** Manuals and change logs are small and many: these are decoded in one call. */
const small = { stored: 128 * 1024, decoded: 4 * 2 ** 20 };

/** The bounds of nested containers are kept by who reads the bytes. */
const unbounded = { ...defaultLimits, layerBytes: Infinity, expansionRatio: Infinity };

/** How a stream is decoded. */
export interface Decoding {
  /** Gets fields of headers and skippable frames, which are only valid during the call. */
  readonly beside?: (bytes: Uint8Array) => Promise<void>;
  /** See `Decompressing` in tar/aside.ts. */
  readonly isBorrowing?: true | undefined;
}

/** Decodes a stream of this compression; `damaged` is called when it breaks, behind the last byte that could be had. */
export async function decompressing(
  blob: Blob,
  kind: CompressedKind,
  damaged: (detail: string) => void,
  { beside, isBorrowing }: Decoding = {},
): Promise<Decompressing> {
  const whole = kind === 'gzip' && blob.size <= small.stored ? gunzipped(await bytesOf(blob), beside !== undefined) : undefined;
  if (whole !== undefined) return { bytes: once(whole), tailStart: () => undefined };
  // Thrown out of the decompressor and caught below: it would go on and decode what stands behind the stream, without any bound.
  const tailReached = new UnbakeError('unsupported', 'the compressed stream is over');
  let tail: number | undefined;
  const { bytes } = await openCompressed(
    blob.open(),
    blob,
    {
      async stray(bytes, what, offset) {
        const start = what.startsWith('after the end of') ? offset : Number(/ data after the end of .* at byte (\d+)$/.exec(what)?.[1]);
        // Anything else is a header field or a skippable frame: without `beside` these are read as the plain bytes that they are.
        if (Number.isNaN(start)) return beside?.(bytes);
        tail = start;
        throw tailReached;
      },
      damage: (detail, offset) => damaged(`${detail}; at compressed byte ${offset}`),
      limit: () => undefined,
    },
    unbounded,
    isBorrowing === undefined ? {} : { isBorrowing },
  );
  return { bytes: untilTail(bytes, tailReached), tailStart: () => tail };
}

/** The data, when the stream is intact and all there is; `isBare`: and when there are no fields in its header, and no other member with such. */
function gunzipped(stored: Buffer, isBare: boolean): Buffer | undefined {
  if (isBare && (stored.length < 18 || (stored[3] & anyField) !== 0)) return undefined;
  try {
    const { buffer, engine } = gunzipSync(stored, { info: true, maxOutputLength: small.decoded }) as unknown as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
    if (isBare && stored.readUInt32LE(stored.length - 4) !== buffer.length) return undefined;
    return engine.bytesWritten === stored.length ? buffer : undefined;
  } catch {
    // Decoded once more by the caller, piece by piece.
    return undefined;
  }
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function* untilTail(bytes: AsyncIterable<Uint8Array>, tailReached: UnbakeError): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (thrown) {
    if (thrown !== tailReached) throw thrown;
  }
}

export function compressedReader(kind: CompressedKind): Reader {
  return (blob, place, descent) => readCompressed(blob, kind, place, descent);
}

async function readCompressed(blob: Blob, kind: CompressedKind, place: Place, descent: Descent): Promise<void> {
  const inner = innerPlace(place, decodingStep[kind], decodedName(place.name));
  const damaged = (detail: string) => descent.tell(inner.way, 'damaged', detail);
  if (descent.isApart) return readApart(blob, kind, place, inner, descent, damaged);
  const { bytes, tailStart } = await decompressing(blob, kind, damaged, { isBorrowing: descent.isBorrowing });
  await descent.document(inner, bytes);
  const tail = await containerAt(blob, tailStart());
  if (tail !== undefined) await descent.inside(innerPlace(place, tail.step), tail.blob, tail.kind);
}

async function readApart(
  blob: Blob,
  kind: CompressedKind,
  place: Place,
  inner: Place,
  descent: Descent,
  damaged: (detail: string) => void,
): Promise<void> {
  const beside = new Beside(descent.hold);
  const { bytes, tailStart } = await decompressing(blob, kind, damaged, {
    beside: (stray) => beside.add(stray),
    isBorrowing: descent.isBorrowing,
  });
  await descent.document(inner, bytes);
  await descent.plain(innerPlace(place, streamHeaders), beside.all);
  const start = tailStart();
  if (start === undefined) return;
  const standing = rangeOf(blob, start, blob.size);
  await descent.document(innerPlace(place, tailStep), standing.open(), { standing, isCounted: true });
}

/** What stands behind the end of a stream is plain bytes, unless it is a container itself. */
export async function containerAt(blob: Blob, start: number | undefined) {
  if (start === undefined) return undefined;
  const kind = nestedKindOf(await new Window(blob).read(start, headLength));
  return kind === undefined ? undefined : { kind, blob: rangeOf(blob, start, blob.size), step: tailStep };
}
