// What is left of the keywords in a text when it is asked what stands behind them: the places around which rules are worth running.
import type { Sieve } from '../core/sieve.ts';
import type { Detector, KeywordShape } from '../model/rule.ts';
import { type KeywordFilter, keywordFilterFor } from './keyword-filter.ts';
import { longestShape } from './shape/shape.ts';

/** What a detector says of a keyword; without a shape it always may find something near it. */
interface Saying {
  /** Its index. */
  readonly detector: number;
  /** Null until it is asked for: to make it takes longer than to ask whether the detector looks at a document. */
  shape: KeywordShape | null | undefined;
  place: number;
}

/** Whether a detector looks at the document. */
export type LooksAt = (detector: number) => boolean;

/** A text that a Sieve holds: all of it up to `length`. `isEnd`: nothing stands behind it. */
export interface SiftedText {
  readonly sieve: Sieve;
  readonly length: number;
  readonly isEnd: boolean;
}

/** Told of a keyword from `start` to `end` near which a detector may find something, and at which indices that may begin. */
export type Visit = (start: number, end: number, detector: number, begins: readonly number[] | 'anywhere') => void;

/** Longer texts are looked through in pieces. */
const pieceLength = 256 * 1024;

const looksAtAll: LooksAt = () => true;

const built = new WeakMap<readonly Detector[], Sift>();

/** Of these detectors, built once. */
export function siftFor(detectors: readonly Detector[]): Sift {
  let sift = built.get(detectors);
  if (sift === undefined) built.set(detectors, (sift = new Sift(detectors)));
  return sift;
}

export class Sift {
  readonly #detectors: readonly Detector[];
  readonly #filter: KeywordFilter;
  readonly #lengths: readonly number[];
  /** By keyword, made when it is first met. */
  readonly #sayings: (readonly Saying[] | undefined)[] = [];
  /** What asks for the path of a document: few questions, each of many detectors. */
  readonly #questions: readonly ((name: string) => boolean)[];
  /** The question of each detector, -1 for one that looks at all. */
  readonly #questionOf: Int16Array;
  #own: Sieve | undefined;

  constructor(detectors: readonly Detector[]) {
    this.#detectors = detectors;
    this.#filter = keywordFilterFor(detectors);
    this.#lengths = this.#filter.keywords.map(({ bytes }) => bytes.length);
    this.#questions = [...new Set(detectors.flatMap(({ looksAt }) => looksAt ?? []))];
    this.#questionOf = Int16Array.from(detectors, ({ looksAt }) => (looksAt === undefined ? -1 : this.#questions.indexOf(looksAt)));
  }

  /** Detectors without keywords: they see every text. */
  get unconditional(): readonly number[] {
    return this.#filter.unconditional;
  }

  /** So many bytes behind the start of a keyword may be looked at. */
  get lookahead(): number {
    return longestShape + this.#filter.longest;
  }

  /** For a text of the caller's. */
  sieve(): Sieve {
    return this.#filter.sieve();
  }

  /** For the document of this path. Each question is asked once, and only when it matters: globs take their time. */
  lookingAt(name: string): LooksAt {
    /** By question: 1 for yes, -1 for no. */
    const answers = new Int8Array(this.#questions.length);
    return (detector) => {
      const question = this.#questionOf[detector];
      if (question < 0) return true;
      if (answers[question] === 0) answers[question] = this.#questions[question](name) ? 1 : -1;
      return answers[question] > 0;
    };
  }

  /** Visits the keywords that begin at or behind `from` and before `to`, in the order of their starts, for detectors that look at the document. */
  visit(text: SiftedText, from: number, to: number, looksAt: LooksAt, visit: Visit): void {
    const { sieve, length, isEnd } = text;
    const bytes = sieve.text;
    const found = sieve.search(from, Math.min(length, to + this.#filter.longest));
    for (let i = 0; i < found.length && found[i] < to; i += 2) {
      const start = found[i];
      const keyword = found[i + 1];
      const end = start + this.#lengths[keyword];
      const sayings = (this.#sayings[keyword] ??= this.#filter.keywords[keyword].detectors.map((detector) => ({ detector, shape: null, place: 0 })));
      for (const saying of sayings) {
        if (!looksAt(saying.detector)) continue;
        if (saying.shape === null) this.#makeShape(saying, keyword);
        const { shape, place, detector } = saying;
        const begins = shape ? shape.begins(place, bytes, start, end, length, isEnd) : 'anywhere';
        if (begins.length > 0) visit(start, end, detector, begins);
      }
    }
  }

  /** Whether some detector may find something in a text. */
  mayMatch(bytes: Uint8Array): boolean {
    return this.unconditional.length > 0 || this.detectorsIn(bytes, looksAtAll).length > 0;
  }

  /** The detectors that may find something in a text of the document. */
  detectorsIn(bytes: Uint8Array, looksAt: LooksAt): readonly number[] {
    const detectors = new Set(this.unconditional.filter(looksAt));
    const sieve = (this.#own ??= this.sieve());
    for (let at = 0; at < bytes.length; at += pieceLength) {
      const piece = bytes.subarray(at, at + pieceLength + this.lookahead);
      sieve.reserve(piece.length);
      sieve.text.set(piece);
      const text = { sieve, length: piece.length, isEnd: at + piece.length === bytes.length };
      this.visit(text, 0, Math.min(pieceLength, piece.length), looksAt, (_start, _end, detector) => detectors.add(detector));
    }
    return [...detectors];
  }

  #makeShape(saying: Saying, keyword: number): void {
    const shape = this.#detectors[saying.detector].shape?.();
    const number = shape?.placeOf(this.#filter.keywords[keyword].bytes.toString());
    saying.shape = number === undefined ? undefined : shape;
    saying.place = number ?? 0;
  }
}
