// The state of rewriting one outermost file: which ways are concerned, how to get from a stream to its new form, and why it cannot be.
import type { Blob } from '../../../model/blob.ts';
import { Budget } from '../budget.ts';
import type { NestedReading, Way } from '../descent.ts';
import { headLength, type NestedKind, nestedKindOf } from '../kind.ts';
import { peeked } from '../peek.ts';

export interface NestedRewriting extends NestedReading {
  /**
   * Whether the document of this way, as `readNested` named it, is to be changed. Also asked for the empty way: whether the plain bytes of
   * the outermost file are, names and stored members of its archive among them.
   */
  readonly isTouched: (way: Way) => boolean;
  /** The same for touched documents as `readNested` shows them, before anything in them is changed. Same length out as in. */
  readonly prepare?: (bytes: AsyncIterable<Uint8Array>, way: Way) => AsyncIterable<Uint8Array>;
  /** Same length out as in, at the level of a decoded stream. What it gives depends on the bytes alone. */
  readonly transform: (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
}

/** A container with what is concerned in it rewritten. Whether its own bytes are touched as well is the matter of who asked. */
export type Rewriter = (blob: Blob, way: Way, rework: Rework) => Promise<Blob>;

export class Rework {
  readonly rewriting: NestedRewriting;
  /** The first reason why the file cannot be rewritten: all that is made from then on is thrown away. */
  problem: string | undefined;
  readonly #rewriters: Readonly<Record<NestedKind, Rewriter>>;
  readonly #budget: Budget;
  /** Keys of the ways that lead to a touched document, without its own. */
  readonly #leading = new Set<string>();

  /** `stored`: the size of the outermost file. */
  constructor(rewriters: Readonly<Record<NestedKind, Rewriter>>, rewriting: NestedRewriting, touched: readonly Way[], stored: number) {
    this.rewriting = rewriting;
    this.#budget = new Budget(rewriting.limits, stored);
    this.#rewriters = rewriters;
    for (const way of touched) for (let length = 0; length < way.length; length++) this.#leading.add(keyOf(way.slice(0, length)));
  }

  /** Something further inside is touched. */
  leads(way: Way): boolean {
    return this.#leading.has(keyOf(way));
  }

  isConcerned(way: Way): boolean {
    return this.leads(way) || this.rewriting.isTouched(way);
  }

  cannot(way: Way, why: string): undefined {
    this.problem ??= way.length === 0 ? why : `${way.join(' > ')}: ${why}`;
    return undefined;
  }

  /** Counts bytes that are decoded. False: more than may be. */
  mayDecode(way: Way, bytes: number): boolean {
    this.rewriting.signal?.throwIfAborted();
    const detail = this.#budget.decoded(bytes);
    if (detail !== undefined) this.cannot(way, detail);
    return this.#budget.reached === undefined;
  }

  /** Counts one member. False as above. */
  mayReadMember(way: Way): boolean {
    const detail = this.#budget.member();
    if (detail !== undefined) this.cannot(way, detail);
    return this.#budget.reached === undefined;
  }

  /** A container that stands at `way`, in its new form. */
  async container(blob: Blob, kind: NestedKind, way: Way): Promise<Blob> {
    this.rewriting.signal?.throwIfAborted();
    const isTouched = this.rewriting.isTouched(way);
    const prepared = isTouched && this.rewriting.prepare !== undefined ? await this.hold(this.rewriting.prepare(blob.open(), way)) : blob;
    // The headers of a tar have checksums: its rewriter changes its bytes.
    const result = this.leads(way) || (isTouched && kind === 'tar') ? await this.#rewriters[kind](prepared, way, this) : prepared;
    if (!isTouched || kind === 'tar' || this.problem !== undefined) return result;
    return this.hold(this.rewriting.transform(result.open()));
  }

  /** A decoded stream in its new form. */
  async stream(way: Way, bytes: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
    const { head, bytes: whole } = await peeked(this.#metered(way, bytes), headLength);
    const kind = nestedKindOf(head);
    if (kind !== undefined) return (await this.container(await this.hold(whole), kind, way)).open();
    if (!this.rewriting.isTouched(way)) return whole;
    return this.rewriting.transform(this.rewriting.prepare?.(whole, way) ?? whole);
  }

  hold(bytes: AsyncIterable<Uint8Array>): Promise<Blob> {
    return this.rewriting.hold(bytes);
  }

  /** Ends where the budget ends. */
  async *#metered(way: Way, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      if (!this.mayDecode(way, chunk.length)) return;
      yield chunk;
    }
  }
}

function keyOf(way: Way): string {
  // No step holds a NUL: all are printable.
  return way.join('\0');
}
