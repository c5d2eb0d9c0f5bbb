// Reads an asynchronous stream of chunks a few bytes at a time, with a look ahead and the way back.

const nothing = Buffer.alloc(0);

export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #pending: Buffer = nothing;
  #ended = false;
  readonly #isLent: boolean;
  /** Offset of the next byte. */
  offset: number;

  /** `isLent`: a chunk is valid only until the next one is asked for. So is then what this gives: until it is asked for more than stands ready. */
  constructor(chunks: AsyncIterable<Uint8Array>, offset = 0, isLent = false) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.offset = offset;
    this.#isLent = isLent;
  }

  /** The next bytes without taking them: at least `count`, fewer only at the end. */
  async peek(count: number): Promise<Buffer> {
    const more: Buffer[] = [];
    let length = this.#pending.length;
    while (length < count && !this.#ended) {
      if (this.#isLent) this.#own(more);
      const { done, value } = await this.#chunks.next();
      if (done) this.#ended = true;
      else if (value.length > 0) {
        more.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
        length += value.length;
      }
    }
    if (more.length > 0) this.#pending = this.#pending.length === 0 && more.length === 1 ? more[0] : Buffer.concat([this.#pending, ...more]);
    return this.#pending;
  }

  /** What is held of the last chunk. */
  #own(more: Buffer[]): void {
    if (more.length > 0) more.push(Buffer.from(more.pop()!));
    else if (this.#pending.length > 0) this.#pending = Buffer.from(this.#pending);
  }

  /** Takes up to `count` bytes that stand ready, without waiting for more than one; empty at the end. */
  async take(count = Infinity): Promise<Buffer> {
    const ready = await this.peek(1);
    const taken = ready.length <= count ? ready : ready.subarray(0, count);
    this.#pending = ready.subarray(taken.length);
    this.offset += taken.length;
    return taken;
  }

  /** Takes exactly `count` bytes, fewer only at the end. */
  async takeExactly(count: number): Promise<Buffer> {
    const ready = await this.peek(count);
    const taken = ready.subarray(0, count);
    this.#pending = ready.subarray(taken.length);
    this.offset += taken.length;
    return taken;
  }

  /** Puts bytes back that were just taken. */
  putBack(bytes: Buffer): void {
    const pending = this.#pending;
    if (pending.length === 0) this.#pending = bytes;
    else if (bytes.buffer === pending.buffer && bytes.byteOffset + bytes.length === pending.byteOffset) {
      this.#pending = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length + pending.length);
    } else this.#pending = Buffer.concat([bytes, pending]);
    this.offset -= bytes.length;
  }

  /** Reads the rest to nowhere: who hashes the chunks on their way needs all of them. */
  async drain(): Promise<void> {
    while ((await this.take()).length > 0);
  }

  /** Gives the source back without reading the rest. */
  async close(): Promise<void> {
    this.#ended = true;
    this.#pending = nothing;
    await this.#chunks.return?.();
  }
}
