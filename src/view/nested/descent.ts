// The way down into containers: shows each decoded stream, looks whether it is a container itself, and keeps the bounds. The readers
// of the formats are given from above, so that each can lead to every other.
import type { Blob } from '../../model/blob.ts';
import type { SkipReason } from '../../model/report.ts';
import { Budget, type NestedLimits } from './budget.ts';
import type { ObjectType } from './git/object-head.ts';
import { endsAsZip, headLength, type NestedKind, nestedKindOf, zipTailLength } from './kind.ts';
import { type Base, baseOf, type Place } from './names.ts';
import { type Peeked, peeked } from './peek.ts';
import { isDiskLike, longHeadLength, unreadableKindOf } from './unreadable.ts';
import { Window } from './window.ts';

/** Steps from an outermost file to a document inside it: printable, and no two documents of a file have the same. */
export type Way = readonly string[];

/** Holds bytes so that they can be read from any place: few in memory, more in a temporary file. Given by the caller, who also frees them. */
export type Hold = (chunks: AsyncIterable<Uint8Array>) => Promise<Blob>;

export interface GitObject {
  /** The name of the object: 40 hexadecimal digits. */
  readonly id: string;
  readonly type: ObjectType;
}

export interface NestedDocument {
  readonly way: Way;
  /** What to call it for rules that look at names: the path of the innermost member, without the suffix of a compression. */
  readonly name: string;
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Bytes, where they are known before: as its container announces them, so a broken one may be wrong. */
  readonly size?: number;
  /** The object of git that it is, or in which it is packed. */
  readonly git?: GitObject;
  /**
   * Where its bytes begin in the document that is shown when members are not shown apart; an empty way is the outermost file. Not of what is put
   * together from several places.
   */
  readonly base?: Base;
}

export type Visit = (document: NestedDocument) => Promise<void>;

export interface NestedReading {
  readonly hold: Hold;
  readonly limits: NestedLimits;
  /** What the outermost file is called: its path. Default: ''. */
  readonly name?: string;
  /**
   * How members that stand as plain bytes in their archive are shown: as part of its bytes (`within`, the default), or as documents of their own
   * (`apart`). In the latter form no container is a document, but everything in it that is not compressed is part of one.
   */
  readonly members?: 'within' | 'apart';
  /** What `visit` and `hold` are given may be a view on memory that is used again: each chunk is valid only until the next one is asked for. */
  readonly isBorrowing?: true;
  readonly signal?: AbortSignal;
  /** What could not be read, and why; `limit` is the name of one of the NestedLimits, or of the Limits of a tar. */
  readonly skipped: (way: Way, reason: SkipReason, detail: string, limit?: string) => void;
}

/** Shows what a container of one format holds. `place` is that of the container. */
export type Reader = (blob: Blob, place: Place, descent: Descent) => Promise<void>;

/** The same for formats that are read from start to end; `standing` are the same bytes as something encloses them, if so. */
export type StreamReader = (bytes: AsyncIterable<Uint8Array>, place: Place, descent: Descent, standing: Blob | undefined) => Promise<void>;

export interface Readers {
  readonly ofBlobs: Readonly<Record<NestedKind, Reader>>;
  /** Where members are shown apart, these go before the others. */
  readonly ofStreams: Readonly<Partial<Record<NestedKind, StreamReader>>>;
}

/** What is known of a document. */
export interface About {
  /** The same bytes as they stand in what encloses them, for who has them: then they are not held once more. */
  readonly standing?: Blob;
  readonly size?: number;
  readonly git?: GitObject;
  /** They are bytes of a stream that was counted, or of the outermost file, and no other document has them. */
  readonly isCounted?: boolean;
  /** The bytes come from several places. */
  readonly isPutTogether?: boolean;
}

/** Of one outermost file, members apart: it may have a million broken members. */
const mostTold = 1000;

export class Descent {
  readonly budget: Budget;
  readonly isApart: boolean;
  readonly #readers: Readers;
  readonly #visit: Visit;
  readonly #reading: NestedReading;
  #told = 0;
  /** Of the last thing that was not told. */
  #untold: readonly [reason: SkipReason, limit: string | undefined] | undefined;
  #git: GitObject | undefined;

  /** `stored`: the size of the outermost file. */
  constructor(readers: Readers, stored: number, visit: Visit, reading: NestedReading) {
    this.#readers = readers;
    this.#visit = visit;
    this.#reading = reading;
    this.isApart = reading.members === 'apart';
    this.budget = new Budget(reading.limits, stored);
  }

  tell(way: Way, reason: SkipReason, detail: string, limit?: string): void {
    this.#told++;
    // What has ended the reading comes last, and is never left out.
    if (this.isApart && this.#told > mostTold && this.budget.reached === undefined) this.#untold = [reason, limit];
    else this.#reading.skipped(way, reason, detail, limit);
  }

  /** To be called at the very end. */
  tellRest(): void {
    if (this.#untold === undefined) return;
    const [reason, limit] = this.#untold;
    this.#reading.skipped([], reason, `of ${this.#told} things in this file that could not be read only ${mostTold} are listed`, limit);
  }

  get isBorrowing(): true | undefined {
    return this.#reading.isBorrowing;
  }

  get hold(): Hold {
    return this.#reading.hold;
  }

  /** Reads a container that stands here as it is. */
  async inside(place: Place, blob: Blob, kind: NestedKind): Promise<void> {
    this.#reading.signal?.throwIfAborted();
    if (this.budget.reached !== undefined || !this.#mayEnter(place.way, kind)) return;
    const ofStreams = this.isApart ? this.#readers.ofStreams[kind] : undefined;
    await (ofStreams === undefined ? this.#readers.ofBlobs[kind](blob, place, this) : ofStreams(blob.open(), place, this, blob));
  }

  #mayEnter(way: Way, kind: NestedKind): boolean {
    const { depth } = this.#reading.limits;
    if (way.length < depth) return true;
    this.tell(way, 'limit', `more than ${depth} containers stand in each other: the innermost (${kind}) is not read`, 'depth');
    return false;
  }

  /** Counts one member of a container. False: the limit is reached, which was told, and nothing more is to be read. */
  mayReadMember(way: Way): boolean {
    this.#reading.signal?.throwIfAborted();
    const detail = this.budget.member();
    if (detail !== undefined) this.tell(way, 'limit', detail, this.budget.reached);
    return this.budget.reached === undefined;
  }

  /** Counts decoded bytes. False as above. */
  mayDecode(way: Way, bytes: number): boolean {
    this.#reading.signal?.throwIfAborted();
    const detail = this.budget.decoded(bytes);
    if (detail !== undefined) this.tell(way, 'limit', detail, this.budget.reached);
    return this.budget.reached === undefined;
  }

  /** Shows a decoded stream, and what is in it when it is a container. */
  async document(place: Place, bytes: AsyncIterable<Uint8Array>, about: About = {}): Promise<void> {
    if (this.budget.reached !== undefined) return;
    const stream = await peeked(this.#metered(place.way, bytes, about.isCounted === true), headLength);
    if (this.isApart) return this.#documentApart(place, stream, about);
    const { standing } = about;
    const kind = nestedKindOf(stream.head);
    if (kind !== undefined && standing === undefined) return this.kept(place, await this.hold(stream.bytes), about.git);
    try {
      await this.#shown(place, stream, about);
    } finally {
      await stream.bytes.return();
    }
    if (kind !== undefined && standing !== undefined) await this.#within(about.git, () => this.inside(place, standing, kind));
  }

  /** A container is read instead of shown, unless it lies too deep. */
  async #documentApart(place: Place, stream: Peeked, about: About): Promise<void> {
    try {
      const kind = nestedKindOf(stream.head) ?? ((await isZipBehindProgram(stream.head, about.standing)) ? 'zip' : undefined);
      if (kind !== undefined && this.#mayEnter(place.way, kind)) await this.#within(about.git, () => this.#container(place, stream, kind, about));
      else await this.#shown(place, await this.#toldUnreadable(place, stream, about), about);
    } finally {
      await stream.bytes.return();
    }
  }

  /** Shows bytes that are no container, whatever they begin like. Only called where members are shown apart. */
  async plain(place: Place, blob: Blob | AsyncIterable<Uint8Array>): Promise<void> {
    if (this.budget.reached !== undefined) return;
    const isBlob = !(Symbol.asyncIterator in blob);
    const stream = await peeked(this.#metered(place.way, isBlob ? blob.open() : blob, true), 1);
    try {
      if (stream.head.length > 0) await this.#shown(place, stream, { ...(isBlob ? { size: blob.size } : {}), isPutTogether: true });
    } finally {
      await stream.bytes.return();
    }
  }

  /** Holds a decoded stream that cannot be shown yet. */
  async keep(way: Way, bytes: AsyncIterable<Uint8Array>): Promise<Blob> {
    return this.hold(this.#metered(way, bytes, false));
  }

  /** Shows what was kept, and what is in it. */
  async kept(place: Place, blob: Blob, git?: GitObject): Promise<void> {
    const about = { standing: blob, size: blob.size, ...(git === undefined ? {} : { git }), isCounted: true };
    if (this.isApart) return this.document(place, blob.open(), about);
    await this.#visit({ ...this.#described(place, about), bytes: blob.open() });
    const { head, bytes } = await peeked(blob.open(), headLength);
    await bytes.return();
    const kind = nestedKindOf(head);
    if (kind !== undefined) await this.#within(git, () => this.inside(place, blob, kind));
  }

  async #container(place: Place, stream: Peeked, kind: NestedKind, { standing, isCounted }: About): Promise<void> {
    const ofStreams = this.#readers.ofStreams[kind];
    if (standing === undefined && ofStreams !== undefined) await ofStreams(stream.bytes, place, this, undefined);
    else if (standing === undefined) await this.inside(place, await this.hold(stream.bytes), kind);
    // Members of a zip may share their bytes: each of them counts, although its bytes do not pass here.
    else if (isCounted === true || this.mayDecode(place.way, standing.size)) await this.inside(place, standing, kind);
  }

  /** What is shown meanwhile is packed in this object of git. */
  async #within(git: GitObject | undefined, enter: () => Promise<void>): Promise<void> {
    const outer = this.#git;
    this.#git = git ?? outer;
    try {
      await enter();
    } finally {
      this.#git = outer;
    }
  }

  /** The same stream, of which is told what cannot be read in it. */
  async #toldUnreadable(place: Place, stream: Peeked, { standing }: About): Promise<Peeked> {
    const seen = isDiskLike(stream.head) ? await peeked(stream.bytes, longHeadLength) : stream;
    const unreadable = unreadableKindOf(seen.head);
    if (unreadable !== undefined) this.tell(place.way, unreadable.reason, unreadable.detail);
    return standing === undefined && isProgram(seen.head) ? this.#toldZipAtEnd(place, seen) : seen;
  }

  /** Tells of a zip behind a program that passes by: it would have to be read from its end. */
  #toldZipAtEnd(place: Place, { head, bytes }: Peeked): Peeked {
    let tail: Uint8Array = Buffer.alloc(0);
    let isTold = false;
    const next = async () => {
      const step = await bytes.next();
      if (!step.done) tail = step.value.length < zipTailLength ? Buffer.concat([tail, step.value]) : step.value;
      tail = Buffer.from(tail.subarray(-zipTailLength));
      if (step.done && !isTold && endsAsZip(tail)) {
        isTold = true;
        this.tell(place.way, 'unsupported', 'a zip stands behind a program in a compressed archive: it is read as it is, not unpacked');
      }
      return step;
    };
    const watched: Peeked['bytes'] = { [Symbol.asyncIterator]: () => watched, next, return: () => bytes.return() };
    return { head, bytes: watched };
  }

  async #shown(place: Place, { bytes }: Peeked, about: About): Promise<void> {
    await this.#visit({ ...this.#described(place, about), bytes: withoutReturn(bytes) });
    while (!(await bytes.next()).done);
  }

  #described(place: Place, { size, standing, git = this.#git, isPutTogether }: About): Omit<NestedDocument, 'bytes'> {
    const { way, name } = place;
    const known = size ?? standing?.size;
    const base = isPutTogether === true && place.base === undefined ? {} : { base: baseOf(place) };
    return { way, name, ...(known === undefined ? {} : { size: known }), ...(git === undefined ? {} : { git }), ...base };
  }

  /** Ends where the budget ends. */
  async *#metered(way: Way, bytes: AsyncIterable<Uint8Array>, isCounted: boolean): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      yield chunk;
      if (!this.mayDecode(way, isCounted ? 0 : chunk.length)) return;
    }
  }
}

/** A zip can be found behind a program when its end can be looked at. */
async function isZipBehindProgram(head: Buffer, standing: Blob | undefined): Promise<boolean> {
  if (standing === undefined || !isProgram(head)) return false;
  return endsAsZip(await new Window(standing).read(standing.size - zipTailLength, zipTailLength));
}

function isProgram(head: Buffer): boolean {
  return ['#!', 'MZ', '\x7fE'].includes(head.toString('latin1', 0, 2));
}

/** For a visitor that leaves its loop early: the stream stays open, and the rest of it is read. */
function withoutReturn(bytes: AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => ({ next: () => bytes.next() }) };
}
