// A pattern as the graph of the characters that it takes: one position for each, and which may follow which (Glushkov's construction).
// It takes all that the pattern takes, and more: what only looks (borders, most looks ahead and behind) is passed over, and long counts
// are cut short. So what it does not take, the pattern does not.
import { type AST, RegExpParser } from '@eslint-community/regexpp';
import { anyByte, type ByteSet, byteSetOf, isOneCharacter } from './byte-set.ts';
import { longestMatch } from './longest-match.ts';

export interface Positions {
  /** By position. */
  readonly sets: readonly ByteSet[];
  readonly follow: readonly (readonly number[])[];
  readonly first: readonly number[];
  readonly isLast: readonly boolean[];
  /** The most characters of a match that may stand before this one; Infinity where there is no bound. */
  readonly mostBefore: readonly number[];
  /** What may not stand in front of a match that begins with this one. */
  readonly notBefore: readonly (ByteSet | undefined)[];
  /** The empty text is taken. */
  readonly isEmptyTaken: boolean;
  /** What stands in front of a match is taken too. */
  readonly takesBefore: boolean;
}

interface Part {
  readonly canBeEmpty: boolean;
  readonly first: readonly number[];
  readonly last: readonly number[];
}

/** More copies of a part than this are any number of them; fewer where that would be too large. */
const copies = [80, 16, 4];
/** More copies that may be there or not are any number of them: each makes other states of what stands around it. */
const mostOptional = 4;
const mostPositions = 1500;
const mostEdges = 40_000;
const empty: Part = { canBeEmpty: true, first: [], last: [] };

/** Undefined for a pattern that would be too large. */
export function positionsOf({ source, flags }: RegExp): Positions | undefined {
  const pattern = new RegExpParser({ ecmaVersion: 2025 }).parsePattern(source, 0, source.length, { unicode: flags.includes('u') });
  for (const mostCopies of copies) {
    const graph = new Graph(flags, mostCopies);
    const whole = graph.either(pattern.alternatives);
    if (!graph.isTooLarge) return finished(graph, whole);
  }
  return undefined;
}

function finished(graph: Graph, whole: Part): Positions {
  const isLast = graph.sets.map(() => false);
  for (const position of whole.last) isLast[position] = true;
  return {
    sets: graph.sets,
    follow: graph.follow.map((next) => [...next]),
    first: whole.first,
    isLast,
    mostBefore: graph.mostBefore,
    notBefore: graph.notBefore,
    isEmptyTaken: whole.canBeEmpty,
    takesBefore: graph.takesBefore,
  };
}

class Graph {
  readonly sets: ByteSet[] = [];
  readonly follow: Set<number>[] = [];
  readonly mostBefore: number[] = [];
  readonly notBefore: (ByteSet | undefined)[] = [];
  isTooLarge = false;
  takesBefore = false;
  readonly #flags: string;
  readonly #mostCopies: number;
  #edges = 0;
  /** The most characters in front of what is being added. */
  #before = 0;

  constructor(flags: string, mostCopies: number) {
    this.#flags = flags;
    this.#mostCopies = mostCopies;
  }

  either(alternatives: readonly AST.Alternative[]): Part {
    const before = this.#before;
    const parts = alternatives.map(({ elements }) => {
      this.#before = before;
      return this.#sequence(elements);
    });
    this.#before = before;
    return {
      canBeEmpty: parts.some(({ canBeEmpty }) => canBeEmpty),
      first: [...new Set(parts.flatMap(({ first }) => first))],
      last: [...new Set(parts.flatMap(({ last }) => last))],
    };
  }

  #sequence(elements: readonly AST.Element[]): Part {
    const start = this.#before;
    const whole = elements.reduce((before, element, index) => {
      const part = this.#part(element, index, elements);
      this.#before += longestMatch(element);
      return this.#joined(before, part);
    }, empty);
    this.#before = start;
    const unwanted = this.#notBefore(elements);
    if (unwanted !== undefined) for (const position of whole.first) this.notBefore[position] ??= unwanted;
    return whole;
  }

  /** The character that may not stand in front, where a sequence begins by saying so. */
  #notBefore([first, ...others]: readonly AST.Element[]): ByteSet | undefined {
    if (first?.type !== 'Assertion' || first.kind !== 'lookbehind' || !first.negate || first.alternatives.length !== 1) return undefined;
    // What must stand in front comes first then, and this is not about what is in front of that.
    if (others.some((other) => other.type === 'Assertion' && other.kind === 'lookbehind' && !other.negate)) return undefined;
    const [only, ...more] = first.alternatives[0]!.elements;
    return only !== undefined && more.length === 0 && isOneCharacter(only) ? byteSetOf(only, this.#flags) : undefined;
  }

  #part(element: AST.Element, index: number, siblings: readonly AST.Element[]): Part {
    if (this.isTooLarge) return empty;
    switch (element.type) {
      case 'Character':
      case 'CharacterSet':
      case 'CharacterClass':
      case 'ExpressionCharacterClass':
        return this.#position(byteSetOf(element, this.#flags));
      case 'Group':
      case 'CapturingGroup':
        return this.either(element.alternatives);
      case 'Quantifier':
        return this.#repeated(element);
      case 'Backreference':
        return this.#loop(this.#position(anyByte));
      case 'Assertion':
        return this.#assertion(element, index, siblings);
    }
  }

  /** What must stand in front of all, or behind all, is a part of the text like any other. */
  #assertion(element: AST.Assertion, index: number, siblings: readonly AST.Element[]): Part {
    const isOutermost = element.parent.type === 'Alternative' && element.parent.parent.type === 'Pattern';
    if (!isOutermost || (element.kind !== 'lookbehind' && element.kind !== 'lookahead') || element.negate) return empty;
    const others = element.kind === 'lookbehind' ? siblings.slice(0, index) : siblings.slice(index + 1);
    if (!others.every((other) => other.type === 'Assertion' && !isLook(other))) return empty;
    if (element.kind === 'lookbehind') this.takesBefore = true;
    return this.either(element.alternatives);
  }

  #repeated({ min, max, element }: AST.Quantifier): Part {
    const once = () => this.#part(element, 0, [element]);
    if (max === 0) return empty;
    const needed = Math.min(min, this.#mostCopies);
    const isOpen = max - needed > mostOptional;
    let whole = empty;
    const start = this.#before;
    const length = longestMatch(element);
    // A copy that stands for all that follow has all of them before it; Infinity times nothing is no number.
    const reach = (copies: number): void => {
      this.#before = start + (length === 0 ? 0 : copies * length);
    };
    for (let copy = 0; copy < needed; copy++) {
      const standsForMore = isOpen && copy === needed - 1;
      reach(standsForMore ? max - 1 : copy);
      whole = this.#joined(whole, standsForMore ? this.#loop(once()) : once());
    }
    if (isOpen && needed === 0) {
      reach(max - 1);
      whole = { ...this.#loop(once()), canBeEmpty: true };
    }
    // Each of them may be the last one.
    for (let copy = needed; !isOpen && copy < max; copy++) {
      reach(copy);
      whole = this.#joined(whole, { ...once(), canBeEmpty: true });
    }
    this.#before = start;
    return whole;
  }

  #loop(part: Part): Part {
    for (const last of part.last) for (const first of part.first) this.#edge(last, first);
    return part;
  }

  #joined(before: Part, behind: Part): Part {
    for (const last of before.last) for (const first of behind.first) this.#edge(last, first);
    return {
      canBeEmpty: before.canBeEmpty && behind.canBeEmpty,
      first: before.canBeEmpty ? [...before.first, ...behind.first] : before.first,
      last: behind.canBeEmpty ? [...before.last, ...behind.last] : behind.last,
    };
  }

  #position(set: ByteSet): Part {
    const position = this.sets.push(set) - 1;
    this.follow.push(new Set());
    this.mostBefore.push(this.#before);
    this.notBefore.push(undefined);
    if (this.sets.length > mostPositions) this.isTooLarge = true;
    return { canBeEmpty: false, first: [position], last: [position] };
  }

  #edge(from: number, to: number): void {
    if (++this.#edges > mostEdges) this.isTooLarge = true;
    if (!this.isTooLarge) this.follow[from].add(to);
  }
}

function isLook(element: AST.Element): boolean {
  return element.type === 'Assertion' && (element.kind === 'lookbehind' || element.kind === 'lookahead');
}
