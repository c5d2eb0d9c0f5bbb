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
/** So far back the beginning of a match is looked for, where no match can begin further away. */
const furthestBegin = 8192;
/** And so far where one can. */
const furthestLook = 512;
/** Of a character in UTF-8. */
const mostBytes = 4;

const nowhere: readonly number[] = [];

/** What is known of a keyword: where it stands at the beginning of a match, and where inside of one. Numbers are starts of automata. */
interface Place {
  readonly atStart: { readonly forward: number; readonly notBefore: Uint8Array | undefined } | undefined;
  /** Matches begin no further than `furthest` bytes before it, or nothing is known of those that do. */
  readonly inside: { readonly forward: number; readonly backward: number; readonly furthest: number; readonly isBounded: boolean } | undefined;
}

/**
 * Undefined where nothing can be said: the pattern is too large. What matches without any keyword in it is found near a context alone.
 * `known` is what `occurrencesOf` gave for the same pattern and keywords, which takes the most time.
 */
export function shapeOf(pattern: RegExp, keywords: readonly string[], known?: Occurrences): KeywordShape | undefined {
  const positions = positionsOf(pattern);
  const occurrences = known ?? (positions === undefined ? undefined : occurrencesOf(positions, keywords));
  if (positions === undefined || occurrences === undefined) return undefined;
  const { sets, follow, first, isLast } = positions;
  const before = sets.map((): number[] => []);
  for (const [position, next] of follow.entries()) for (const following of next) before[following].push(position);
  const isFirst = sets.map(() => false);
  for (const position of first) isFirst[position] = true;
  const classes = byteClassesOf(sets);
  const forward = new Automaton({ sets, next: follow, isFinal: isLast }, classes);
  const backward = new Automaton({ sets, next: before, isFinal: isFirst }, classes, true);
  const places = new Map<string, Place>();
  for (const [index, keyword] of keywords.entries()) {
    const ends = occurrences[index];
    if (ends.length > 0) places.set(keyword, placeOf(keyword, ends, { positions, before, forward, backward }));
  }
  return new Shape(forward, backward, places, positions.takesBefore);
}

interface Parts {
  readonly positions: Positions;
  readonly before: readonly (readonly number[])[];
  readonly forward: Automaton;
  readonly backward: Automaton;
}

/** The keyword ends where one of these positions was taken. */
function placeOf(keyword: string, ends: readonly number[], { positions, before, forward, backward }: Parts): Place {
  const { sets, follow, first, mostBefore, notBefore } = positions;
  const backwards = keyword.split('').toReversed().join('');
  const begins = along(backwards, ends, before, positions);
  const outermost = begins.filter((position) => first.includes(position));
  const inner = begins.filter((position) => before[position].length > 0);
  const startFrom = (from: readonly number[]) => forward.start(along(keyword, from, follow, positions).filter((end) => ends.includes(end)));
  const reach = Math.max(...inner.map((position) => mostBefore[position])) * (sets.some(({ hasOthers }) => hasOthers) ? mostBytes : 1);
  const isBounded = reach <= furthestBegin;
  return {
    atStart:
      outermost.length === 0 ? undefined : { forward: startFrom(outermost), notBefore: notIn(outermost.map((position) => notBefore[position])) },
    inside:
      inner.length === 0
        ? undefined
        : { forward: startFrom(inner), backward: backward.start(inner), furthest: isBounded ? reach : furthestLook, isBounded },
  };
}

/** Of positions that take the first of these letters, those that take the last of them. */
function along(letters: string, from: readonly number[], next: readonly (readonly number[])[], { sets }: Positions): readonly number[] {
  const isExact = /[A-Z]/.test(letters);
  let positions = new Set(from);
  for (const letter of letters.slice(1)) {
    const codes = (isExact ? [letter] : [letter, letter.toUpperCase()]).map((each) => each.charCodeAt(0));
    const takes = (position: number) => codes.some((code) => sets[position].ascii[code] === 1);
    positions = new Set([...positions].flatMap((position) => next[position].filter(takes)));
  }
  return [...positions];
}

class Shape implements KeywordShape {
  readonly #forward: Automaton;
  readonly #backward: Automaton;
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #places: readonly Place[];
  readonly #takesBefore: boolean;

  constructor(forward: Automaton, backward: Automaton, places: ReadonlyMap<string, Place>, takesBefore: boolean) {
    this.#forward = forward;
    this.#backward = backward;
    this.#numbers = new Map([...places.keys()].map((keyword, number) => [keyword, number]));
    this.#places = [...places.values()];
    this.#takesBefore = takesBefore;
  }

  placeOf(keyword: string): number | undefined {
    return this.#numbers.get(keyword);
  }

  begins(place: number, bytes: Uint8Array, start: number, end: number, length: number, isEnd: boolean): readonly number[] | 'anywhere' {
    const { atStart, inside } = this.#places[place];
    let begins = nowhere;
    if (atStart !== undefined && mayBegin(atStart.notBefore, bytes, start) && this.#goesOn(atStart.forward, bytes, end, length, isEnd))
      begins = [start];
    if (inside !== undefined && this.#goesOn(inside.forward, bytes, end, length, isEnd)) {
      const further: number[] = [];
      const outcome = this.#backward.run(inside.backward, bytes, start - 1, Math.max(0, start - inside.furthest) - 1, -1, further);
      if (outcome !== 'dead' && !inside.isBounded) return 'anywhere';
      if (further.length > 0) begins = [...begins, ...further];
    }
    return begins.length > 0 && this.#takesBefore ? 'anywhere' : begins;
  }

  #goesOn(forward: number, bytes: Uint8Array, end: number, length: number, isEnd: boolean): boolean {
    const behind = this.#forward.run(forward, bytes, end, Math.min(length, end + longestShape), 1);
    return behind === 'matched' || (behind === 'open' && !(isEnd && end + longestShape > length));
  }
}

/** The bytes of ASCII that none of these lets stand in front; undefined when there are none. */
function notIn(sets: Positions['notBefore']): Uint8Array | undefined {
  const [first, ...others] = sets;
  if (first === undefined || others.includes(undefined)) return undefined;
  return first.ascii.map((_, byte) => (sets.every((set) => set?.ascii[byte] === 1) ? 1 : 0));
}

function mayBegin(notBefore: Uint8Array | undefined, bytes: Uint8Array, start: number): boolean {
  return notBefore === undefined || start === 0 || notBefore[bytes[start - 1]] !== 1;
}
