// Windows of text that wait for their rules: from what the rules see in them to sightings with places, handed on document by document.
import type { Limits } from '../model/limits.ts';
import type { MatchPlace, RuleFailure, Ruleset, Survey, TextWindow } from '../model/rule.ts';
import { type Certificate, certificatesIn } from '../rule/certificates.ts';
import { Turns } from '../tar/turns.ts';
import { advanceText, type Cursor } from '../view/cursor.ts';
import { type DecodedText, decodeText } from '../view/text.ts';
import { detectorsOf } from './certificates.ts';
import { detectAll } from './detect-all.ts';
import { type EncodedSource, positionIn, standsAsItIs } from './encoded-source.ts';
import { KeptSightings, type Sighting } from './kept-sightings.ts';

export interface DocumentSink<Origin> {
  found(sighting: Sighting<Origin>): void;
  certificate?(origin: Origin, certificate: Certificate): void;
  failed(origin: Origin, failure: RuleFailure, offset: number): void;
  /** Bytes from `offset` on were not looked at. */
  limited(origin: Origin, limit: keyof Limits, detail: string, offset: number): void;
}

/** A stretch of a document that waits for its rules. */
export interface Job {
  readonly content: Buffer | DecodedText;
  /** Offset of its first byte in the document. */
  readonly start: number;
  readonly cursor: Cursor;
  readonly detectors: readonly number[];
  /** Of a detector, where in the document its matches may be, unsorted; without them, anywhere. */
  readonly places?: ReadonlyMap<number, readonly MatchPlace[]>;
  /** Nothing of the document stands before it that belongs to the same text. */
  readonly isStart: boolean;
  /** Of text that stands encoded: what it was decoded from. */
  readonly encoded?: EncodedSource;
}

/** Of bytes and of windows that wait: of more, much would outlive the collections of garbage that are cheap. */
const mostWaiting = 2 ** 17;
const mostSteps = 1000;

interface JobDocument<Origin> {
  readonly name: string;
  readonly origin: Origin;
  readonly sightings: KeptSightings<Origin>;
}

export class WindowJobs<Origin> {
  readonly #ruleset: Ruleset;
  readonly #limits: Limits;
  readonly #sink: DocumentSink<Origin>;
  readonly #isGeneric: (ruleId: string) => boolean;
  /** Without a job: the document is over. */
  readonly #waiting: { readonly document: JobDocument<Origin>; readonly job?: Job }[] = [];
  #waitingBytes = 0;
  readonly #turns = new Turns();
  #document: JobDocument<Origin> | undefined;
  #found = 0;

  constructor(ruleset: Ruleset, limits: Limits, sink: DocumentSink<Origin>) {
    this.#ruleset = ruleset;
    this.#limits = limits;
    this.#sink = sink;
    const generic = new Set(detectorsOf(ruleset).flatMap(({ ruleId, isGeneric }) => (isGeneric === true ? [ruleId] : [])));
    this.#isGeneric = (ruleId) => generic.has(ruleId);
  }

  /** Of the document that is open; `bytes` is about the memory that the job takes. */
  push(name: string, origin: Origin, job: Job, bytes: number): void {
    const document = (this.#document ??= { name, origin, sightings: new KeptSightings(this.#isGeneric) });
    this.#waiting.push({ document, job });
    this.#waitingBytes += bytes;
  }

  /** The document is over. True when rules run, or ran, over some of it. Its sightings reach the sink with the next `settle`. */
  end(): boolean {
    const document = this.#document;
    if (document !== undefined) this.#waiting.push({ document });
    this.#document = undefined;
    return document !== undefined;
  }

  /** True when so much waits that the rules should run. */
  get isFull(): boolean {
    return this.#waitingBytes > mostWaiting || this.#waiting.length > mostSteps;
  }

  /** Runs the rules over all windows that wait. */
  async settle(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const steps = this.#waiting.splice(0).map((waiting) => ({ ...waiting, seen: waiting.job && this.#windowOf(waiting.document, waiting.job) }));
    const surveys = this.#ruleset
      .survey(
        steps.flatMap(({ seen }) => seen?.window ?? []),
        this.#limits.ruleMilliseconds,
      )
      .values();
    for (const { document, job, seen } of steps) {
      if (job === undefined || seen === undefined) this.#publish(document);
      else await this.#run(document, job, seen.window, seen.byteOf, surveys.next().value!);
      await this.#turns.take();
    }
    this.#waitingBytes = 0;
  }

  /** The detector that looks for certificates, behind those of the rules. */
  get #certificates(): number {
    return this.#ruleset.detectors.length;
  }

  #windowOf(
    { name }: JobDocument<Origin>,
    { content, start, detectors, places }: Job,
  ): { readonly window: TextWindow; readonly byteOf: DecodedText['byteOf'] } {
    const { text, byteOf, indexOf } = 'text' in content ? { ...content, indexOf: undefined } : decodeText(content);
    const window = { text, name, detectors: detectors.filter((detector) => detector !== this.#certificates) };
    if (places === undefined || indexOf === undefined) return { window, byteOf };
    const indexed = new Map([...places].map(([detector, all]) => [detector, indexedPlaces(all, start, indexOf)]));
    return { window: { ...window, places: indexed }, byteOf };
  }

  async #run(document: JobDocument<Origin>, job: Job, window: TextWindow, byteOf: DecodedText['byteOf'], survey: Survey): Promise<void> {
    const { origin, sightings } = document;
    const { start, cursor, detectors, isStart, encoded } = job;
    const { text } = window;
    if (detectors.includes(this.#certificates)) for (const certificate of certificatesIn(text)) this.#sink.certificate?.(origin, certificate);
    const { detections, failures } = await detectAll(this.#ruleset, window, survey, this.#limits.ruleMilliseconds);
    for (const failure of failures) this.#sink.failed(origin, failure, start);
    for (const detection of detections) {
      // What touches a border that is not the document's own is the rest of something that another window holds whole.
      if (detection.start === 0 && !isStart) continue;
      const first = byteOf(detection.start);
      const last = byteOf(detection.end);
      if (encoded !== undefined) {
        const position = positionIn(encoded, cursor, first, last);
        if (!standsAsItIs(encoded, position, text.slice(detection.start, detection.end)))
          sightings.add({ origin, detection, position, decoded: encoded.run.steps });
        continue;
      }
      const from = advanceText(cursor, text.slice(0, detection.start));
      const to = advanceText(from, text.slice(detection.start, detection.end));
      const place = { line: from.line, column: from.column, endLine: to.line, endColumn: to.column };
      sightings.add({ origin, detection, position: { ...place, offset: start + first, length: last - first } });
    }
  }

  #publish({ origin, sightings }: JobDocument<Origin>): void {
    for (const sighting of sightings.inOrder()) {
      if (this.#found === this.#limits.findings)
        this.#sink.limited(origin, 'findings', `more than ${this.#limits.findings} findings: the rest is not listed`, sighting.position.offset);
      if (this.#found++ < this.#limits.findings) this.#sink.found(sighting);
    }
  }
}

/** In rising order. What begins before the window is whole in another. */
function indexedPlaces(places: readonly MatchPlace[], windowStart: number, indexOf: (byte: number) => number): readonly MatchPlace[] {
  const indexed: MatchPlace[] = [];
  for (const place of places) {
    if (typeof place === 'number') {
      if (place >= windowStart) indexed.push(indexOf(place - windowStart));
    } else indexed.push({ start: indexOf(Math.max(0, place.start - windowStart)), end: indexOf(place.end - windowStart) });
  }
  return indexed.sort((a, b) => firstOf(a) - firstOf(b));
}

function firstOf(place: MatchPlace): number {
  return typeof place === 'number' ? place : place.start;
}
