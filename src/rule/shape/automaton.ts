// A graph of positions run over bytes, forwards or backwards: the states are sets of positions, made when they are first met.
import type { ByteClasses } from './byte-classes.ts';
import type { Positions } from './positions.ts';

export interface Graph {
  readonly sets: Positions['sets'];
  /** Positions that may be taken next, by position. */
  readonly next: readonly (readonly number[])[];
  /** Where the pattern may be over. */
  readonly isFinal: readonly boolean[];
}

/** `open`: the bytes were over before it was known. */
export type Outcome = 'dead' | 'matched' | 'open';

const dead = 0;
const matched = 1;
const unknown = -1;
/** More states than these are forgotten, and made again; a text that brings that about again and again was made for it. */
const mostStates = 4000;
const mostOblivions = 16;

export class Automaton {
  readonly #graph: Graph;
  readonly #classes: Uint8Array;
  readonly #classCount: number;
  readonly #representatives: readonly number[];
  readonly #starts: (readonly number[])[] = [];
  /** The state of each start, -1 for one that is to be made. */
  #startStates: number[] = [];
  #numbers = new Map<string, number>();
  #sets: (readonly number[])[] = [];
  #final: number[] = [];
  /** By state and class. */
  #steps = new Int32Array(0);
  #oblivions = -1;
  readonly #goesOn: boolean;

  /** `goesOn`: where the pattern may be over is a state like any other. */
  constructor(graph: Graph, classes: ByteClasses, goesOn = false) {
    this.#graph = graph;
    this.#classes = classes.of;
    this.#representatives = classes.representatives;
    this.#classCount = classes.representatives.length;
    this.#goesOn = goesOn;
    this.#forget();
  }

  /** A number for `run`: these positions were taken last. */
  start(positions: readonly number[]): number {
    this.#startStates.push(unknown);
    return this.#starts.push(positions) - 1;
  }

  /**
   * Takes the bytes from `at` on up to `stop`, which is not taken, in steps of 1 or -1. `ends` gets the indices of the bytes behind which the
   * pattern may be over, in the order in which they are taken; of an automaton that goes on there. What is `open` may have more.
   */
  run(start: number, bytes: Uint8Array, at: number, stop: number, step: 1 | -1, ends?: number[]): Outcome {
    if (this.#oblivions > mostOblivions) return 'open';
    let state = this.#startStates[start];
    if (state === unknown) this.#startStates[start] = state = this.#stateOf(this.#starts[start]);
    // In locals: this loop runs for every keyword of every text.
    const classes = this.#classes;
    const count = this.#classCount;
    let steps = this.#steps;
    for (let i = at; i !== stop && state > matched; i += step) {
      const kind = classes[bytes[i]];
      const next = steps[state * count + kind];
      if (next !== unknown) state = next;
      else {
        state = this.#make(state, kind);
        steps = this.#steps;
      }
      if (ends !== undefined && this.#final[state] === 1) ends.push(i);
    }
    return state === dead ? 'dead' : state === matched ? 'matched' : 'open';
  }

  #make(from: number, kind: number): number {
    const byte = this.#representatives[kind];
    const { next, sets } = this.#graph;
    const taken = new Set<number>();
    for (const position of this.#sets[from]) {
      for (const following of next[position]) {
        const { ascii, hasOthers } = sets[following];
        if (byte < 0x80 ? ascii[byte] === 1 : hasOthers) taken.add(following);
      }
      // A character beyond ASCII may have several bytes.
      if (byte >= 0x80 && sets[position].hasOthers) taken.add(position);
    }
    if (this.#sets.length >= mostStates) {
      this.#forget();
      return this.#stateOf([...taken]);
    }
    const state = this.#stateOf([...taken]);
    this.#steps[from * this.#classCount + kind] = state;
    return state;
  }

  #stateOf(set: readonly number[]): number {
    if (set.length === 0) return dead;
    const isFinal = set.some((position) => this.#graph.isFinal[position]);
    if (isFinal && !this.#goesOn) return matched;
    const sorted = [...set].sort((a, b) => a - b);
    const key = String.fromCharCode(...sorted);
    let state = this.#numbers.get(key);
    if (state === undefined) {
      state = this.#sets.push(sorted) - 1;
      this.#numbers.set(key, state);
      this.#final.push(isFinal ? 1 : 0);
      const needed = (state + 1) * this.#classCount;
      if (needed > this.#steps.length) {
        const larger = new Int32Array(2 * needed).fill(unknown);
        larger.set(this.#steps);
        this.#steps = larger;
      }
    }
    return state;
  }

  #forget(): void {
    this.#oblivions++;
    this.#numbers = new Map();
    this.#sets = [[], []];
    this.#final = [0, 0];
    this.#steps = new Int32Array(16 * this.#classCount).fill(unknown);
    this.#startStates = this.#starts.map(() => unknown);
  }
}
