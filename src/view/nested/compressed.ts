// A compressed stream as a container of one document, and of what stands behind its end.
import { gunzipSync } from 'node:zlib';
import { type Blob, bytesOf } from '../../model/blob.ts';
import { UnbakeError } from '../../model/error.ts';
import { defaultLimits } from '../../model/limits.ts';
import { openCompressed } from '../../tar/decompress.ts';
import type { Descent, Reader, Way } from './descent.ts';
import { headLength, nestedKindOf } from './kind.ts';
import { rangeOf } from '../../model/blob-parts.ts';
import { Window } from './window.ts';

export type CompressedKind = 'gzip' | 'zstd' | 'xz' | 'bzip2';

/** The step from the stored to the decoded stream. */
export const decodingStep: Readonly<Record<CompressedKind, string>> = { gzip: 'gunzip', zstd: 'unzstd', xz: 'unxz', bzip2: 'bunzip2' };

/** The step to what stands behind the end of a compressed stream. */
const tailStep = 'behind the end';

export interface Decompressing {
  readonly bytes: AsyncGenerator<Uint8Array>;
  /** Where bytes begin that are no part of the stream: known when `bytes` was read to its end. */
  tailStart(): number | undefined;
}

/** Manuals and change logs are small and many: these are decoded in one call. */
const small = { stored: 128 * 1024, decoded: 4 * 2 ** 20 };

/** The bounds of nested containers are kept by who reads the bytes. */
const unbounded = { ...defaultLimits, layerBytes: Infinity, expansionRatio: Infinity };

/** Decodes a stream of this compression; `damaged` is called when it breaks, behind the last byte that could be had. */
export async function decompressing(blob: Blob, kind: CompressedKind, damaged: (detail: string) => void): Promise<Decompressing> {
  const whole = kind === 'gzip' && blob.size <= small.stored ? gunzipped(await bytesOf(blob)) : undefined;
  if (whole !== undefined) return { bytes: once(whole), tailStart: () => undefined };
  // Thrown out of the decompressor and caught below: it would go on and decode what stands behind the stream, without any bound.
  const tailReached = new UnbakeError('unsupported', 'the compressed stream is over');
  let tail: number | undefined;
  const { bytes } = await openCompressed(
    blob.open(),
    blob,
    {
      async stray(_bytes, what, offset) {
        const start = what.startsWith('after the end of') ? offset : Number(/ data after the end of .* at byte (\d+)$/.exec(what)?.[1]);
        // Anything else is a header field or a skippable frame: these are read as the plain bytes that they are.
        if (Number.isNaN(start)) return;
        tail = start;
        throw tailReached;
      },
      damage: (detail, offset) => damaged(`${detail}; at compressed byte ${offset}`),
      limit: () => undefined,
    },
    unbounded,
  );
  return { bytes: untilTail(bytes, tailReached), tailStart: () => tail };
}

/** The data, when the stream is intact and all there is. */
function gunzipped(stored: Buffer): Buffer | undefined {
  try {
    const { buffer, engine } = gunzipSync(stored, { info: true, maxOutputLength: small.decoded }) as unknown as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
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
  return (blob, way, descent) => readCompressed(blob, kind, way, descent);
}

async function readCompressed(blob: Blob, kind: CompressedKind, way: Way, descent: Descent): Promise<void> {
  const inner = [...way, decodingStep[kind]];
  const { bytes, tailStart } = await decompressing(blob, kind, (detail) => descent.tell(inner, 'damaged', detail));
  await descent.document(inner, bytes);
  const tail = await containerAt(blob, tailStart());
  if (tail !== undefined) await descent.inside([...way, tail.step], tail.blob, tail.kind);
}

/** What stands behind the end of a stream is plain bytes, unless it is a container itself. */
export async function containerAt(blob: Blob, start: number | undefined) {
  if (start === undefined) return undefined;
  const kind = nestedKindOf(await new Window(blob).read(start, headLength));
  return kind === undefined ? undefined : { kind, blob: rangeOf(blob, start, blob.size), step: tailStep };
}
