// Finds keywords in a text that lies in the memory of a WebAssembly module, and counts its lines: assembly/sieve.ts behind an interface
// that checks every bound. The memory is [ tables | hits | text ], and belongs to this Sieve alone.
import { sieve as binary } from './binary/sieve.ts';
import type { SieveKeyword } from './sieve-keyword.ts';
import { type SieveTables, sieveTables } from './sieve-tables.ts';

export type { SieveKeyword } from './sieve-keyword.ts';

interface SieveExports {
  readonly reached: WebAssembly.Global<'i32'>;
  readonly behindLast: WebAssembly.Global<'i32'>;
  place(
    windows: number,
    heads: number,
    buckets: number,
    nodes: number,
    records: number,
    scratch: number,
    hits: number,
    room: number,
    perStart: number,
  ): void;
  placeText(at: number, length: number): void;
  search(from: number, to: number): number;
  newlines(from: number, to: number): number;
  columns(from: number, to: number): number;
  isZero(from: number, to: number): number;
}

const pageSize = 65536;
/** What is read beyond the end of a text. */
const padding = 64;
/** Indices of one register, then the places in a stretch that are looked at more closely. */
const scratchSize = 20 * 1024;
const fewestHits = 32768;
/** A stretch of this many starts has room for all of its hits. */
const shortestStretch = 4096;
const longestText = 2 ** 30;

let compiled: WebAssembly.Module | undefined;
const built = new WeakMap<readonly SieveKeyword[], SieveTables>();

export class Sieve {
  readonly #memory: WebAssembly.Memory;
  readonly #core: SieveExports;
  readonly #hitsAt: number;
  readonly #textAt: number;
  #text: Buffer;

  /** A keyword's index is its id. Tables are built once for the same list. Throws RangeError for a keyword of less than three bytes. */
  constructor(keywords: readonly SieveKeyword[]) {
    let tables = built.get(keywords);
    if (tables === undefined) built.set(keywords, (tables = sieveTables(keywords)));
    const hitRoom = Math.max(fewestHits, shortestStretch * tables.hitsPerStart);
    const parts = [tables.windows, tables.heads, tables.buckets, tables.nodes, tables.records];
    const addresses: number[] = [];
    let end = 0;
    for (const length of [...parts.map((part) => part.byteLength), scratchSize, hitRoom * 8]) {
      addresses.push(end);
      end = Math.ceil((end + length) / padding) * padding;
    }
    this.#hitsAt = addresses.at(-1)!;
    this.#textAt = end + padding;
    this.#memory = new WebAssembly.Memory({ initial: Math.ceil((this.#textAt + padding) / pageSize) });
    for (const [index, { buffer, byteLength }] of parts.entries())
      new Uint8Array(this.#memory.buffer).set(new Uint8Array(buffer, 0, byteLength), addresses[index]);
    compiled ??= new WebAssembly.Module(Buffer.from(binary, 'base64'));
    this.#core = new WebAssembly.Instance(compiled, { env: { memory: this.#memory } }).exports as unknown as SieveExports;
    const [windows, heads, buckets, nodes, records, scratch, hits] = addresses;
    this.#core.place(windows, heads, buckets, nodes, records, scratch, hits, hitRoom, tables.hitsPerStart);
    this.#text = this.#placeText();
  }

  /** The text region, of at least as many bytes as were reserved. A view that is valid until `reserve` gives a longer one. */
  get text(): Buffer {
    return this.#text;
  }

  /** Makes the text region at least this long; what it holds stays. Throws RangeError for more than 1 GiB. */
  reserve(length: number): void {
    if (!(length >= 0 && length <= longestText)) throw new RangeError(`a text of ${length} bytes`);
    if (length <= this.#text.length) return;
    const wanted = Math.ceil((this.#textAt + length + padding) / pageSize);
    this.#memory.grow(wanted - this.#memory.buffer.byteLength / pageSize);
    this.#text = this.#placeText();
  }

  /**
   * All keywords that begin at or behind `from` and end at or before `to`, as pairs of start and id, in the order of starts, then of ids.
   * The view is valid until the next call. Time grows with the text and the hits alone.
   */
  search(from: number, to: number): Uint32Array {
    this.#check(from, to);
    const gathered: Uint32Array[] = [];
    for (let at = from; ; at = this.#core.reached.value) {
      const found = new Uint32Array(this.#memory.buffer, this.#hitsAt, this.#core.search(at, to) * 2);
      if (this.#core.reached.value === to) return gathered.length === 0 ? found : joined([...gathered, found]);
      gathered.push(found.slice());
    }
  }

  /** How many newlines stand from `from` to `to`, and the index behind the last one, 0 when there is none. */
  newlines(from: number, to: number): { readonly count: number; readonly behindLast: number } {
    this.#check(from, to);
    const count = this.#core.newlines(from, to);
    return { count, behindLast: this.#core.behindLast.value };
  }

  /** UTF-16 code units of the UTF-8 text from `from` to `to`, as the columns of `advance` in view/cursor.ts are counted. */
  columns(from: number, to: number): number {
    this.#check(from, to);
    return this.#core.columns(from, to);
  }

  /** True when all bytes from `from` to `to` are NUL. */
  isZero(from: number, to: number): boolean {
    this.#check(from, to);
    return this.#core.isZero(from, to) === 1;
  }

  #placeText(): Buffer {
    const length = Math.min(longestText, this.#memory.buffer.byteLength - this.#textAt - padding);
    this.#core.placeText(this.#textAt, length);
    return Buffer.from(this.#memory.buffer, this.#textAt, length);
  }

  #check(from: number, to: number): void {
    if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to <= this.#text.length))
      throw new RangeError(`from ${from} to ${to} of a text of ${this.#text.length} bytes`);
  }
}

function joined(parts: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
