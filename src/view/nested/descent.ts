// The way down into containers: shows each decoded stream, looks whether it is a container itself, and keeps the bounds. The readers
// of the formats are given from above, so that each can lead to every other.
import type { Blob } from '../../model/blob.ts';
import type { SkipReason } from '../../model/report.ts';
import { Budget, type NestedLimits } from './budget.ts';
import { headLength, type NestedKind, nestedKindOf } from './kind.ts';
import { peeked } from './peek.ts';

/** Steps from an outermost file to a document inside it: printable, and no two documents of a file have the same. */
export type Way = readonly string[];

/** Holds bytes so that they can be read from any place: few in memory, more in a temporary file. Given by the caller, who also frees them. */
export type Hold = (chunks: AsyncIterable<Uint8Array>) => Promise<Blob>;

export interface NestedDocument {
  readonly way: Way;
  readonly bytes: AsyncIterable<Uint8Array>;
}

export interface NestedReading {
  readonly hold: Hold;
  readonly limits: NestedLimits;
  readonly signal?: AbortSignal;
  /** What could not be read, and why; `limit` is the name of one of the NestedLimits, or of the Limits of a tar. */
  readonly skipped: (way: Way, reason: SkipReason, detail: string, limit?: string) => void;
}

/** Shows what a container of one format holds. `way` leads to the container. */
export type Reader = (blob: Blob, way: Way, descent: Descent) => Promise<void>;

export class Descent {
  readonly budget: Budget;
  readonly #readers: Readonly<Record<NestedKind, Reader>>;
  readonly #visit: (document: NestedDocument) => Promise<void>;
  readonly #reading: NestedReading;

  /** `stored`: the size of the outermost file. */
  constructor(
    readers: Readonly<Record<NestedKind, Reader>>,
    stored: number,
    visit: (document: NestedDocument) => Promise<void>,
    reading: NestedReading,
  ) {
    this.#readers = readers;
    this.#visit = visit;
    this.#reading = reading;
    this.budget = new Budget(reading.limits, stored);
  }

  tell(way: Way, reason: SkipReason, detail: string, limit?: string): void {
    this.#reading.skipped(way, reason, detail, limit);
  }

  /** Reads a container that stands here as it is. */
  async inside(way: Way, blob: Blob, kind: NestedKind): Promise<void> {
    this.#reading.signal?.throwIfAborted();
    if (this.budget.reached !== undefined) return;
    const { depth } = this.#reading.limits;
    if (way.length >= depth) {
      this.tell(way, 'limit', `more than ${depth} containers stand in each other: the innermost (${kind}) is not read`, 'depth');
      return;
    }
    await this.#readers[kind](blob, way, this);
  }

  /** Counts one member of a container. False: the limit is reached, which was told, and nothing more is to be read. */
  mayReadMember(way: Way): boolean {
    this.#reading.signal?.throwIfAborted();
    const detail = this.budget.member();
    if (detail !== undefined) this.tell(way, 'limit', detail, this.budget.reached);
    return this.budget.reached === undefined;
  }

  /** Counts decoded bytes. False as above. */
  mayDecode(way: Way, bytes: number): boolean {
    this.#reading.signal?.throwIfAborted();
    const detail = this.budget.decoded(bytes);
    if (detail !== undefined) this.tell(way, 'limit', detail, this.budget.reached);
    return this.budget.reached === undefined;
  }

  /**
   * Shows a decoded stream, and what is in it when it is a container. `standing` are the same bytes as they stand in what encloses them,
   * for who has them: then they are not held once more.
   */
  async document(way: Way, bytes: AsyncIterable<Uint8Array>, standing?: Blob): Promise<void> {
    if (this.budget.reached !== undefined) return;
    const stream = await peeked(this.#metered(way, bytes), headLength);
    const kind = nestedKindOf(stream.head);
    if (kind !== undefined && standing === undefined) return this.kept(way, await this.#reading.hold(stream.bytes));
    try {
      await this.#visit({ way, bytes: withoutReturn(stream.bytes) });
      while (!(await stream.bytes.next()).done);
    } finally {
      await stream.bytes.return();
    }
    if (kind !== undefined && standing !== undefined) await this.inside(way, standing, kind);
  }

  /** Holds a decoded stream that cannot be shown yet. */
  async keep(way: Way, bytes: AsyncIterable<Uint8Array>): Promise<Blob> {
    return this.#reading.hold(this.#metered(way, bytes));
  }

  /** Shows what was kept, and what is in it. */
  async kept(way: Way, blob: Blob): Promise<void> {
    await this.#visit({ way, bytes: blob.open() });
    const { head, bytes } = await peeked(blob.open(), headLength);
    await bytes.return();
    const kind = nestedKindOf(head);
    if (kind !== undefined) await this.inside(way, blob, kind);
  }

  /** Ends where the budget ends. */
  async *#metered(way: Way, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      yield chunk;
      if (!this.mayDecode(way, chunk.length)) return;
    }
  }
}

/** For a visitor that leaves its loop early: the stream stays open, and the rest of it is read. */
function withoutReturn(bytes: AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => ({ next: () => bytes.next() }) };
}
