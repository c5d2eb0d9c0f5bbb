// Looks for removed values, in every encoding, in a stream of any length. Base64 may be wrapped: of a form only two pieces are searched
// for, of which a line break can fall into one alone, and the characters around them are compared with line breaks passed over.
import type { Span } from '../../model/span.ts';
import { ExactSearch, shortestExact } from '../../view/exact-search.ts';
import type { Encoding } from './encodings.ts';
import { formsOfValue, type RemovedValue } from './removed-value.ts';

export interface ValueHit {
  readonly value: RemovedValue;
  readonly encoding: Encoding;
  /** Half-open range of the bytes that were searched. */
  readonly start: number;
  readonly end: number;
}

interface Form {
  readonly value: RemovedValue;
  readonly encoding: Encoding;
  readonly bytes: Buffer;
}

interface Sought {
  readonly form: Form;
  /** Where in the form the needle stands, when it is not all of it. */
  readonly pieceAt?: number;
}

const shortestWrapped = 2 * shortestExact - 1;
const longestPiece = 12;
/** Line ends, the `\n` of strings, indentation, and what joins the pieces of a string in a program. */
const between = new Set(Buffer.from('\r\n\t \\nr"\'+'));
const spaces = new Set(Buffer.from('\r\n\t '));
/** Bytes between two characters of a wrapped form at most. */
const longestBreak = 48;

/** What to look for, prepared once for all streams. */
export class Hunt {
  readonly #search: ExactSearch;
  readonly #sought: readonly Sought[];
  /** Bytes that a hit can take at most. */
  readonly reach: number;

  constructor(values: readonly RemovedValue[]) {
    const forms = values.flatMap((value) => formsOfValue(value).map((form): Form => ({ value, ...form })));
    const needles: Buffer[] = [];
    const sought: Sought[] = [];
    for (const form of forms) {
      if (isWrappable(form)) {
        const length = Math.min(longestPiece, Math.ceil(form.bytes.length / 2));
        const second = Math.min(length, form.bytes.length - length);
        needles.push(form.bytes.subarray(0, length), form.bytes.subarray(second, second + length));
        sought.push({ form, pieceAt: 0 }, { form, pieceAt: second });
      } else {
        needles.push(form.bytes);
        sought.push({ form });
      }
    }
    this.#search = new ExactSearch(needles);
    this.#sought = sought;
    this.reach = forms.reduce((most, form) => Math.max(most, isWrappable(form) ? wrappedLength(form.bytes.length) : form.bytes.length), 0);
  }

  /** True when there is nothing to look for. */
  get isEmpty(): boolean {
    return this.#search.isEmpty;
  }

  /** All hits in these bytes, sorted by start. */
  in(bytes: Buffer): readonly ValueHit[] {
    const found = new Map<string, ValueHit>();
    for (const { needle, start } of this.#search.in(bytes)) {
      const { form, pieceAt } = this.#sought[needle];
      const range = pieceAt === undefined ? { start, end: start + form.bytes.length } : wrappedAt(bytes, start, form.bytes, pieceAt);
      if (range === undefined) continue;
      const key = `${range.start} ${range.end} ${form.value.id}`;
      if (!found.has(key)) found.set(key, { value: form.value, encoding: form.encoding, ...range });
    }
    return [...found.values()].sort((a, b) => a.start - b.start || b.end - a.end);
  }

  /** All hits of a stream whose chunks are given one after the other; offsets are those of the stream. */
  stream(found: (hit: ValueHit) => void): { write(chunk: Uint8Array): void } {
    let held: Buffer = Buffer.alloc(0);
    let offset = 0;
    const tell = (hit: ValueHit, from: number) => found({ ...hit, start: from + hit.start, end: from + hit.end });
    return {
      write: (written) => {
        if (this.isEmpty || written.length === 0) return;
        const chunk = Buffer.from(written.buffer, written.byteOffset, written.byteLength);
        // A chunk is searched where it lies; what crosses its border is searched in a copy of both sides.
        if (held.length > 0) {
          const border = Buffer.concat([held, chunk.subarray(0, this.reach)]);
          for (const hit of this.in(border)) if (hit.start < held.length && hit.end > held.length) tell(hit, offset - held.length);
        }
        for (const hit of this.in(chunk)) tell(hit, offset);
        offset += chunk.length;
        const rest = chunk.length >= this.reach ? chunk : Buffer.concat([held, chunk]);
        held = Buffer.from(rest.subarray(Math.max(0, rest.length - this.reach)));
      },
    };
  }
}

function isWrappable({ encoding, bytes }: Form): boolean {
  return encoding === 'base64' && bytes.length >= shortestWrapped;
}

function wrappedLength(length: number): number {
  return length + Math.ceil(length / 16) * longestBreak;
}

/** The range of the form that stands around the piece of it at `at`, line breaks in it passed over. */
function wrappedAt(bytes: Buffer, at: number, form: Buffer, pieceAt: number): Span | undefined {
  const start = edgeOf(bytes, at - 1, form, pieceAt - 1, -1);
  const end = edgeOf(bytes, at, form, pieceAt, 1);
  if (start === undefined || end === undefined) return undefined;
  return end - start - 1 > wrappedLength(form.length) ? undefined : { start: start + 1, end };
}

/** The first place behind (or, with step -1, before) the rest of the form, compared from `place` on. */
function edgeOf(bytes: Buffer, from: number, form: Buffer, fromIndex: number, step: 1 | -1): number | undefined {
  let place = from;
  let passed = 0;
  for (let index = fromIndex; index >= 0 && index < form.length; place += step) {
    if (place < 0 || place >= bytes.length) return undefined;
    if (bytes[place] === form[index] && !isJoint(bytes, place)) {
      index += step;
      passed = 0;
    } else if (!between.has(bytes[place]) || ++passed > longestBreak) return undefined;
  }
  return place;
}

/** A letter of base64 that is none here: that of an escaped line end, or a plus between two strings. */
function isJoint(bytes: Buffer, at: number): boolean {
  if (bytes[at] === 0x6e || bytes[at] === 0x72) return bytes[at - 1] === 0x5c;
  return bytes[at] === 0x2b && isQuote(bytes, at, -1) && isQuote(bytes, at, 1);
}

/** Whether a quote is the first thing beside this place that is no space. */
function isQuote(bytes: Buffer, at: number, step: 1 | -1): boolean {
  let place = at + step;
  while (spaces.has(bytes[place]) && Math.abs(place - at) < longestBreak) place += step;
  return bytes[place] === 0x22 || bytes[place] === 0x27;
}
