// What stands encoded in a document: text in base64, hexadecimal or escapes, once or several times over, compressed or not. The document
// streams by and is searched in blocks that begin at fixed offsets, so that the chunks in which it comes make no difference.
import { type RunKind, runKinds, Runs, runsIn } from '../../core/runs.ts';
import { ByteLists } from './byte-lists.ts';
import { type DecodedRun, longestSlice, sliceOverlap } from './decoded-run.ts';
import { DenseRuns } from './dense-runs.ts';
import { EscapeRuns } from './escape-runs.ts';
import { backslash, percent } from './escapes.ts';
import { Inflation } from './inflate.ts';

export type { DecodedRun } from './decoded-run.ts';

/** Bytes that are searched at once. */
const block = 64 * 1024;
/** Bytes before an open run that are kept: words around escapes reach back so far. */
const history = 512;
/** For what is held: less than a block that is open, the history, and another block. */
const room = 3 * block;
/** Encodings in encodings that are taken off. */
const mostSteps = 3;

/**
 * Finds the runs of encoded bytes in one document after the other and hands them over decoded, each within 128 KiB behind its end or at the
 * end of the document, and only roughly in their order. Runs may overlap: slices of one, the levels of what is encoded twice, a word that
 * is read in two ways. What is neither text nor leads to text (images, keys in DER, random bytes) is not handed over. Never fails, whatever
 * the bytes. Memory: 640 KiB, for something compressed some MiB more. Time: linear; where nothing is encoded
 * less than SHA-256 of the same bytes, and about 0.1 microseconds for each document.
 */
export class EncodedText {
  readonly #found: (run: DecodedRun) => void;
  readonly #inflation = new Inflation();
  readonly #levels: readonly Level[];
  /** For each finder the index in what is held from which it looks on. */
  readonly #from: Record<RunKind, number> = { dense: 0, percent: 0, backslash: 0, bytes: 0 };
  /** In its memory stands what is held. */
  #runs: Runs | undefined;
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
    const from = this.#from;
    from.dense = from.percent = from.backslash = from.bytes = 0;
    const { percent, backslash } = this.#levels[0].finders;
    percent.begin();
    backslash.begin();
  }

  #append(piece: Buffer): void {
    this.#runs ??= new Runs(room);
    this.#runs.bytes.set(piece, this.#length);
    this.#length += piece.length;
    this.#end += piece.length;
  }

  #search(isEnd: boolean): void {
    if (this.#length === 0) return;
    const runs = this.#runs!;
    const from = this.#from;
    const { dense } = this.#levels[0].finders;
    const hasPlaces = runs.look(this.#length, from, dense.isPassing, isEnd);
    from.dense = runs.denseFrom;
    if (hasPlaces || dense.isOpen) this.#lookAt(runs, isEnd);
    else if (!isEnd) for (const kind of runKinds) from[kind] = Math.max(from[kind], runs.resumeOf(kind));
    if (!isEnd) this.#forget(Math.min(from.dense, from.percent, from.backslash, from.bytes) - history);
  }

  #lookAt(runs: Runs, isEnd: boolean): void {
    const { finders } = this.#levels[0];
    const from = this.#from;
    const places = runs.places();
    const stretch = { bytes: runs.bytes.subarray(0, this.#length), base: this.#base, isEnd };
    for (const kind of runKinds) {
      const isQuiet = places[kind].isEmpty && !(kind === 'dense' && finders.dense.isOpen);
      from[kind] = isQuiet ? Math.max(from[kind], places[kind].resume) : finders[kind].search(stretch, from[kind], places[kind]);
    }
  }

  /** What stands before an index is needed no more. */
  #forget(index: number): void {
    if (index <= 0) return;
    this.#runs!.bytes.copyWithin(0, index, this.#length);
    this.#length -= index;
    this.#base += index;
    for (const kind of runKinds) this.#from[kind] -= index;
  }

  /** Hands over a run of the document or of an `outer` run, and looks for runs in what was decoded. */
  #take(run: DecodedRun): void {
    handOver(run, this.#found);
    const level = this.#levels[run.steps.length];
    if (level === undefined) return;
    const runs = runsIn(run.bytes);
    if (!runs.look(run.bytes.length, fromStart, false, true)) return;
    const places = runs.places();
    level.outer = run;
    for (const kind of runKinds) if (!places[kind].isEmpty) level.finders[kind].search({ bytes: run.bytes, base: 0, isEnd: true }, 0, places[kind]);
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
  readonly finders: Finders;
  /** The run whose bytes are searched; undefined for the document. */
  outer: DecodedRun | undefined;
}

interface Finders {
  readonly dense: DenseRuns;
  readonly percent: EscapeRuns;
  readonly backslash: EscapeRuns;
  readonly bytes: ByteLists;
}

const fromStart: Readonly<Record<RunKind, number>> = { dense: 0, percent: 0, backslash: 0, bytes: 0 };

function findersIn(steps: number, inflation: Inflation, found: (run: DecodedRun) => void): Finders {
  return {
    dense: new DenseRuns(steps, inflation, found),
    percent: new EscapeRuns(percent, found),
    backslash: new EscapeRuns(backslash, found),
    bytes: new ByteLists(found),
  };
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
