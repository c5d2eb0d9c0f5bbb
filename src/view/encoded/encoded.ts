// What stands encoded in a document: text in base64, hexadecimal or escapes, once or several times over, compressed or not. The document
// streams by and is searched in blocks that begin at fixed offsets, so that the chunks in which it comes make no difference.
import { ByteLists } from './byte-lists.ts';
import { type DecodedRun, type Finder, longestSlice, sliceOverlap } from './decoded-run.ts';
import { DenseRuns } from './dense-runs.ts';
import { EscapeRuns } from './escape-runs.ts';
import { backslash, percent } from './escapes.ts';
import { Inflation } from './inflate.ts';

export type { DecodedRun } from './decoded-run.ts';

/** Bytes that are searched at once. */
const block = 64 * 1024;
/** Bytes before an open run that are kept: words around escapes reach back so far. */
const history = 512;
/** Encodings in encodings that are taken off. */
const mostSteps = 3;

/**
 * Finds the runs of encoded bytes in one document after the other and hands them over decoded, each within 128 KiB behind its end or at the
 * end of the document, and only roughly in their order. Runs may overlap: slices of one, the levels of what is encoded twice, a word that
 * is read in two ways. What is neither text nor leads to text (images, keys in DER, random bytes) is not handed over. Never fails, whatever
 * the bytes. Memory: some hundred KiB, for something compressed some MiB more. Time: linear; about one look at a table for two bytes of text.
 */
export class EncodedText {
  readonly #found: (run: DecodedRun) => void;
  readonly #inflation = new Inflation();
  readonly #levels: readonly Level[];
  /** For each finder the offset from which it looks on. */
  #from: number[] = [];
  #held: Buffer = Buffer.alloc(0);
  #length = 0;
  /** Offsets of the first byte that is held, of the first byte behind the last jump, and of the next byte. */
  #base = 0;
  #origin = 0;
  #end = 0;

  constructor(found: (run: DecodedRun) => void) {
    this.#found = found;
    this.#levels = Array.from({ length: mostSteps }, (_, steps) => this.#levelOf(steps));
    this.#begin(0);
  }

  /** No later run begins before this offset, except one that is compressed; for who keeps places of the document until they are asked for. */
  get pendingFrom(): number {
    return this.#base;
  }

  /** The bytes are copied. Chunks follow each other; behind a jump of `offset` nothing goes on that was open. */
  write(chunk: Buffer, offset: number): void {
    if (offset !== this.#end) {
      this.#search(true);
      this.#begin(offset);
    }
    for (let at = 0; at < chunk.length;) {
      const room = block - ((this.#end - this.#origin) % block);
      const piece = at === 0 && chunk.length <= room ? chunk : chunk.subarray(at, at + room);
      this.#append(piece);
      at += piece.length;
      if (piece.length === room) this.#search(false);
    }
  }

  /** Closes the document. The next `write` begins another one. */
  end(): void {
    this.#search(true);
    this.#inflation.reset();
    this.#begin(0);
  }

  #begin(offset: number): void {
    this.#length = 0;
    this.#base = offset;
    this.#origin = offset;
    this.#end = offset;
    this.#from = this.#levels[0].finders.map(() => offset);
  }

  #append(piece: Buffer): void {
    const needed = this.#length + piece.length;
    if (needed > this.#held.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(Math.max(needed, 2 * this.#held.length, 1024), Math.max(needed, 3 * block)));
      this.#held.copy(larger, 0, 0, this.#length);
      this.#held = larger;
    }
    piece.copy(this.#held, this.#length);
    this.#length = needed;
    this.#end += piece.length;
  }

  #search(isEnd: boolean): void {
    if (this.#length === 0) return;
    const stretch = { bytes: this.#held.subarray(0, this.#length), base: this.#base, isEnd };
    this.#levels[0].finders.forEach((finder, index) => {
      this.#from[index] = this.#base + finder.search(stretch, this.#from[index] - this.#base);
    });
    const keepFrom = isEnd ? this.#end : Math.max(this.#base, Math.min(...this.#from) - history);
    this.#held.copyWithin(0, keepFrom - this.#base, this.#length);
    this.#length -= keepFrom - this.#base;
    this.#base = keepFrom;
  }

  /** Hands over a run of the document or of an `outer` run, and looks for runs in what was decoded. */
  #take(run: DecodedRun): void {
    handOver(run, this.#found);
    const level = this.#levels[run.steps.length];
    if (level === undefined) return;
    level.outer = run;
    for (const finder of level.finders) finder.search({ bytes: run.bytes, base: 0, isEnd: true }, 0);
    level.outer = undefined;
  }

  #takeInner(outer: DecodedRun, inner: DecodedRun): void {
    const source = outer.sourceOf(inner.start, inner.end);
    const step = outer.steps.at(-1);
    // Without an escape in it such a run was found beside the word, too.
    if ((step === 'percent' || step === 'backslash') && source.end - source.start === inner.end - inner.start) return;
    this.#take({
      steps: [...outer.steps, ...inner.steps],
      bytes: inner.bytes,
      ...source,
      sourceOf: (from, to) => {
        const { start, end } = inner.sourceOf(from, to);
        return outer.sourceOf(start, end);
      },
    });
  }

  /** The finders for what has so many steps behind it. */
  #levelOf(steps: number): Level {
    const level: Level = {
      finders: findersIn(steps, this.#inflation, (run) => (level.outer === undefined ? this.#take(run) : this.#takeInner(level.outer, run))),
      outer: undefined,
    };
    return level;
  }
}

/** What is searched on one level of encodings in encodings; each level has steps behind it that the one above has not, so none is entered twice. */
interface Level {
  readonly finders: readonly Finder[];
  /** The run whose bytes are searched; undefined for the document. */
  outer: DecodedRun | undefined;
}

function findersIn(steps: number, inflation: Inflation, found: (run: DecodedRun) => void): readonly Finder[] {
  return [new DenseRuns(steps, inflation, found), new EscapeRuns(percent, found), new EscapeRuns(backslash, found), new ByteLists(found)];
}

/** In slices, when it is long. */
function handOver(run: DecodedRun, found: (run: DecodedRun) => void): void {
  const { steps, bytes } = run;
  if (bytes.length <= longestSlice) return found(run);
  for (let first = 0; first + sliceOverlap < bytes.length; first += longestSlice - sliceOverlap) {
    const last = Math.min(bytes.length, first + longestSlice);
    found({
      steps,
      bytes: bytes.subarray(first, last),
      ...run.sourceOf(first, last),
      sourceOf: (from, to) => run.sourceOf(first + from, first + to),
    });
  }
}
