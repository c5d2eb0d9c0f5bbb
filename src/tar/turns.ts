// A stream whose bytes are all there already goes through promises alone, and nothing else in the thread has its turn: no signal is heard, no
// progress shown. Whoever reads long streams takes a turn between two chunks, where one is due.
import { setImmediate as turn } from 'node:timers/promises';

const dueAfterMilliseconds = 50;

export class Turns {
  #last = performance.now();

  /** Lets others in the thread run when it was long ago that they did. */
  async take(): Promise<void> {
    if (performance.now() - this.#last < dueAfterMilliseconds) return;
    await turn();
    this.#last = performance.now();
  }
}
