// What is left of the keywords in a text when it is asked what stands behind them: the places around which rules are worth running.
import type { Sieve } from '../core/sieve.ts';
import type { Detector, KeywordShape } from '../model/rule.ts';
import { type KeywordFilter, keywordFilterFor } from './keyword-filter.ts';
import { longestShape } from './shape/shape.ts';

/** What a detector says of a keyword; without a shape it always may find something near it. */
export interface Place {
  /** Its index. */
  readonly detector: number;
  readonly shape: KeywordShape | undefined;
  readonly place: number;
}

export interface SiftedHit {
  readonly start: number;
  readonly end: number;
  /** The detectors that may find something here. */
  readonly places: readonly Place[];
}

/** A text that a Sieve holds: all of it up to `length`. `isEnd`: nothing stands behind it. */
export interface SiftedText {
  readonly sieve: Sieve;
  readonly length: number;
  readonly isEnd: boolean;
}

/** Longer texts are looked through in pieces. */
const pieceLength = 256 * 1024;

const none: Place[] = [];

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
  readonly #places: (readonly Place[] | undefined)[] = [];
  #own: Sieve | undefined;

  constructor(detectors: readonly Detector[]) {
    this.#detectors = detectors;
    this.#filter = keywordFilterFor(detectors);
    this.#lengths = this.#filter.keywords.map(({ bytes }) => bytes.length);
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

  /** The keywords that begin at or behind `from` and before `to`, in the order of their starts. */
  hits(text: SiftedText, from: number, to: number): SiftedHit[] {
    const hits: SiftedHit[] = [];
    const bytes = text.sieve.text;
    const found = text.sieve.search(from, Math.min(text.length, to + this.#filter.longest));
    for (let i = 0; i < found.length && found[i] < to; i += 2) {
      const end = found[i] + this.#lengths[found[i + 1]];
      const places = this.#fitting(found[i + 1], bytes, found[i], end, text);
      if (places !== none) hits.push({ start: found[i], end, places });
    }
    return hits;
  }

  /** Whether some detector may find something in a text. */
  mayMatch(bytes: Uint8Array): boolean {
    return this.unconditional.length > 0 || !this.#pieces(bytes).next().done;
  }

  /** The detectors that may find something in a text, and look at one of this name. */
  detectorsIn(bytes: Uint8Array, name: string): readonly number[] {
    const detectors = new Set(this.unconditional);
    for (const hit of this.#pieces(bytes)) for (const { detector } of hit.places) detectors.add(detector);
    return [...detectors].filter((detector) => this.#detectors[detector].looksAt?.(name) !== false);
  }

  *#pieces(bytes: Uint8Array): Generator<SiftedHit> {
    const sieve = (this.#own ??= this.sieve());
    for (let at = 0; at < bytes.length; at += pieceLength) {
      const piece = bytes.subarray(at, at + pieceLength + this.lookahead);
      sieve.reserve(piece.length);
      sieve.text.set(piece);
      const text = { sieve, length: piece.length, isEnd: at + piece.length === bytes.length };
      yield* this.hits(text, 0, Math.min(pieceLength, piece.length));
    }
  }

  #fitting(keyword: number, bytes: Buffer, start: number, end: number, { length, isEnd }: SiftedText): readonly Place[] {
    const places = (this.#places[keyword] ??= this.#placesOf(keyword));
    let fitting = none;
    for (const each of places) {
      if (each.shape !== undefined && !each.shape.fits(each.place, bytes, start, end, length, isEnd)) continue;
      if (fitting === none) fitting = [];
      fitting.push(each);
    }
    return fitting;
  }

  #placesOf(keyword: number): readonly Place[] {
    const { bytes, detectors } = this.#filter.keywords[keyword];
    return detectors.map((detector) => {
      const shape = this.#detectors[detector].shape?.();
      const place = shape?.placeOf(bytes.toString());
      return place === undefined ? { detector, shape: undefined, place: 0 } : { detector, shape, place };
    });
  }
}
