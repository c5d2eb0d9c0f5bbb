// What stands in a container beside what is packed in it: headers, gaps, comments. Shown as one document, behind the members.
import { type Blob, blobOf } from '../../model/blob.ts';
import { joined, rangeOf } from '../../model/blob-parts.ts';
import type { Span } from '../../model/span.ts';
import type { Hold } from './descent.ts';
import { Window } from './window.ts';

/** The steps to it. */
export const archiveHeaders = 'archive headers';
export const streamHeaders = 'stream headers';
export const packageHeaders = 'package headers';
/** The step to what stands behind the end of a stream or archive that knows its end. */
export const tailStep = 'behind the end';
export const inFront = 'in front of the archive';

const inMemory = 1024 * 1024;

/** Collects pieces of a stream that passes by. Memory: a MiB. */
export class Beside {
  readonly #hold: Hold;
  readonly #held: Blob[] = [];
  #pending: Buffer[] = [];
  #length = 0;

  constructor(hold: Hold) {
    this.#hold = hold;
  }

  /** Copies the bytes. */
  async add(bytes: Uint8Array): Promise<void> {
    this.#pending.push(Buffer.from(bytes));
    this.#length += bytes.length;
    // A piece of a byte takes far more than a byte.
    if (this.#pending.length > 4096) this.#pending = [Buffer.concat(this.#pending)];
    if (this.#length <= inMemory) return;
    this.#held.push(await this.#hold(blobOf(Buffer.concat(this.#pending)).open()));
    this.#pending = [];
    this.#length = 0;
  }

  get all(): Blob {
    return joined(...this.#held, blobOf(Buffer.concat(this.#pending)));
  }
}

/** The bytes between `from` and `to` that are in none of the spans, which may come in any order and overlap. */
export async function* outside(blob: Blob, spans: readonly Span[], from = 0, to = blob.size): AsyncGenerator<Uint8Array> {
  const window = new Window(blob);
  let at = from;
  for (const { start, end } of [...spans.toSorted((a, b) => a.start - b.start), { start: to, end: to }]) {
    const gapEnd = Math.min(start, to);
    if (gapEnd - at > inMemory) yield* rangeOf(blob, at, gapEnd).open();
    else if (gapEnd > at) yield await window.read(at, gapEnd - at);
    at = Math.max(at, end);
  }
}
