// A secret hides itself: whatever prints, logs or serialises it gets the mask. `reveal()` is the only way to the value.
import { inspect } from 'node:util';

const shownAtMost = 0.2;

export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Every caller of this is reviewed. */
  reveal(): string {
    return this.#value;
  }

  /** A few characters of each end of a long token, at most a fifth of it; of a short one nothing, not even its length. */
  get mask(): string {
    const value = this.#value;
    const atEachEnd = Math.floor((value.length * shownAtMost) / 2);
    if (value.length < 20 || /[^\x21-\x7e]/.test(value)) return '********';
    const head = value.slice(0, Math.min(4, atEachEnd));
    const tail = value.slice(-Math.min(3, atEachEnd));
    return `${head}********${tail}`;
  }

  toString(): string {
    return this.mask;
  }

  toJSON(): string {
    return this.mask;
  }

  [inspect.custom](): string {
    return `Secret(${this.mask})`;
  }
}
