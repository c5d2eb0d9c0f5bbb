// The objects of a pack that deltas are made from: the last ones are held, and others are put together again from the pack.
import type { Blob } from '../../../model/blob.ts';
import { Window } from '../window.ts';
import { deltaResultSize, withDelta } from './delta.ts';
import type { ObjectType } from './object-head.ts';
import { type PackEntry, packEntryAt } from './pack-entry.ts';
import { zlibBytes } from './zlib-bytes.ts';

export interface PackObject {
  readonly type: ObjectType;
  readonly content: Buffer;
}

/** `unknown`: no object of that name was seen yet; `large`: not to be held in memory; `over`: the budget is spent; `damaged`: it cannot be decoded. */
export type Base = PackObject | 'unknown' | 'large' | 'over' | 'damaged';

/** Larger objects are not held in memory, and so nothing is made of them. */
export const largestObject = 32 * 2 ** 20;
/** git writes an object near those that are made from it. */
const mostHeld = 64 * 2 ** 20;
/** git makes no chain of more than 4,095 deltas; a longer one may be a circle. */
const longestChain = 4096;

export class PackBases {
  readonly #blob: Blob;
  readonly #end: number;
  readonly #window: Window;
  readonly #mayDecode: (bytes: number) => boolean;
  /** By offset; what was not asked for longest goes first. */
  readonly #held = new Map<number, PackObject>();
  #heldBytes = 0;
  /** Offsets of objects by their SHA-1, as latin1. */
  readonly #named = new Map<string, number>();

  /** `end`: where the last object ends. `mayDecode` counts what is decoded once more; false ends it. */
  constructor(blob: Blob, end: number, mayDecode: (bytes: number) => boolean) {
    this.#blob = blob;
    this.#end = end;
    this.#window = new Window(blob);
    this.#mayDecode = mayDecode;
  }

  /** Remembers where an object is. False: there is one of the same name already. */
  name(sha1: string, offset: number): boolean {
    if (this.#named.has(sha1)) return false;
    this.#named.set(sha1, offset);
    return true;
  }

  hold(offset: number, object: PackObject): void {
    if (this.#held.has(offset)) return;
    this.#held.set(offset, object);
    this.#heldBytes += object.content.length;
    for (const [oldest, { content }] of this.#held) {
      if (this.#heldBytes <= mostHeld) return;
      this.#held.delete(oldest);
      this.#heldBytes -= content.length;
    }
  }

  offsetOf(entry: PackEntry): number | undefined {
    if (entry.kind === 'object') return undefined;
    return entry.kind === 'offset-delta' ? entry.base : this.#named.get(entry.base);
  }

  /** The bytes of an object or delta that was decoded before. */
  async decodedAgain(offset: number): Promise<{ readonly entry: PackEntry; readonly bytes: Buffer } | Exclude<Base, PackObject | 'unknown'>> {
    const entry = await packEntryAt(this.#window, offset);
    if (entry === undefined) return 'damaged';
    if (entry.size > largestObject) return 'large';
    const stream = await zlibBytes(this.#blob, this.#window, entry.dataStart, this.#end, entry.size);
    if ('problem' in stream) return 'damaged';
    return this.#mayDecode(entry.size) ? { entry, bytes: stream.bytes } : 'over';
  }

  /** What a delta is made from. */
  async baseOf(entry: PackEntry): Promise<Base> {
    const chain: Buffer[] = [];
    let chainBytes = 0;
    let offset = this.offsetOf(entry);
    const offsets: number[] = [];
    for (;;) {
      if (offset === undefined) return 'unknown';
      const held = this.#heldAt(offset);
      if (held !== undefined) return this.#rebuilt(held, chain, offsets);
      const again = await this.decodedAgain(offset);
      if (typeof again === 'string') return again;
      if (again.entry.kind === 'object') {
        const object = { type: again.entry.type, content: again.bytes };
        this.hold(offset, object);
        return this.#rebuilt(object, chain, offsets);
      }
      chain.push(again.bytes);
      chainBytes += again.bytes.length;
      if (chain.length > longestChain) return 'damaged';
      if (chainBytes > mostHeld) return 'large';
      offsets.push(offset);
      offset = this.offsetOf(again.entry);
    }
  }

  /** Applies the deltas, the last one first, and holds what comes of each. */
  #rebuilt(root: PackObject, chain: readonly Buffer[], offsets: readonly number[]): Base {
    let object = root;
    for (let index = chain.length - 1; index >= 0; index--) {
      const size = deltaResultSize(chain[index]) ?? 0;
      if (size > largestObject) return 'large';
      if (!this.#mayDecode(size)) return 'over';
      const content = withDelta(object.content, chain[index]);
      if (content === undefined) return 'damaged';
      object = { type: object.type, content };
      this.hold(offsets[index], object);
    }
    return object;
  }

  #heldAt(offset: number): PackObject | undefined {
    const object = this.#held.get(offset);
    if (object === undefined) return undefined;
    this.#held.delete(offset);
    this.#held.set(offset, object);
    return object;
  }
}
