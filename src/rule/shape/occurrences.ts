// Where in a pattern its keywords stand: for each keyword, the positions that may have been taken when it ends, and no other keyword
// before it. Where a pattern may match without any keyword, a keyword that it does not spell out is a context: it tells that matches may
// be near, and a match that takes any letters may hold it by chance.
import type { ByteSet } from './byte-set.ts';
import type { Positions } from './positions.ts';

/** By index of the keyword; empty for a context. */
export type Occurrences = readonly (readonly number[])[];

/** A keyword in lower case matches any case, with a capital in it exactly (see `Detector`). */
const isExact = (keyword: string) => /[A-Z]/.test(keyword);

const mostSteps = 400_000;

/** Undefined when it is too much to find out. */
export function occurrencesOf(positions: Positions, keywords: readonly string[]): Occurrences | undefined {
  const progress = new Progress(keywords);
  const found = keywords.map(() => new Set<number>());
  const distinct = new Map([...new Set(positions.sets)].map((set) => [set, progress.bytesOf(set)]));
  const bytesOf = positions.sets.map((set) => distinct.get(set)!);
  const seen = positions.sets.map(() => new Set<number>());
  const entered = positions.sets.map(() => new Set<number>());
  const waiting: (readonly [position: number, state: number])[] = [];
  let steps = 0;
  let isAlwaysHeld = !positions.isEmptyTaken;
  const enter = (position: number, from: number): void => {
    if (entered[position].has(from)) return;
    entered[position].add(from);
    for (const byte of bytesOf[position]) {
      const state = progress.step(from, byte);
      const ended = progress.ended(state);
      // Only the first keyword of a text counts, and all that end where it does.
      if (ended.length > 0) for (const keyword of ended) found[keyword].add(position);
      else if (!seen[position].has(state)) {
        seen[position].add(state);
        waiting.push([position, state]);
      }
    }
  };
  for (const position of positions.first) enter(position, 0);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [position, state] = next;
    if (++steps > mostSteps) return undefined;
    if (positions.isLast[position]) isAlwaysHeld = false;
    for (const following of positions.follow[position]) enter(following, state);
  }
  return found.map((set, index) => (isAlwaysHeld || isSpelledOut(positions, keywords[index], set) ? [...set].sort((a, b) => a - b) : []));
}

/** A position that takes more characters spells none of them out. */
const mostSpelled = 12;

/** Whether the keyword may end at one of these positions, each of its characters taken by a position that takes few others. */
function isSpelledOut({ sets, follow }: Positions, keyword: string, ends: ReadonlySet<number>): boolean {
  const spells = (position: number, index: number) => {
    const { ascii, size } = sets[position];
    const code = keyword.charCodeAt(index);
    return (ascii[code] === 1 || ascii[code & ~0x20] === 1) && size <= mostSpelled;
  };
  let reached = sets.flatMap((_, position) => (spells(position, 0) ? [position] : []));
  for (let index = 1; index < keyword.length; index++) {
    reached = [...new Set(reached.flatMap((position) => follow[position].filter((next) => spells(next, index))))];
  }
  return reached.some((position) => ends.has(position));
}

/** How far the keywords have come that may be ending: a state is a set of beginnings of keywords, numbered as they are met. */
class Progress {
  readonly #keywords: readonly string[];
  readonly #exact: readonly boolean[];
  readonly #numbers = new Map<string, number>([['', 0]]);
  /** By state, the beginnings: keyword and length, packed. */
  readonly #begun: (readonly number[])[] = [[]];
  readonly #ended: (readonly number[])[] = [[]];
  readonly #steps: Map<number, number>[] = [new Map()];
  /** Characters that some keyword has, in both cases where that is the same. */
  readonly #letters: readonly number[];
  /** A character of ASCII that no keyword has. */
  readonly #other: number;

  constructor(keywords: readonly string[]) {
    this.#keywords = keywords;
    this.#exact = keywords.map(isExact);
    const letters = new Set<number>();
    for (const [index, keyword] of keywords.entries()) {
      for (const text of this.#exact[index] ? [keyword] : [keyword.toLowerCase(), keyword.toUpperCase()]) {
        for (let i = 0; i < text.length; i++) letters.add(text.charCodeAt(i));
      }
    }
    this.#letters = [...letters].filter((letter) => letter < 128);
    this.#other = Array.from({ length: 128 }, (_, byte) => byte).find((byte) => !letters.has(byte)) ?? 0;
  }

  /** The bytes of a set that are worth telling apart; what is beyond ASCII is in no keyword that has only that. */
  bytesOf({ ascii, size, hasOthers }: ByteSet): readonly number[] {
    const bytes = this.#letters.filter((letter) => ascii[letter] === 1);
    const isMore = hasOthers && !isBlank(ascii) ? isBeyondLetters(ascii) : size > bytes.length;
    return isMore ? [...bytes, this.#other] : bytes;
  }

  ended(state: number): readonly number[] {
    return this.#ended[state];
  }

  step(from: number, byte: number): number {
    const known = this.#steps[from].get(byte);
    if (known !== undefined) return known;
    const begun: number[] = [];
    const ended: number[] = [];
    const advance = (keyword: number, length: number): void => {
      const wanted = this.#keywords[keyword].charCodeAt(length);
      const folded = byte >= 0x41 && byte <= 0x5a && !this.#exact[keyword] ? byte | 0x20 : byte;
      if (folded !== wanted) return;
      if (length + 1 === this.#keywords[keyword].length) ended.push(keyword);
      else begun.push(keyword * 256 + length + 1);
    };
    for (const pair of this.#begun[from]) advance(Math.floor(pair / 256), pair % 256);
    for (let keyword = 0; keyword < this.#keywords.length; keyword++) advance(keyword, 0);
    const key = `${begun.join()};${ended.join()}`;
    let state = this.#numbers.get(key);
    if (key === ';') state = 0;
    if (state === undefined) {
      state = this.#begun.push(begun) - 1;
      this.#ended.push(ended);
      this.#steps.push(new Map());
      this.#numbers.set(key, state);
    }
    this.#steps[from].set(byte, state);
    return state;
  }
}

/** Of a set that has no more than these, what is beyond ASCII are blanks as well: who lists all six as ends of keywords means those too. */
function isBlank(ascii: Uint8Array): boolean {
  return ascii.every((taken, byte) => taken === 0 || byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));
}

/** Letters of either case that stand for others beyond ASCII (the long s) are the letters themselves here: a keyword is written in ASCII. */
function isBeyondLetters(ascii: Uint8Array): boolean {
  return !ascii.every((taken, byte) => taken === 0 || (byte | 0x20) === 0x6b || (byte | 0x20) === 0x73);
}
