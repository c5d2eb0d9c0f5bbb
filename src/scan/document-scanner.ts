// Streams documents of any length through the rules: bytes in, sightings out. Holds one window and a little history, whatever the
// length of the document or of its lines. A document is the body of an entry, a header, a value of the config: anything with a name.
import type { Limits } from '../model/limits.ts';
import type { RuleFailure, Ruleset, Survey, TextWindow } from '../model/rule.ts';
import { isZero } from '../tar/header.ts';
import { type Certificate, certificatesIn } from '../rule/certificates.ts';
import { type KeywordFilter, keywordFilterFor } from '../rule/keyword-filter.ts';
import { advanceText, type Cursor, startOfText } from '../view/cursor.ts';
import { type DecodedRun, EncodedText } from '../view/encoded/encoded.ts';
import { brokenCharacters, type DecodedText, decodeText } from '../view/text.ts';
import { markLength, utf16Mark } from '../view/wide.ts';
import { detectorsOf } from './certificates.ts';
import { detectAll } from './detect-all.ts';
import { type EncodedSource, positionIn, standsAsItIs } from './encoded-source.ts';
import { HeldText } from './held-text.ts';
import { KeptSightings, type Sighting } from './kept-sightings.ts';
import { WideTexts } from './wide-texts.ts';
import { Windows } from './windows.ts';

export interface DocumentSink<Origin> {
  found(sighting: Sighting<Origin>): void;
  certificate?(origin: Origin, certificate: Certificate): void;
  failed(origin: Origin, failure: RuleFailure, offset: number): void;
  /** Bytes from `offset` on were not looked at. */
  limited(origin: Origin, limit: keyof Limits, detail: string, offset: number): void;
}

/** A stretch of a document that waits for its rules; without content it marks the document's end. */
interface Job<Origin> {
  readonly document: OpenDocument<Origin>;
  readonly content: Buffer | DecodedText | undefined;
  /** Offset of its first byte in the document. */
  readonly start: number;
  readonly cursor: Cursor;
  readonly detectors: readonly number[];
  /** Nothing of the document stands before it that belongs to the same text. */
  readonly isStart: boolean;
  /** Of text that stands encoded: what it was decoded from. */
  readonly encoded?: EncodedSource;
}

interface OpenDocument<Origin> {
  readonly name: string;
  readonly origin: Origin;
  readonly sightings: KeptSightings<Origin>;
  /** Rules are run over some of it. */
  isLookedAt: boolean;
}

const pieceSize = 64 * 1024;
/** Fewer NULs may belong to a text. */
const shortestSkip = 4096;
/** The longest byte-order mark. */
const headLength = 4;

export class DocumentScanner<Origin> {
  readonly #ruleset: Ruleset;
  readonly #filter: KeywordFilter;
  readonly #limits: Limits;
  readonly #sink: DocumentSink<Origin>;
  readonly #history: number;
  readonly #windows: Windows;
  readonly #jobs: Job<Origin>[] = [];
  #waitingBytes = 0;

  // The document that is open, and the part of it that is held.
  #document: OpenDocument<Origin> | undefined;
  readonly #held = new HeldText();
  readonly #encoded = new EncodedText((run) => this.#pushDecoded(run));
  readonly #wide: WideTexts;
  /** Offset of the first byte of the text behind a byte-order mark, or behind the last hole or long stretch of NULs. */
  #runStart = 0;
  #head: Buffer | undefined;
  #received = 0;
  #isLimited = false;
  #found = 0;

  constructor(ruleset: Ruleset, limits: Limits, sink: DocumentSink<Origin>) {
    this.#ruleset = ruleset;
    const detectors = detectorsOf(ruleset);
    this.#filter = keywordFilterFor(detectors);
    this.#limits = limits;
    this.#sink = sink;
    const reaches = detectors.map((detector) => detector.reach);
    this.#history = reaches.reduce((most, reach) => Math.max(most, reach.before), 1024) + this.#filter.longest;
    this.#windows = new Windows(reaches);
    this.#wide = new WideTexts(this.#held, this.#filter, (text) => this.#push({ document: this.#document!, ...text }, text.content.text.length * 2));
  }

  /** The detector that looks for certificates, behind those of the rules. */
  get #certificates(): number {
    return this.#ruleset.detectors.length;
  }

  /** False when no rule can find anything in these few bytes: a quick look before a document is opened for them. */
  mayMatch(bytes: Buffer): boolean {
    return this.#filter.unconditional.length > 0 || this.#filter.search(bytes, 0, bytes.length).length > 0;
  }

  /** Opens a document; `name` is what rules with `paths` look at. */
  begin(name: string, origin: Origin): void {
    this.#document = { name, origin, sightings: new KeptSightings(), isLookedAt: false };
    this.#held.reset();
    this.#head = Buffer.alloc(0);
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
    this.#head = Buffer.concat([this.#head, chunk]);
    if (this.#head.length >= headLength) this.#open();
  }

  /** Closes the document, and tells whether rules run, or ran, over some of it. Its sightings reach the sink with the next `settle`. */
  end(): boolean {
    if (this.#head !== undefined) this.#open();
    this.#encoded.end();
    this.#wide.search(true);
    this.#queue(true);
    const document = this.#document!;
    this.#jobs.push({ document, content: undefined, start: 0, cursor: startOfText, detectors: [], isStart: true });
    this.#document = undefined;
    return document.isLookedAt;
  }

  /** Opens, writes and closes a document at once. */
  scan(name: string, origin: Origin, bytes: Uint8Array): void {
    this.begin(name, origin);
    this.write(bytes);
    this.end();
  }

  /** True when windows wait: rules should run before much more is written, for they take memory. */
  get isFull(): boolean {
    return this.#waitingBytes > 2 ** 20 || this.#jobs.length > 1000;
  }

  /** Runs the rules over all windows that wait. */
  async settle(): Promise<void> {
    const jobs = this.#jobs.splice(0).map((job) => ({ job, ...this.#windowOf(job) }));
    const windows = jobs.flatMap(({ window }) => window ?? []);
    const surveys = this.#ruleset.survey(windows, this.#limits.ruleMilliseconds).values();
    for (const { job, window, byteOf } of jobs) {
      if (window === undefined) this.#publish(job.document);
      else await this.#run(job, window, byteOf, surveys.next().value!);
    }
    this.#waitingBytes = 0;
  }

  /** The text of a job, and which rules are to look at it; nothing for one that marks an end. */
  #windowOf({ document, content, detectors }: Job<Origin>): { readonly window?: TextWindow; readonly byteOf: DecodedText['byteOf'] } {
    if (content === undefined) return { byteOf: (index) => index };
    const { text, byteOf } = 'text' in content ? content : decodeText(content);
    return { window: { text, name: document.name, detectors: detectors.filter((detector) => detector !== this.#certificates) }, byteOf };
  }

  /** Looks at the first bytes. A mark is no text: it would stand in the way of rules that look at the beginning of a line. */
  #open(): void {
    const head = this.#head!;
    this.#head = undefined;
    const textStart = Math.min(markLength(head), head.length);
    this.#held.reset(textStart);
    this.#runStart = textStart;
    this.#wide.begin(textStart, utf16Mark(head));
    this.#take(head.subarray(textStart));
  }

  #take(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += pieceSize) {
      const piece = bytes.subarray(at, at + pieceSize);
      if (piece.length >= shortestSkip && this.#windows.neededFrom === Infinity && isZero(piece)) {
        this.#skip(piece.length);
        continue;
      }
      this.#held.append(piece);
      this.#encoded.write(piece, this.#held.end - piece.length);
      this.#search(piece.length);
      this.#queue(false);
      this.#trim();
    }
  }

  /** Passes over bytes that are all NUL, as long files of nothing are common. */
  #skip(length: number): void {
    this.#wide.search(true);
    this.#held.skipTo(this.#held.end + length, length);
    this.#runStart = this.#held.start;
    this.#wide.skipTo(this.#held.start);
  }

  /** Searches the last `added` bytes, with those before them that a keyword may begin in. */
  #search(added: number): void {
    const fresh = this.#held.length - added;
    const { unconditional } = this.#filter;
    const earliest = this.#held.start;
    if (unconditional.length > 0) this.#windows.add(this.#held.start + fresh, this.#held.end, unconditional, earliest);
    for (const hit of this.#filter.search(this.#held.bytes(), Math.max(0, fresh - this.#filter.longest + 1), this.#held.length)) {
      if (hit.end > fresh) this.#windows.add(this.#held.start + hit.start, this.#held.start + hit.end, hit.detectors, earliest);
    }
    if (this.#held.bytes(fresh).includes(0)) this.#wide.search(false);
  }

  /** Text that stands encoded is read as a text of its own, run by run. */
  #pushDecoded(run: DecodedRun): void {
    const detectors = this.#filter.detectorsIn(run.bytes);
    if (detectors.length === 0) return;
    // What was compressed may begin before all that is held.
    const first = Math.max(run.start, this.#held.start);
    const cursor = this.#held.cursorAt(first - this.#held.start);
    const bytes = first === run.start ? Buffer.from(this.#held.bytes(first - this.#held.start, run.end - this.#held.start)) : undefined;
    const job = { document: this.#document!, content: run.bytes, start: run.start, cursor, detectors, isStart: true };
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
        { document: this.#document!, content, start: this.#held.start + first, cursor, detectors: [...window.detectors], isStart },
        content.length,
      );
    }
  }

  #push(job: Job<Origin>, bytes: number): void {
    job.document.isLookedAt = true;
    this.#jobs.push(job);
    this.#waitingBytes += bytes;
  }

  /** Drops what neither a waiting window nor the history of a coming one needs. */
  #trim(): void {
    const { start, end } = this.#held;
    const keepFrom = Math.max(start, Math.min(this.#windows.neededFrom, end - this.#history, this.#wide.neededFrom, this.#encoded.pendingFrom));
    if (keepFrom - start >= pieceSize) this.#held.drop(keepFrom - start);
  }

  #jumpTo(offset: number): void {
    if (this.#head !== undefined) this.#open();
    this.#wide.search(true);
    this.#queue(true);
    this.#held.skipTo(offset);
    this.#runStart = offset;
    this.#wide.skipTo(offset);
    this.#received = offset;
  }

  async #run(job: Job<Origin>, window: TextWindow, byteOf: DecodedText['byteOf'], survey: Survey): Promise<void> {
    const { document, start, cursor, detectors, isStart, encoded } = job;
    const { text } = window;
    if (detectors.includes(this.#certificates))
      for (const certificate of certificatesIn(text)) this.#sink.certificate?.(document.origin, certificate);
    const { detections, failures } = await detectAll(this.#ruleset, window, survey, this.#limits.ruleMilliseconds);
    for (const failure of failures) this.#sink.failed(document.origin, failure, start);
    for (const detection of detections) {
      // What touches a border that is not the document's own is the rest of something that another window holds whole.
      if (detection.start === 0 && !isStart) continue;
      if (encoded !== undefined) {
        const position = positionIn(encoded, cursor, byteOf(detection.start), byteOf(detection.end));
        if (!standsAsItIs(encoded, position, text.slice(detection.start, detection.end)))
          document.sightings.add({ origin: document.origin, detection, position, decoded: encoded.run.steps });
        continue;
      }
      const from = advanceText(cursor, text.slice(0, detection.start));
      const to = advanceText(from, text.slice(detection.start, detection.end));
      const offset = start + byteOf(detection.start);
      const position = {
        line: from.line,
        column: from.column,
        endLine: to.line,
        endColumn: to.column,
        offset,
        length: start + byteOf(detection.end) - offset,
      };
      document.sightings.add({ origin: document.origin, detection, position });
    }
  }

  #publish({ origin, sightings }: OpenDocument<Origin>): void {
    for (const sighting of sightings.inOrder()) {
      if (this.#found === this.#limits.findings)
        this.#sink.limited(origin, 'findings', `more than ${this.#limits.findings} findings: the rest is not listed`, sighting.position.offset);
      if (this.#found++ < this.#limits.findings) this.#sink.found(sighting);
    }
  }
}
