// Finds lists of bytes in source code (`0x41, 0x4b, ...`) that are text.
import type { Places } from '../../core/runs.ts';
import { hexValue } from './alphabet.ts';
import { type DecodedRun, type Finder, longestSlice, lookahead, sliceOverlap, type Stretch } from './decoded-run.ts';
import { printableShare } from './readable.ts';

const shortestList = 16;
/** Comma, line end and indentation between two bytes. */
const longestGap = 96;
/** Places of the bytes in slices of the list. */
const mostBytes = longestSlice / 4;

const markLength = 2;
const digitZero = 0x30;
const letterX = 0x78;
const comma = 0x2c;

export class ByteLists implements Finder {
  readonly #found: (run: DecodedRun) => void;
  /** Of the list that is being read: its bytes, and where each begins and ends in the bytes that are searched. */
  #values: number[] = [];
  #starts: number[] = [];
  #ends: number[] = [];
  /** Behind its last byte and what separates that from the next one. */
  #next = 0;

  constructor(found: (run: DecodedRun) => void) {
    this.#found = found;
  }

  search(stretch: Stretch, from: number, places: Places): number {
    const { bytes, isEnd } = stretch;
    let at = from;
    for (;;) {
      // The core knows where whole lists begin, and not where this one goes on behind a slice.
      const hit = bytes[at] === digitZero && bytes[at + 1] === letterX ? at : places.next(at);
      if (hit < 0) return Math.max(Math.min(at, bytes.length), places.resume);
      const count = this.#read(bytes, hit);
      const end = count === 0 ? hit + markLength : this.#ends[count - 1];
      const isOpen = !isEnd && bytes.length - end <= longestGap;
      const isText = count >= shortestList && printableShare(this.#values, 0, 1, Math.min(count, 64)) >= 0.9;
      if (isOpen && (isText || count < shortestList) && bytes.length - hit < longestSlice - lookahead) return hit;
      if (isText) this.#hand(stretch, count);
      const isCut = isText && (isOpen || end - hit >= longestSlice - longestGap || count === mostBytes);
      at = isCut && count > shortestList ? this.#starts[count - Math.min(sliceOverlap >> 2, count >> 1)] : Math.max(end, this.#next);
    }
  }

  /** Reads the list that begins at an index, at most a slice of it. Returns how many bytes it has. */
  #read(bytes: Buffer, from: number): number {
    if (this.#values.length > 0) {
      this.#values = [];
      this.#starts = [];
      this.#ends = [];
    }
    let count = 0;
    let at = from;
    while (count < mostBytes && at - from < longestSlice - longestGap && bytes[at] === digitZero && bytes[at + 1] === letterX) {
      const high = hexValue(bytes[at + 2]);
      const low = hexValue(bytes[at + 3]);
      if (high < 0 || bytes[at + 3] === letterX || (low >= 0 && hexValue(bytes[at + 4]) >= 0)) break;
      this.#values.push(low < 0 ? high : (high << 4) | low);
      this.#starts.push(at);
      at += low < 0 ? 3 : 4;
      this.#ends.push(at);
      count++;
      const stop = at + longestGap;
      while (at < stop && (bytes[at] === comma || bytes[at] === 0x20 || (bytes[at] >= 0x09 && bytes[at] <= 0x0d))) at++;
    }
    this.#next = at;
    return count;
  }

  #hand({ base }: Stretch, count: number): void {
    const bytes = Buffer.from(this.#values);
    if (printableShare(bytes, 0, 1, count) < 0.75) return;
    const starts = Uint32Array.from(this.#starts);
    const ends = Uint32Array.from(this.#ends);
    this.#found({
      steps: ['bytes'],
      bytes,
      start: base + starts[0],
      end: base + ends[count - 1],
      sourceOf: (from, to) => {
        const start = base + starts[Math.min(from, count - 1)];
        return { start, end: to <= from ? start : base + ends[Math.min(to, count) - 1] };
      },
    });
  }
}
