// Streams documents of any length through the rules: bytes in, sightings out. Holds one window and a little history, whatever the
// length of the document or of its lines. A document is the body of an entry, a header, a value of the config: anything with a name.
import type { Limits } from '../model/limits.ts';
import type { Ruleset } from '../model/rule.ts';
import { type LooksAt, type Sift, siftFor } from '../rule/sift.ts';
import { isZero } from '../tar/header.ts';
import { type DecodedRun, EncodedText } from '../view/encoded/encoded.ts';
import { brokenCharacters } from '../view/text.ts';
import { markLength, utf16Mark } from '../view/wide.ts';
import { detectorsOf } from './certificates.ts';
import { HeldText } from './held-text.ts';
import { WideTexts } from './wide-texts.ts';
import { type DocumentSink, type Job, WindowJobs } from './window-jobs.ts';
import { Windows } from './windows.ts';

export type { DocumentSink } from './window-jobs.ts';

const pieceSize = 64 * 1024;
/** Fewer NULs may belong to a text. */
const shortestSkip = 4096;
/** The longest byte-order mark. */
const headLength = 4;
const nothing = Buffer.alloc(0);

export class DocumentScanner<Origin> {
  readonly #sift: Sift;
  readonly #limits: Limits;
  readonly #sink: DocumentSink<Origin>;
  readonly #history: number;
  readonly #windows: Windows;
  readonly #jobs: WindowJobs<Origin>;

  // The document that is open, and the part of it that is held.
  #document: { readonly name: string; readonly origin: Origin; readonly looksAt: LooksAt } | undefined;
  readonly #held: HeldText;
  readonly #encoded = new EncodedText((run) => this.#pushDecoded(run));
  readonly #wide: WideTexts;
  /** Offset of the first byte of the text behind a byte-order mark, or behind the last hole or long stretch of NULs. */
  #runStart = 0;
  /** Offset up to which keywords were looked for. */
  #searched = 0;
  #head: Buffer | undefined;
  #received = 0;
  #isLimited = false;

  constructor(ruleset: Ruleset, limits: Limits, sink: DocumentSink<Origin>) {
    const detectors = detectorsOf(ruleset);
    this.#sift = siftFor(detectors);
    this.#jobs = new WindowJobs(ruleset, limits, sink);
    this.#limits = limits;
    this.#sink = sink;
    const reaches = detectors.map((detector) => detector.reach);
    this.#history = reaches.reduce((most, reach) => Math.max(most, reach.before), 1024) + this.#sift.lookahead;
    this.#windows = new Windows(reaches);
    this.#held = new HeldText(this.#sift.sieve());
    this.#wide = new WideTexts(
      this.#held,
      (text) => this.#sift.detectorsIn(text, this.#document!.looksAt),
      (text) => this.#push(text, text.content.text.length * 2),
    );
  }

  /** False when no rule can find anything in these few bytes: a quick look before a document is opened for them. */
  mayMatch(bytes: Buffer): boolean {
    return this.#sift.mayMatch(bytes);
  }

  /** Opens a document; `name` is what rules with `paths` look at. */
  begin(name: string, origin: Origin): void {
    this.#document = { name, origin, looksAt: this.#sift.lookingAt(name) };
    this.#held.reset();
    this.#head = nothing;
    this.#received = 0;
    this.#isLimited = false;
    this.#windows.clear();
  }

  /** The bytes are copied. `offset` is their place in the document; a jump forward is a hole that holds nothing. */
  write(bytes: Uint8Array, offset = this.#received): void {
    if (offset !== this.#received) this.#jumpTo(offset);
    const room = this.#limits.entryBytes - this.#received;
    this.#received += bytes.length;
    if (bytes.length > room) {
      if (!this.#isLimited)
        this.#sink.limited(
          this.#document!.origin,
          'entryBytes',
          `only the first ${this.#limits.entryBytes} bytes were searched`,
          this.#limits.entryBytes,
        );
      this.#isLimited = true;
      if (room <= 0) return;
      bytes = bytes.subarray(0, room);
    }
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (this.#head === undefined) return this.#take(chunk);
    this.#head = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
    if (this.#head.length >= headLength) this.#begin();
    else this.#head = Buffer.from(this.#head);
  }

  /** Closes the document, and tells whether rules run, or ran, over some of it. Its sightings reach the sink with the next `settle`. */
  end(): boolean {
    if (this.#head !== undefined) this.#begin();
    this.#encoded.end();
    this.#search(this.#held.end, true);
    this.#wide.search(true);
    this.#queue(true);
    this.#document = undefined;
    return this.#jobs.end();
  }

  /** Opens, writes and closes a document at once. */
  scan(name: string, origin: Origin, bytes: Uint8Array): void {
    this.begin(name, origin);
    this.write(bytes);
    this.end();
  }

  /** True when windows wait: rules should run before much more is written, for they take memory. */
  get isFull(): boolean {
    return this.#jobs.isFull;
  }

  /** Runs the rules over all windows that wait. */
  async settle(): Promise<void> {
    await this.#jobs.settle();
  }

  /** Looks at the first bytes. A mark is no text: it would stand in the way of rules that look at the beginning of a line. */
  #begin(): void {
    const head = this.#head!;
    this.#head = undefined;
    const textStart = Math.min(markLength(head), head.length);
    this.#held.reset(textStart);
    this.#runStart = textStart;
    this.#searched = textStart;
    this.#wide.begin(textStart, utf16Mark(head));
    this.#take(head.subarray(textStart));
  }

  #take(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += pieceSize) {
      const piece = bytes.subarray(at, at + pieceSize);
      if (piece.length >= shortestSkip && isZero(piece)) {
        this.#search(this.#held.end, false);
        this.#queue(false);
        if (this.#windows.neededFrom === Infinity) {
          this.#skip(piece.length);
          continue;
        }
      }
      this.#held.append(piece);
      this.#encoded.write(piece, this.#held.end - piece.length);
      this.#search(this.#held.end - this.#sift.lookahead, false);
      if (piece.includes(0)) this.#wide.search(false);
      this.#queue(false);
      this.#trim();
    }
  }

  /** Passes over bytes that are all NUL, as long files of nothing are common. */
  #skip(length: number): void {
    this.#wide.search(true);
    this.#held.skipTo(this.#held.end + length, length);
    this.#runStart = this.#held.start;
    this.#searched = this.#held.start;
    this.#wide.skipTo(this.#held.start);
  }

  /** Searches what was not searched yet, up to an offset; behind it stands enough that it is known what fits, or `isEnd`: nothing. */
  #search(to: number, isEnd: boolean): void {
    const { start } = this.#held;
    const from = Math.max(this.#searched, start);
    if (to <= from) return;
    this.#searched = to;
    const { unconditional } = this.#sift;
    for (const detector of unconditional) this.#windows.add(from, to, detector, start, 'anywhere');
    const text = { sieve: this.#held.sieve, length: this.#held.length, isEnd };
    this.#sift.visit(text, from - start, to - start, this.#document!.looksAt, (first, last, detector, begins) =>
      this.#windows.add(start + first, start + last, detector, start, begins === 'anywhere' ? begins : begins.map((at) => start + at)),
    );
  }

  /** Text that stands encoded is read as a text of its own, run by run. */
  #pushDecoded(run: DecodedRun): void {
    const detectors = this.#sift.detectorsIn(run.bytes, this.#document!.looksAt);
    if (detectors.length === 0) return;
    // What was compressed may begin before all that is held.
    const first = Math.max(run.start, this.#held.start);
    const cursor = this.#held.cursorAt(first - this.#held.start);
    const bytes = first === run.start ? Buffer.from(this.#held.bytes(first - this.#held.start, run.end - this.#held.start)) : undefined;
    const job = { content: run.bytes, start: run.start, cursor, detectors, isStart: true };
    this.#push({ ...job, encoded: { run, bytes } }, run.bytes.length + (bytes?.length ?? 0));
  }

  #queue(isEnd: boolean): void {
    const end = this.#held.end;
    for (const window of this.#windows.ready(end, isEnd)) {
      const from = window.start - this.#held.start;
      const to = Math.min(window.end, end) - this.#held.start;
      const isStart = window.start === this.#runStart;
      const { atStart, atEnd } = brokenCharacters(this.#held.bytes(from, to));
      const first = isStart ? from : from + atStart;
      const content = Buffer.from(this.#held.bytes(first, isEnd && to === this.#held.length ? to : to - atEnd));
      const cursor = this.#held.cursorAt(first);
      this.#push(
        { content, start: this.#held.start + first, cursor, detectors: [...window.places.keys()], places: window.places, isStart },
        content.length,
      );
    }
  }

  #push(job: Job, bytes: number): void {
    const { name, origin } = this.#document!;
    this.#jobs.push(name, origin, job, bytes);
  }

  /** Drops what neither a waiting window nor the history of a coming one needs. */
  #trim(): void {
    const { start, end } = this.#held;
    const keepFrom = Math.max(start, Math.min(this.#windows.neededFrom, end - this.#history, this.#wide.neededFrom, this.#encoded.pendingFrom));
    if (keepFrom - start >= pieceSize) this.#held.drop(keepFrom - start);
  }

  #jumpTo(offset: number): void {
    if (this.#head !== undefined) this.#begin();
    this.#search(this.#held.end, true);
    this.#wide.search(true);
    this.#queue(true);
    this.#held.skipTo(offset);
    this.#runStart = offset;
    this.#searched = offset;
    this.#wide.skipTo(offset);
    this.#received = offset;
  }
}
