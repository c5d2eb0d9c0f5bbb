// A compressed stream as a container of one document, and of what stands behind its end.
import type { Blob } from '../../model/blob.ts';
import { UnbakeError } from '../../model/error.ts';
import { defaultLimits } from '../../model/limits.ts';
import { openCompressed } from '../../tar/decompress.ts';
import { bunzipping } from './bzip2/bzip2.ts';
import type { Descent, Reader, Way } from './descent.ts';
import { headLength, nestedKindOf } from './kind.ts';
import { rangeOf } from './range.ts';
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

/** The bounds of nested containers are kept by who reads the bytes. */
const unbounded = { ...defaultLimits, layerBytes: Infinity, expansionRatio: Infinity };

/** Decodes a stream of this compression; `damaged` is called when it breaks, behind the last byte that could be had. */
export async function decompressing(blob: Blob, kind: CompressedKind, damaged: (detail: string) => void): Promise<Decompressing> {
  if (kind === 'bzip2') return bunzipping(blob, damaged);
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
