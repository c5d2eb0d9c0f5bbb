// What the finders of this folder hand over, and what they are handed. Places are offsets in the document throughout.
import type { Places } from '../../core/runs.ts';

export interface DecodedRun {
  /**
   * How it was encoded, outermost first: `base64`, `hex`, `percent`, `backslash`, `bytes` (0x41, 0x4b), `gunzip`, `inflate`, `utf-16le`,
   * `utf-16be`.
   */
  readonly steps: readonly string[];
  /** Decoded; valid for as long as it is held. */
  readonly bytes: Buffer;
  /** Half-open range of the document that the run takes. */
  readonly start: number;
  readonly end: number;
  /**
   * The range of the document in which the decoded bytes from `from` to `to` stand encoded, in whole groups of the encoding; of what was
   * compressed the range of the whole run.
   */
  sourceOf(from: number, to: number): { readonly start: number; readonly end: number };
}

/** The part of the document that a finder can see; it goes on behind it unless `isEnd`. */
export interface Stretch {
  readonly bytes: Buffer;
  /** Offset of its first byte in the document. */
  readonly base: number;
  readonly isEnd: boolean;
}

export interface Finder {
  /**
   * Looks at the bytes from index `from` on, where the core found something of its kind. Returns the index from which it must see them again,
   * with more behind them.
   */
  search(stretch: Stretch, from: number, places: Places): number;
}

/** Bytes of the document that one run takes at most; longer ones are handed over in slices. */
export const longestSlice = 64 * 1024;
/** Decoded slices of one run overlap by about this much, so that what is shorter is whole in one. */
export const sliceOverlap = 4096;
/** A slice may be cut when this little is missing to its full length: what follows a line end must be seen to know whether the run goes on. */
export const lookahead = 512;
