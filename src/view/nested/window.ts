// Reads a few bytes at any place of a blob; what came with them is kept, so that reading on a little further costs nothing.
import type { Blob } from '../../model/blob.ts';

const nothing = Buffer.alloc(0);

export class Window {
  readonly #blob: Blob;
  #bytes: Buffer = nothing;
  #start = 0;

  constructor(blob: Blob) {
    this.#blob = blob;
  }

  get size(): number {
    return this.#blob.size;
  }

  /** The bytes from `start` on: `length` of them, fewer only where the blob ends. They stay as they are. Memory: `length` and one chunk of the blob. */
  async read(start: number, length: number): Promise<Buffer> {
    const end = Math.min(start + length, this.#blob.size);
    if (start < 0 || start >= end) return nothing;
    if (start < this.#start || end > this.#start + this.#bytes.length) await this.#move(start, end);
    return this.#bytes.subarray(start - this.#start, end - this.#start);
  }

  async #move(start: number, end: number): Promise<void> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of this.#blob.open(start)) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= end - start) break;
    }
    const [first] = chunks;
    this.#bytes = chunks.length === 1 ? Buffer.from(first.buffer, first.byteOffset, first.byteLength) : Buffer.concat(chunks);
    this.#start = start;
  }
}
