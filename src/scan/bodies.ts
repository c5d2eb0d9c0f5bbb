// Bodies of a layer that are more than text: containers, and files of known formats. They are kept while the layer streams by, and looked
// into when they are whole. Whatever else a body is costs a look at its first bytes.
import type { Blob } from '../model/blob.ts';
import { type Entry, pathText } from '../model/entry.ts';
import { Held, type Taking } from '../store/held.ts';
import { endsAsZip, headLength, zipTailLength } from '../view/nested/nested.ts';
import { type Content, contentOf } from './content.ts';

/** A whole body, empty when its content is unreadable; `held` is closed behind the call. */
export type LookInto = (entry: Entry, content: Content, body: Blob, held: Held) => Promise<void>;

interface Kept {
  readonly entry: Entry;
  readonly content: Content;
  readonly held: Held;
  readonly taking: Taking;
  isWhole: boolean;
}

const sparse: Content = {
  kind: 'unreadable',
  reason: 'unsupported',
  detail: 'a sparse file that holds others: it is stored without its holes, and its pieces are not put together',
};
const nothing = Buffer.alloc(0);

export class Bodies {
  readonly #queue: Kept[] = [];
  /** Programs with a zip behind them: told by their last bytes, when the rest has passed. */
  readonly late: Entry[] = [];
  #entry: Entry | undefined;
  #head: Buffer = nothing;
  #tail: Buffer = nothing;
  #isDecided = false;
  #kept: Kept | undefined;

  begin(entry: Entry): void {
    this.#entry = entry;
    this.#head = nothing;
    this.#tail = nothing;
    this.#kept = undefined;
    this.#isDecided = false;
  }

  /** The chunk is copied where it is kept, but for the last of it: see `own`. */
  write(chunk: Uint8Array): void {
    if (this.#kept !== undefined) return this.#kept.taking.write(chunk);
    if (this.#isDecided) {
      this.#seeTail(chunk);
      return;
    }
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#head = this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes]);
    if (this.#head.length >= headLength) this.#decide();
  }

  /** To be called before the chunks that were written last become invalid. */
  own(): void {
    this.#head = Buffer.from(this.#head);
    this.#tail = Buffer.from(this.#tail);
  }

  /** Whether the open body is known to be a container. */
  get isContainer(): boolean {
    return this.#kept?.content.kind === 'container';
  }

  /** Whether it is known what the open body is. */
  get isDecided(): boolean {
    return this.#isDecided;
  }

  /** To be called when nothing more comes of it. */
  decide(): void {
    if (!this.#isDecided) this.#decide();
  }

  end(): void {
    if (this.#entry === undefined) return;
    this.decide();
    if (this.#kept !== undefined) this.#kept.isWhole = true;
    else if (endsAsZip(this.#tail)) this.late.push(this.#entry);
    this.#entry = undefined;
    this.#kept = undefined;
  }

  /** True when bytes wait to be written down or looked into. */
  get isWaiting(): boolean {
    return this.#queue.length > 0;
  }

  /** Looks into the bodies that are whole, in their order. */
  async settle(lookInto: LookInto): Promise<void> {
    while (this.#queue.length > 0) {
      const { entry, content, held, taking, isWhole } = this.#queue[0];
      if (!isWhole) {
        if (taking.isFull) await taking.flush();
        return;
      }
      this.#queue.shift();
      try {
        await lookInto(entry, content, await taking.end(), held);
      } finally {
        await held.close();
      }
    }
  }

  /** Gives back what is kept and will not be looked into. */
  async close(): Promise<void> {
    for (const { held } of this.#queue.splice(0)) await held.close();
  }

  #decide(): void {
    this.#isDecided = true;
    const entry = this.#entry!;
    const told = contentOf(this.#head.subarray(0, headLength), pathText(entry.path));
    const content = told !== undefined && entry.isSparse ? sparse : told;
    if (content === undefined) {
      this.#seeTail(this.#head);
      this.#head = nothing;
      return;
    }
    const held = new Held();
    const kept = { entry, content, held, taking: held.take(), isWhole: content.kind === 'unreadable' };
    this.#queue.push(kept);
    // Of what cannot be read it is enough that it is there.
    if (!kept.isWhole) {
      kept.taking.write(this.#head);
      this.#kept = kept;
    }
    this.#head = nothing;
  }

  #seeTail(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#tail =
      bytes.length >= zipTailLength ? bytes.subarray(bytes.length - zipTailLength) : Buffer.concat([this.#tail, bytes]).subarray(-zipTailLength);
  }
}
