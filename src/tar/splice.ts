// Replaces ranges of a stream and lets everything else pass as the very bytes: how an archive is changed without being written anew.
import type { Blob } from '../model/blob.ts';
import { UnbakeError } from '../model/error.ts';

/** A half-open range of the stream and what comes in its place. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  /** Bytes, a blob that is streamed in, or a pure function of the bytes that stand there (only then the range is held in memory). */
  readonly with: Uint8Array | Blob | ((original: Buffer) => Uint8Array);
}

/**
 * The same stream with the edits made. Edits are sorted by start and do not overlap; touching is fine, and two insertions
 * (`start === end`) at one place come in their order. Chunks that no edit touches pass as they are; nothing is read ahead.
 * Memory: one chunk, and the range of a function edit while it is gathered.
 * Throws `damaged` when the stream ends before the last edit does, or a blob is not as long as it says; RangeError for edits out of order.
 */
export async function* spliced(chunks: AsyncIterable<Uint8Array>, edits: readonly Edit[]): AsyncGenerator<Uint8Array> {
  assertInOrder(edits);
  let index = 0;
  let offset = 0;
  let held: Buffer[] = [];
  for await (const chunk of chunks) {
    let at = 0;
    for (; index < edits.length; index++) {
      const edit = edits[index];
      const start = edit.start - offset;
      const end = edit.end - offset;
      if (start > chunk.length) break;
      if (start > at) yield chunk.subarray(at, start);
      at = Math.max(at, start);
      // Copied: the source may use its buffer again before the range is whole.
      if (typeof edit.with === 'function') held.push(Buffer.from(chunk.subarray(at, end)));
      at = Math.min(end, chunk.length);
      if (end > chunk.length) break;
      yield* replacement(edit, held);
      held = [];
    }
    if (at < chunk.length) yield at === 0 ? chunk : chunk.subarray(at);
    offset += chunk.length;
  }
  for (; index < edits.length; index++) {
    if (edits[index].end > offset)
      throw new UnbakeError('damaged', `the stream ends at byte ${offset}, inside what was to be replaced up to byte ${edits[index].end}`, {
        hint: 'it is shorter than when it was read before: fetch or export the image again',
      });
    yield* replacement(edits[index], held);
    held = [];
  }
}

async function* replacement(edit: Edit, held: readonly Buffer[]): AsyncGenerator<Uint8Array> {
  if (typeof edit.with === 'function') {
    const bytes = edit.with(Buffer.concat(held));
    if (bytes.length > 0) yield bytes;
  } else if (edit.with instanceof Uint8Array) {
    if (edit.with.length > 0) yield edit.with;
  } else {
    let given = 0;
    for await (const chunk of edit.with.open()) {
      given += chunk.length;
      yield chunk;
    }
    // The header before the bytes was written for the announced size.
    if (given !== edit.with.size)
      throw new UnbakeError('damaged', `what replaces bytes ${edit.start} to ${edit.end} has ${given} bytes and announced ${edit.with.size}`, {
        hint: 'a temporary file was changed while it was in use: run this again',
      });
  }
}

function assertInOrder(edits: readonly Edit[]): void {
  let end = 0;
  for (const edit of edits) {
    if (!Number.isSafeInteger(edit.start) || !Number.isSafeInteger(edit.end) || edit.start < end || edit.end < edit.start)
      throw new RangeError(`an edit from ${edit.start} to ${edit.end} cannot follow one that ends at ${end}`);
    end = edit.end;
  }
}
