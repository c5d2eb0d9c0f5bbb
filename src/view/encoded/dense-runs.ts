// Finds what is written in base64 or hexadecimal: long pieces of that alphabet. The core tells in which of them something may begin.
import type { Places } from '../../core/runs.ts';
import { base64Table, closingTable, endOfPiece } from './alphabet.ts';
import { type DecodedRun, type Finder, longestSlice, lookahead, sliceOverlap, type Stretch } from './decoded-run.ts';
import type { Inflation } from './inflate.ts';
import { encodedPlaces } from './places.ts';
import { type Pieces, piecesOf, startsAsciiGroups } from './pieces.ts';
import { contentOf, type Content, isCompressedBase64, printableShare } from './readable.ts';
import { type Code, recognise, shortestPiece, shortestRun } from './recognise.ts';
import { fromWide } from './wide-run.ts';

/** Characters from which the content of a run is told. */
const headLength = 128;
/** Texts of more lines are wrapped, and no lists. */
const mostLines = 16;
/** What is compressed is held up to so many characters, as it can only be read from its beginning. */
const mostHeld = 2 ** 20;

interface OpenRun {
  readonly code: Code;
  readonly content: Content;
  /** Characters at its beginning that the slice before had too; undefined for the first slice. */
  overlap: number | undefined;
  /** What is read as a whole: the text so far, and its places in the document. */
  readonly held: { text: string[]; length: number; readonly starts: number[]; readonly ends: number[] } | undefined;
}

export class DenseRuns implements Finder {
  readonly #depth: number;
  readonly #inflation: Inflation;
  readonly #found: (run: DecodedRun) => void;
  #run: OpenRun | undefined;
  /** The bytes go on with a piece that is of no interest. */
  #isPassing = false;

  /** `depth` is how many steps the bytes have behind them. */
  constructor(depth: number, inflation: Inflation, found: (run: DecodedRun) => void) {
    this.#depth = depth;
    this.#inflation = inflation;
    this.#found = found;
  }

  /** The bytes go on with a piece that holds nothing. */
  get isPassing(): boolean {
    return this.#isPassing;
  }

  /** A run or such a piece may go on with more bytes. */
  get isOpen(): boolean {
    return this.#run !== undefined || this.#isPassing;
  }

  search(stretch: Stretch, from: number, places: Places): number {
    const { bytes, isEnd } = stretch;
    const { length } = bytes;
    let at = from;
    for (;;) {
      if (this.#isPassing) {
        at = endOfPiece(bytes, at, length, base64Table);
        this.#isPassing = at === length && !isEnd;
        if (at === length) return at;
      }
      if (this.#run === undefined) {
        const start = nextPiece(bytes, at, places);
        if (start < 0) return Math.max(at, places.resume);
        if (start + shortestPiece > length) return start;
        const end = endOfPiece(bytes, start + shortestPiece, length, base64Table);
        const isOpen = end === length && !isEnd;
        if (isOpen && end - start < headLength + 8) return start;
        const begin = this.#begin(stretch, start, end);
        if (begin === 'wait') return start;
        if (begin === undefined) {
          this.#isPassing = isOpen;
          if (end === length) return end;
        }
        at = begin ?? end;
      } else {
        const next = this.#readOn(stretch, at);
        if (next < 0) return at;
        at = next;
      }
    }
  }

  /** Opens the run that begins in a piece, and tells where; undefined when there is none. */
  #begin(stretch: Stretch, start: number, end: number): number | 'wait' | undefined {
    for (let shift = 0; shift < 4;) {
      const known = recognise(stretch.bytes, start, end, shift);
      if (known === undefined) return undefined;
      const begin = this.#beginAt(stretch, known.code, known.start, end);
      if (begin !== undefined) return begin;
      shift = known.shift + 1;
    }
    return undefined;
  }

  #beginAt({ bytes, isEnd }: Stretch, code: Code, start: number, end: number): number | 'wait' | undefined {
    const isText = code.name === 'base64' && startsAsciiGroups(bytes, start, end);
    const limit = end - start >= headLength ? start + headLength : bytes.length;
    const pieces = piecesOf(bytes, start, limit, isEnd, code.table, { isText, most: headLength });
    if (pieces.stopped === 'starved' && pieces.length < headLength) return 'wait';
    const head = Buffer.from(textOf(bytes, pieces), code.name);
    const content = contentOf(head);
    if (content === undefined || (content !== 'text' && this.#depth > 1)) return undefined;
    if (code.name === 'hex' && content === 'text' && printableShare(head, 0, 1, head.length) < 0.9) return undefined;
    if (code.name === 'base64' && pieces.length < shortestRun && !isShortValue(bytes, start, pieces, head)) return undefined;
    const isWhole = content === 'gzip' || content === 'zlib' || (this.#depth === 0 && isCompressedBase64(head));
    this.#run = { code, content, overlap: undefined, held: isWhole ? { text: [], length: 0, starts: [], ends: [] } : undefined };
    return start;
  }

  /** Takes the next slice of the open run. Returns where to go on, -1 when more bytes are needed before. */
  #readOn(stretch: Stretch, from: number): number {
    const { bytes, isEnd, base } = stretch;
    const run = this.#run!;
    const { code, held, content } = run;
    const isText = code.name === 'base64' && content === 'text';
    const before = held?.length ?? 0;
    const pieces = piecesOf(bytes, from, from + longestSlice, isEnd, code.table, { isText, before });
    if (pieces.stopped === 'starved' && bytes.length - from < longestSlice - lookahead) return -1;
    const isLast = pieces.stopped === 'end';
    if (held !== undefined) {
      held.text.push(textOf(bytes, pieces));
      held.length += pieces.length;
      for (const start of pieces.starts) held.starts.push(base + start);
      for (const end of pieces.ends) held.ends.push(base + end);
      if (!isLast && held.length < mostHeld) return pieces.end;
      this.#run = undefined;
      this.#isPassing = !isLast;
      this.#handWhole(run, held, base + pieces.end);
      return pieces.end;
    }
    if (isLast) {
      this.#run = undefined;
      if (run.overlap === undefined || pieces.length > run.overlap) this.#hand(stretch, run, pieces, pieces.length);
      return pieces.end;
    }
    const count = pieces.length - (pieces.length % code.align);
    this.#hand(stretch, run, pieces, count);
    const overlap = Math.min(sliceOverlap, count >> 1);
    run.overlap = overlap - (overlap % code.align);
    return indexOfCharacter(pieces, count - run.overlap);
  }

  /** Hands over the first `count` characters of the pieces. */
  #hand({ bytes, base }: Stretch, { code, content }: OpenRun, pieces: Pieces, count: number): void {
    const decoded = Buffer.from(textOf(bytes, pieces).slice(0, count), code.name);
    const end = base + (count === pieces.length ? pieces.end : indexOfCharacter(pieces, count - 1) + 1);
    const starts = pieces.starts.map((start) => base + start);
    const ends = pieces.ends.map((each) => base + each);
    const run = { steps: [code.name], bytes: decoded, start: starts[0], end, sourceOf: encodedPlaces(code, starts, ends, count) };
    this.#found(content === 'text' ? run : fromWide(run, content === 'utf-16be'));
    if (content === 'text') this.#handLines(code, starts, ends, decoded);
  }

  /** Lines of whole groups may be values of their own, such as those of a list: each but the first once more by itself. */
  #handLines(code: Code, starts: readonly number[], ends: readonly number[], decoded: Buffer): void {
    if (starts.length > mostLines || !starts.every((start, line) => (ends[line] - start) % code.group === 0)) return;
    let from = 0;
    for (const [line, start] of starts.entries()) {
      const end = ends[line];
      const to = from + ((end - start) / code.group) * code.size;
      const bytes = decoded.subarray(from, to);
      if (line > 0) this.#found({ steps: [code.name], bytes, start, end, sourceOf: encodedPlaces(code, [start], [end], end - start) });
      from = to;
    }
  }

  #handWhole({ code, content }: OpenRun, held: NonNullable<OpenRun['held']>, end: number): void {
    const decoded = Buffer.from(held.text.join(''), code.name);
    const { starts, ends, length } = held;
    const run = { steps: [code.name], bytes: decoded, start: starts[0], end, sourceOf: encodedPlaces(code, starts, ends, length) };
    if (content !== 'gzip' && content !== 'zlib') return this.#found(run);
    const inflated = this.#inflation.inflated(decoded, content, end);
    if (inflated === undefined) return;
    const steps = [code.name, content === 'gzip' ? 'gunzip' : 'inflate'];
    this.#found({ steps, bytes: inflated, start: run.start, end, sourceOf: () => ({ start: run.start, end }) });
  }
}

/**
 * The beginning of the next piece of at least `shortestPiece` characters, or of what may become one with more bytes; -1 when there is none.
 * The core knows whole pieces only, and a run may end in one.
 */
function nextPiece(bytes: Buffer, at: number, places: Places): number {
  if (at === 0 || at >= bytes.length || base64Table[bytes[at - 1]] === 0 || base64Table[bytes[at]] === 0) return places.next(at);
  const end = endOfPiece(bytes, at, bytes.length, base64Table);
  return end - at >= shortestPiece || end === bytes.length ? at : places.next(end);
}

function textOf(bytes: Buffer, { starts, ends }: Pieces): string {
  let text = '';
  for (let i = 0; i < starts.length; i++) text += bytes.toString('latin1', starts[i], ends[i]);
  return text;
}

function indexOfCharacter({ starts, ends }: Pieces, character: number): number {
  let rest = character;
  for (let i = 0; i < starts.length; i++) {
    if (rest < ends[i] - starts[i]) return starts[i] + rest;
    rest -= ends[i] - starts[i];
  }
  return ends.at(-1)!;
}

/** Something like `user:password`, complete, behind a quote, an equals sign, a colon or a space. */
function isShortValue(bytes: Buffer, start: number, pieces: Pieces, decoded: Buffer): boolean {
  if (start === 0 || !'"\'`=: >,'.includes(String.fromCharCode(bytes[start - 1])) || pieces.starts.length > 1) return false;
  const padding = pieces.end - pieces.ends[0];
  if ((pieces.length + padding) % 4 !== 0) return false;
  if (pieces.end < bytes.length && (closingTable[bytes[pieces.end]] === 0 || bytes[pieces.end] === 0x3d)) return false;
  return decoded.every((byte) => byte >= 0x20 && byte < 0x7f) && (decoded.includes(0x3a) || decoded.includes(0x3d));
}
