// What a thread that scans says of itself without a message: how far it has read, and whether it is in a rule that is code. Memory that both
// threads see, for a thread that is stuck sends nothing.

/** Before the numbers, in 32-bit words: the count of entries into code and returns from it, and a word that keeps the rest aligned. */
const words = 2;

export class Pulse {
  /** Goes to the other thread as it is. */
  readonly memory: SharedArrayBuffer;
  readonly #turns: Int32Array;
  readonly #read: Float64Array;

  constructor(memory = new SharedArrayBuffer(words * Int32Array.BYTES_PER_ELEMENT + Float64Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#turns = new Int32Array(memory, 0, words);
    this.#read = new Float64Array(memory, words * Int32Array.BYTES_PER_ELEMENT, 1);
  }

  /** Stored bytes of the layer that is being scanned. */
  get read(): number {
    return this.#read[0]!;
  }

  set read(bytes: number) {
    this.#read[0] = bytes;
  }

  /** Runs what may not come back. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    Atomics.add(this.#turns, 0, 1);
    try {
      return await work();
    } finally {
      Atomics.add(this.#turns, 0, 1);
    }
  }

  /** Odd inside of such work; another number at each. */
  get turn(): number {
    return Atomics.load(this.#turns, 0);
  }
}
