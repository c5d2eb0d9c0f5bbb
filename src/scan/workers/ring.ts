// Records from one thread to another in their order, through memory that both see: a few slots, filled by one and emptied by the other, so
// that neither is far ahead. A message for each chunk would cost more than to decompress it.

/** Bytes of a slot: what fits the second cache of a core a few times. */
const slotSize = 256 * 1024;
const slots = 4;

/** Words of the head: how many slots were ever filled, how many were ever emptied, and whether no more will come. */
const filled = 0;
const emptied = 1;
const closed = 2;
const headWords = 4;
/** Words of each slot: what the record is, the length of its bytes, whether it goes on in the next slot. */
const slotWords = 3;
/** A close may come between a look and the wait for what follows it. */
const closeLookMilliseconds = 50;
const dataStart = 4 * (headWords + slots * slotWords);

export interface RingRecord {
  readonly kind: number;
  readonly bytes: Buffer;
}

export class Ring {
  /** Goes to the other thread as it is. */
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #data: Uint8Array;
  /** The slot of the last record is the reader's. */
  #isLent = false;

  constructor(memory = new SharedArrayBuffer(dataStart + slots * slotSize)) {
    this.memory = memory;
    this.#words = new Int32Array(memory, 0, headWords + slots * slotWords);
    this.#data = new Uint8Array(memory, dataStart);
  }

  /** Copies the bytes; holds this thread up while all slots are full. */
  write(kind: number, bytes: Uint8Array): void {
    let from = 0;
    do {
      const piece = bytes.subarray(from, from + slotSize);
      from += piece.length;
      const count = Atomics.load(this.#words, filled);
      for (let read = Atomics.load(this.#words, emptied); count - read === slots; read = Atomics.load(this.#words, emptied))
        Atomics.wait(this.#words, emptied, read);
      const slot = count % slots;
      this.#data.set(piece, slot * slotSize);
      this.#words.set([kind, piece.length, from < bytes.length ? 1 : 0], headWords + slot * slotWords);
      Atomics.store(this.#words, filled, count + 1);
      Atomics.notify(this.#words, filled);
    } while (from < bytes.length);
  }

  /**
   * The next record; undefined when the ring was closed and is empty. Its bytes are lent: they are valid until the next call. This thread goes on
   * with other things meanwhile.
   */
  async next(): Promise<RingRecord | undefined> {
    const pieces: Buffer[] = [];
    for (;;) {
      this.#giveBack();
      if (!(await this.#isFilled())) return undefined;
      const slot = Atomics.load(this.#words, emptied) % slots;
      const [kind, length, goesOn] = this.#words.subarray(headWords + slot * slotWords) as Iterable<number> as [number, number, number];
      const bytes = Buffer.from(this.memory, dataStart + slot * slotSize, length);
      this.#isLent = true;
      if (goesOn === 0) return { kind, bytes: pieces.length === 0 ? bytes : Buffer.concat([...pieces, bytes]) };
      pieces.push(Buffer.from(bytes));
    }
  }

  #giveBack(): void {
    if (!this.#isLent) return;
    this.#isLent = false;
    Atomics.add(this.#words, emptied, 1);
    Atomics.notify(this.#words, emptied);
  }

  /** Waits for a slot; false when none will come. */
  async #isFilled(): Promise<boolean> {
    for (;;) {
      // Looked at before the count: what was written before the ring was closed is there.
      const isClosed = Atomics.load(this.#words, closed) === 1;
      const count = Atomics.load(this.#words, filled);
      if (count !== Atomics.load(this.#words, emptied)) return true;
      if (isClosed) return false;
      const wait = Atomics.waitAsync(this.#words, filled, count, closeLookMilliseconds);
      if (wait.async) await wait.value;
    }
  }

  /** By either side: no more will be written, because all is or because the writer is gone. */
  close(): void {
    Atomics.store(this.#words, closed, 1);
    Atomics.notify(this.#words, filled);
  }
}
