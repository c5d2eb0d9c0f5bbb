// What may stand around a keyword where a rule matches: the automata of the rule's pattern, from the keyword on and back from it. They
// say no where no match of the rule can hold the keyword; most words that look like a keyword end here, before any text is decoded and
// any pattern is run.
import type { KeywordShape } from '../../model/rule.ts';
import { byteClassesOf } from './byte-classes.ts';
import { Automaton } from './automaton.ts';
import { type Occurrences, occurrencesOf } from './occurrences.ts';
import { type Positions, positionsOf } from './positions.ts';

/** What takes this many bytes behind the keyword is taken to match. */
export const longestShape = 2048;
/** And this many before it. */
export const longestBefore = 512;

/**
 * Undefined where nothing can be said: the pattern is too large. What matches without any keyword in it is found near a context alone.
 * `known` is what `occurrencesOf` gave for the same pattern and keywords, which takes the most time.
 */
export function shapeOf(pattern: RegExp, keywords: readonly string[], known?: Occurrences): KeywordShape | undefined {
  const positions = positionsOf(pattern);
  const occurrences = known ?? (positions === undefined ? undefined : occurrencesOf(positions, keywords));
  if (positions === undefined || occurrences === undefined) return undefined;
  const shape = new Shape(positions);
  for (const [index, keyword] of keywords.entries()) if (occurrences[index].length > 0) shape.add(keyword, occurrences[index]);
  return shape;
}

class Shape implements KeywordShape {
  readonly #positions: Positions;
  readonly #before: readonly (readonly number[])[];
  readonly #forward: Automaton;
  readonly #backward: Automaton;
  /** The same, for all places where a match may begin. */
  readonly #begins: Automaton;
  readonly #places = new Map<string, number>();
  /** Of each place, where the automata start; no backward where a match begins with the keyword. */
  readonly #starts: { readonly forward: number; readonly backward: number | undefined; readonly begins: number }[] = [];

  constructor(positions: Positions) {
    this.#positions = positions;
    const { sets, follow, first, isLast } = positions;
    const before = sets.map((): number[] => []);
    for (const [position, next] of follow.entries()) for (const following of next) before[following].push(position);
    this.#before = before;
    const isFirst = sets.map(() => false);
    for (const position of first) isFirst[position] = true;
    const classes = byteClassesOf(sets);
    this.#forward = new Automaton({ sets, next: follow, isFinal: isLast }, classes);
    this.#backward = new Automaton({ sets, next: before, isFinal: isFirst }, classes);
    this.#begins = new Automaton({ sets, next: before, isFinal: isFirst }, classes, true);
  }

  /** The keyword ends where one of these positions was taken. */
  add(keyword: string, ends: readonly number[]): void {
    const begins = this.#beginsOf(keyword, ends);
    const isFirst = begins.some((position) => this.#positions.first.includes(position));
    this.#places.set(keyword, this.#starts.length);
    this.#starts.push({
      forward: this.#forward.start(ends),
      backward: isFirst ? undefined : this.#backward.start(begins),
      begins: this.#begins.start(begins),
    });
  }

  placeOf(keyword: string): number | undefined {
    return this.#places.get(keyword);
  }

  fits(place: number, bytes: Uint8Array, start: number, end: number, length: number, isEnd: boolean): boolean {
    const { forward, backward } = this.#starts[place];
    const behind = this.#forward.run(forward, bytes, end, Math.min(length, end + longestShape), 1);
    if (behind === 'dead' || (behind === 'open' && isEnd && end + longestShape > length)) return false;
    return backward === undefined || this.#backward.run(backward, bytes, start - 1, Math.max(0, start - longestBefore) - 1, -1) !== 'dead';
  }

  beginsOf(place: number, bytes: Uint8Array, start: number): readonly number[] | undefined {
    if (this.#positions.takesBefore) return undefined;
    const { backward, begins } = this.#starts[place];
    const found = this.#begins.finals(begins, bytes, start - 1, Math.max(0, start - longestBefore) - 1, -1);
    return found === undefined || backward !== undefined ? found : [start, ...found];
  }

  /** Where the first character of a keyword was taken that ends at these positions. */
  #beginsOf(keyword: string, ends: readonly number[]): readonly number[] {
    const isExact = /[A-Z]/.test(keyword);
    let positions = new Set(ends);
    for (let index = keyword.length - 2; index >= 0; index--) {
      const code = keyword.charCodeAt(index);
      const upper = isExact ? code : keyword[index].toUpperCase().charCodeAt(0);
      const earlier = new Set<number>();
      for (const position of positions) {
        for (const before of this.#before[position]) {
          const { ascii } = this.#positions.sets[before];
          if (ascii[code] === 1 || ascii[upper] === 1) earlier.add(before);
        }
      }
      positions = earlier;
    }
    return [...positions];
  }
}
