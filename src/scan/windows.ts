// Which stretches of a document the rules must see: around every keyword as far as its rules reach, joined where they overlap,
// never longer than a bound, with an overlap so that whatever begins in one is whole in one.
import type { MatchPlace, Reach } from '../model/rule.ts';

export interface Window {
  start: number;
  end: number;
  /** Of each detector, where in the document its matches may be, unsorted. */
  readonly places: Map<number, MatchPlace[]>;
}

/** Twice what the rule of the longest reach (a private key) needs. */
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

  /**
   * A keyword of a detector from `start` to `end`; they must come in the order of their starts. `first` is the earliest byte that can still
   * be had. Its matches begin at one of the `begins`, or may be anywhere within the reach.
   */
  add(start: number, end: number, detector: number, first: number, begins: readonly number[] | 'anywhere'): void {
    const { before, after } = this.#reaches[detector];
    const from = Math.max(start - before - context, first);
    const to = end + after + context;
    const window = this.#windowFor(from, to);
    let places = window.places.get(detector);
    if (places === undefined) window.places.set(detector, (places = []));
    if (begins !== 'anywhere') {
      for (const begin of begins) places.push(begin);
      return;
    }
    const last = places.at(-1);
    if (typeof last !== 'object' || from > last.end) places.push({ start: from, end: to });
    else places[places.length - 1] = { start: Math.min(from, last.start), end: Math.max(to, last.end) };
  }

  /** The window that is open, made longer, or a new one. */
  #windowFor(from: number, to: number): Window {
    const open = this.#open;
    if (open !== undefined && from <= open.end && Math.max(open.end, to) - Math.min(open.start, from) <= longestWindow) {
      // The rules of a later keyword may reach further back.
      open.start = Math.min(open.start, from);
      open.end = Math.max(open.end, to);
      return open;
    }
    if (open !== undefined) this.#closed.push(open);
    return (this.#open = { start: from, end: to, places: new Map() });
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
