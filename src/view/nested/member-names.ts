// Names of members as steps of a way: printable, and each only once in its container, so that a way leads to one document.
import { printableBytes } from '../../model/printable.ts';

/** A longer name is cut: it is told to people, and all names of a container are held in memory. */
export const longestName = 1024;

export class MemberNames {
  /** Each name that was given, with the number that the next of this name may get. */
  readonly #given = new Map<string, number>();

  /** The name, given as bytes or as latin1; ` (2)` and so on behind one that was given before. The same calls give the same names. */
  unique(name: string | Uint8Array): string {
    const bytes = typeof name === 'string' ? Buffer.from(name.slice(0, longestName), 'latin1') : name.subarray(0, longestName);
    const plain = printableBytes(bytes);
    let count = this.#given.get(plain) ?? 1;
    let unique = plain;
    // A member may be called `a (2)` by itself.
    while (this.#given.has(unique)) unique = `${plain} (${++count})`;
    if (unique !== plain) this.#given.set(plain, count);
    this.#given.set(unique, 1);
    return unique;
  }
}
