// Which stretches of a document the rules must see: around every keyword as far as its rules reach, joined where they overlap,
// never longer than a bound, with an overlap so that whatever begins in one is whole in one.
import type { Reach } from '../model/rule.ts';

export interface Window {
  start: number;
  end: number;
  /** Of each detector, the offsets at which its matches may begin, unsorted; undefined for anywhere. */
  readonly detectors: Map<number, number[] | undefined>;
}

/** Twice what the rule of the longest reach (a private key) needs; more would only make dense texts slow. */
const longestWindow = 32 * 1024;

/** Bytes beyond the reach on both sides: rules look at the neighbours of a match, and what begins with a window is no whole match. */
const context = 16;

export class Windows {
  readonly #reaches: readonly Reach[];
  #open: Window | undefined;
  #closed: Window[] = [];

  constructor(reaches: readonly Reach[]) {
    this.#reaches = reaches;
  }

  /** A keyword from `start` to `end`; they must come in the order of their starts. `first` is the earliest byte that can still be had. */
  add(start: number, end: number, detectors: readonly number[], first: number, begins: readonly (readonly number[] | undefined)[] = []): void {
    let from = start;
    let to = end;
    for (const detector of detectors) {
      from = Math.min(from, start - this.#reaches[detector].before);
      to = Math.max(to, end + this.#reaches[detector].after);
    }
    from = Math.max(from - context, first);
    to += context;
    const open = this.#open;
    if (open !== undefined && from <= open.end && Math.max(open.end, to) - Math.min(open.start, from) <= longestWindow) {
      // The rules of a later keyword may reach further back.
      open.start = Math.min(open.start, from);
      open.end = Math.max(open.end, to);
      for (const [index, detector] of detectors.entries()) {
        const known = open.detectors.get(detector);
        if (begins[index] === undefined) open.detectors.set(detector, undefined);
        else if (known !== undefined) known.push(...begins[index]);
        else if (!open.detectors.has(detector)) open.detectors.set(detector, [...begins[index]]);
      }
      return;
    }
    if (open !== undefined) this.#closed.push(open);
    this.#open = { start: from, end: to, detectors: new Map(detectors.map((detector, index) => [detector, begins[index] && [...begins[index]]])) };
  }

  /** The windows that end at or before `offset`; at the end of the document all of them. */
  ready(offset: number, isEnd: boolean): Window[] {
    // A window that was closed for its length may still reach beyond the bytes that are there.
    const all = this.#open === undefined ? this.#closed : [...this.#closed, this.#open];
    const ready = all.filter((window) => isEnd || window.end <= offset);
    if (ready.length === 0) return ready;
    const isReady = new Set(ready);
    this.#closed = this.#closed.filter((window) => !isReady.has(window));
    if (this.#open !== undefined && isReady.has(this.#open)) this.#open = undefined;
    return ready;
  }

  /** The first byte that a waiting window needs. */
  get neededFrom(): number {
    return this.#closed.reduce((least, { start }) => Math.min(least, start), this.#open?.start ?? Infinity);
  }

  clear(): void {
    this.#open = undefined;
    this.#closed = [];
  }
}
