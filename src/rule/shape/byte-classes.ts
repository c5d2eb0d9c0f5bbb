// Bytes that no position of a pattern tells apart are one class: an automaton has a step for each class and not for each byte.
import type { ByteSet } from './byte-set.ts';

export interface ByteClasses {
  /** The class of each byte; all bytes beyond ASCII have one of their own, for a character of them may go on. */
  readonly of: Uint8Array;
  /** A byte of each class. */
  readonly representatives: readonly number[];
}

export function byteClassesOf(sets: readonly ByteSet[]): ByteClasses {
  const of = new Uint8Array(256);
  let count = 1;
  for (const { ascii } of new Set(sets)) {
    // What was one class so far is parted into what this set takes and what it does not.
    const parted = new Map<number, number>();
    const next = new Map<number, number>();
    for (let byte = 0; byte < 0x80; byte++) {
      const key = of[byte] * 2 + ascii[byte];
      let number = parted.get(key);
      if (number === undefined) {
        number = next.has(of[byte]) ? count++ : of[byte];
        next.set(of[byte], number);
        parted.set(key, number);
      }
      of[byte] = number;
    }
  }
  of.fill(count, 0x80);
  const representatives: number[] = [];
  for (let byte = 0x80; byte >= 0; byte--) representatives[of[byte]] = byte;
  return { of, representatives };
}
