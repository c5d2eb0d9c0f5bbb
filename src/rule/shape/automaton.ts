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
  readonly #sets: Graph['sets'];
  readonly #isFinal: Graph['isFinal'];
  /** What follows a position stands in `#next`, from where `#nextAt` says up to where it says for the one behind it. */
  readonly #next: Uint16Array;
  readonly #nextAt: Uint32Array;
  readonly #classes: Uint8Array;
  readonly #classCount: number;
  readonly #representatives: readonly number[];
  readonly #starts: (readonly number[])[] = [];
  /** The state of each start, -1 for one that is to be made. */
  #startStates: number[] = [];
  #numbers = new Map<string, number>();
  #states: (readonly number[])[] = [];
  #final: number[] = [];
  /** By state and class. */
  #steps = new Int16Array(0);
  #oblivions = -1;
  readonly #goesOn: boolean;

  /** `goesOn`: where the pattern may be over is a state like any other. */
  constructor(graph: Graph, classes: ByteClasses, goesOn = false) {
    this.#sets = graph.sets;
    this.#isFinal = graph.isFinal;
    this.#next = Uint16Array.from(graph.next.flat());
    this.#nextAt = new Uint32Array(graph.next.length + 1);
    for (const [position, next] of graph.next.entries()) this.#nextAt[position + 1] = this.#nextAt[position] + next.length;
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
    // In locals: these loops run for every keyword of every text.
    const classes = this.#classes;
    const count = this.#classCount;
    let steps = this.#steps;
    let isFinal = this.#final;
    for (let i = at; i !== stop && state > matched; i += step) {
      const kind = classes[bytes[i]];
      const next = steps[state * count + kind];
      if (next !== unknown) state = next;
      else {
        state = this.#make(state, kind);
        steps = this.#steps;
        isFinal = this.#final;
      }
      if (ends !== undefined && isFinal[state] === 1) ends.push(i);
    }
    return state === dead ? 'dead' : state === matched ? 'matched' : 'open';
  }

  #make(from: number, kind: number): number {
    const byte = this.#representatives[kind];
    const sets = this.#sets;
    const taken = new Set<number>();
    for (const position of this.#states[from]) {
      for (let at = this.#nextAt[position]; at < this.#nextAt[position + 1]; at++) {
        const following = this.#next[at];
        const { ascii, hasOthers } = sets[following];
        if (byte < 0x80 ? ascii[byte] === 1 : hasOthers) taken.add(following);
      }
      // A character beyond ASCII may have several bytes.
      if (byte >= 0x80 && sets[position].hasOthers) taken.add(position);
    }
    if (this.#states.length >= mostStates) {
      this.#forget();
      return this.#stateOf([...taken]);
    }
    const state = this.#stateOf([...taken]);
    this.#steps[from * this.#classCount + kind] = state;
    return state;
  }

  #stateOf(set: readonly number[]): number {
    if (set.length === 0) return dead;
    const isFinal = set.some((position) => this.#isFinal[position]);
    if (isFinal && !this.#goesOn) return matched;
    const sorted = [...set].sort((a, b) => a - b);
    const key = String.fromCharCode(...sorted);
    let state = this.#numbers.get(key);
    if (state === undefined) {
      state = this.#states.push(sorted) - 1;
      this.#numbers.set(key, state);
      this.#final.push(isFinal ? 1 : 0);
      const needed = (state + 1) * this.#classCount;
      if (needed > this.#steps.length) {
        const larger = new Int16Array(2 * needed).fill(unknown);
        larger.set(this.#steps);
        this.#steps = larger;
      }
    }
    return state;
  }

  #forget(): void {
    this.#oblivions++;
    this.#numbers = new Map();
    this.#states = [[], []];
    this.#final = [0, 0];
    this.#steps = new Int16Array(16 * this.#classCount).fill(unknown);
    this.#startStates = this.#starts.map(() => unknown);
  }
}
