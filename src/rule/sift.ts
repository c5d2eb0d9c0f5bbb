// What is left of the keywords in a text when it is asked what stands behind them: the places around which rules are worth running.
import type { Sieve } from '../core/sieve.ts';
import type { Detector, KeywordShape } from '../model/rule.ts';
import { type KeywordFilter, keywordFilterFor } from './keyword-filter.ts';
import { longestShape } from './shape/shape.ts';

/** What a detector says of a keyword; without a shape it always may find something near it. */
export interface Place {
  /** Its index. */
  readonly detector: number;
  /** Null until it is asked for: to make it takes longer than to ask whether the detector looks at a document. */
  shape: KeywordShape | null | undefined;
  place: number;
}

/** Whether a detector looks at the document. */
export interface LooksAt {
  (detector: number): boolean;
  /** True when it was asked before, and does not. */
  readonly isKnownNotTo?: (detector: number) => boolean;
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

  /** The keywords that begin at or behind `from` and before `to`, in the order of their starts, for detectors that look at the document. */
  hits(text: SiftedText, from: number, to: number, looksAt: LooksAt): SiftedHit[] {
    const hits: SiftedHit[] = [];
    const bytes = text.sieve.text;
    const found = text.sieve.search(from, Math.min(text.length, to + this.#filter.longest));
    for (let i = 0; i < found.length && found[i] < to; i += 2) {
      const end = found[i] + this.#lengths[found[i + 1]];
      const places = this.#fitting(found[i + 1], bytes, found[i], end, text, looksAt);
      if (places !== none) hits.push({ start: found[i], end, places });
    }
    return hits;
  }

  /** Whether some detector may find something in a text. */
  mayMatch(bytes: Uint8Array): boolean {
    return this.unconditional.length > 0 || !this.#pieces(bytes, looksAtAll).next().done;
  }

  /** The detectors that may find something in a text of the document. */
  detectorsIn(bytes: Uint8Array, looksAt: LooksAt): readonly number[] {
    const detectors = new Set(this.unconditional.filter(looksAt));
    for (const hit of this.#pieces(bytes, looksAt)) for (const { detector } of hit.places) detectors.add(detector);
    return [...detectors];
  }

  *#pieces(bytes: Uint8Array, looksAt: LooksAt): Generator<SiftedHit> {
    const sieve = (this.#own ??= this.sieve());
    for (let at = 0; at < bytes.length; at += pieceLength) {
      const piece = bytes.subarray(at, at + pieceLength + this.lookahead);
      sieve.reserve(piece.length);
      sieve.text.set(piece);
      const text = { sieve, length: piece.length, isEnd: at + piece.length === bytes.length };
      yield* this.hits(text, 0, Math.min(pieceLength, piece.length), looksAt);
    }
  }

  #fitting(keyword: number, bytes: Buffer, start: number, end: number, { length, isEnd }: SiftedText, looksAt: LooksAt): readonly Place[] {
    const places = (this.#places[keyword] ??= this.#filter.keywords[keyword].detectors.map((detector) => ({ detector, shape: null, place: 0 })));
    let fitting = none;
    for (const each of places) {
      if (looksAt.isKnownNotTo?.(each.detector) === true) continue;
      if (each.shape === null) {
        if (!looksAt(each.detector)) continue;
        this.#makeShape(each, keyword);
      }
      // Of a shape that is there it is the other way round: most end here.
      if (each.shape && !each.shape.fits(each.place, bytes, start, end, length, isEnd)) continue;
      if (!looksAt(each.detector)) continue;
      if (fitting === none) fitting = [];
      fitting.push(each);
    }
    return fitting;
  }

  #makeShape(place: Place, keyword: number): void {
    const shape = this.#detectors[place.detector].shape?.();
    const number = shape?.placeOf(this.#filter.keywords[keyword].bytes.toString());
    place.shape = number === undefined ? undefined : shape;
    place.place = number ?? 0;
  }
}
