// Walks a tar of any dialect and any state of repair. Every byte of the archive reaches the sink exactly once: as the body of an
// entry, as metadata of an entry, or as stray bytes that belong to none; what could not be understood is told as damage.
// Pushed and synchronous, so that one loop drives it at the speed of the stream.
import type { Entry } from '../model/entry.ts';
import type { Limits } from '../model/limits.ts';
import { type Chunk, chunkOf } from './chunk.ts';
import { ExtendedHeaders, isExtendedHeader, withoutBody } from './extended.ts';
import { blockAt, blockSize, hasChecksumAt, type HeaderFields, isZero, isZeroBlock, paddingAfter, parseHeader } from './header.ts';
import { oldGnuSegments, paxSegments, runAt, type SparseSegment, storedLength } from './sparse.ts';

/** Bytes handed to a sink are only valid during the call, those of its metadata too. */
export interface TarSink {
  /** An entry begins; its metadata (headers, PAX records, long names) comes with it. Bodies of one entry follow before the next begins. */
  entry(entry: Entry, metadata: readonly Uint8Array[]): void;
  /** Bytes of the body of the last entry; `offset` is their place in the file, which jumps where a sparse file has a hole. */
  body(bytes: Uint8Array, offset: number): void;
  /** The body is over, whole or not. */
  endOfBody(): void;
  stray(bytes: Uint8Array, what: string, offset: number): void;
  /** The first block is no header: all bytes will come as stray ones. */
  noTar(): void;
  damage(detail: string, offset: number): void;
  limit(name: keyof Limits, detail: string, offset: number): void;
  notice(detail: string, offset: number): void;
}

type State =
  | { readonly kind: 'header' }
  /** Collecting the body of an extended header; `kept` stops at the limit. */
  | { readonly kind: 'extended'; readonly type: string; left: number; kept: Buffer[]; keptLength: number; isTooLong: boolean }
  | { readonly kind: 'sparse-extension'; readonly header: Buffer; readonly segments: SparseSegment[] }
  | { readonly kind: 'sparse-map'; readonly header: Buffer; readonly size: number; readonly read: Buffer[]; lines: number }
  /** A header that should have no body announces one: the next block tells. */
  | { readonly kind: 'doubtful'; readonly entry: Entry; readonly metadata: readonly Uint8Array[] }
  | { readonly kind: 'body'; left: number; stored: number; readonly segments: readonly SparseSegment[] | undefined }
  | { readonly kind: 'padding'; left: number };

/** Types whose size field other readers ignore, although some writers put a body there. */
const bodyless = new Set(['1', '2', '3', '4', '5', '6', 'V']);

const atHeader: State = { kind: 'header' };

export class TarWalk {
  readonly #sink: TarSink;
  readonly #limits: Limits;
  #state: State = atHeader;
  #headers = new ExtendedHeaders();
  /** A block that came in pieces. */
  readonly #partial = chunkOf(new Uint8Array(blockSize));
  #partialLength = 0;
  /** Offset of the next byte. */
  #offset = 0;
  #entries = 0;
  #zeroBlocks = 0;
  #isBehindEnd = false;
  /** Where a run of blocks began that are no headers. */
  #strayStart: number | undefined;

  constructor(sink: TarSink, limits: Limits) {
    this.#sink = sink;
    this.#limits = limits;
  }

  /** Entries seen so far. */
  get entries(): number {
    return this.#entries;
  }

  get offset(): number {
    return this.#offset;
  }

  write(bytes: Uint8Array): void {
    const chunk = chunkOf(bytes);
    for (let at = 0; at < bytes.length;) at = this.#step(chunk, at);
  }

  /** Passes over up to `available` bytes of a body without seeing them, for who can seek. Returns how many. */
  skipBody(available: number): number {
    const state = this.#state;
    if (state.kind !== 'body') return 0;
    const length = Math.min(state.left, available);
    state.left -= length;
    state.stored += length;
    this.#offset += length;
    if (state.left === 0) this.#endBody();
    return length;
  }

  /** The stream is over; `isWhole` is false when it broke off, which was then told already. */
  end(isWhole = true): void {
    const state = this.#state;
    const left = this.#partialLength;
    const isNoTar = this.#entries === 0 && this.#offset === 0 && left > 0;
    if (left > 0) this.#strayPartial();
    if (state.kind === 'body' || state.kind === 'extended') {
      if (state.kind === 'extended') this.#finishExtended(state);
      else this.#sink.endOfBody();
      if (isWhole)
        this.#sink.damage(`the archive is truncated: ${state.left} bytes of entry ${Math.max(0, this.#entries - 1)} are missing`, this.#offset);
    } else if (state.kind === 'doubtful') {
      this.#withoutBody(state);
    } else if (state.kind === 'sparse-extension' || state.kind === 'sparse-map' || (state.kind === 'header' && left > 0 && !this.#isBehindEnd)) {
      if (isNoTar) this.#sink.noTar();
      else if (isWhole) this.#sink.damage(`the archive is truncated: it ends inside the header of entry ${this.#entries}`, this.#offset);
    } else if (isWhole && this.#headers.speaksOfEntry) {
      this.#sink.damage(`the archive is truncated: no entry follows the extended header before entry ${this.#entries}`, this.#offset);
    } else if (isWhole && !this.#isBehindEnd && this.#offset > 0 && this.#strayStart === undefined) {
      this.#sink.notice('the archive has no end-of-archive marker', this.#offset);
    }
    this.#flushHeaders();
  }

  /** Consumes something of the chunk from `at` on and returns where the rest begins. */
  #step(from: Chunk, at: number): number {
    const { bytes: chunk } = from;
    const state = this.#state;
    if (state.kind === 'body') {
      const run = runAt(state.segments, state.stored);
      const length = Math.min(state.left, chunk.length - at, run.length);
      this.#sink.body(chunk.subarray(at, at + length), run.offset);
      state.left -= length;
      state.stored += length;
      this.#offset += length;
      if (state.left === 0) this.#endBody();
      return at + length;
    }
    if (state.kind === 'padding') {
      const length = Math.min(state.left, chunk.length - at);
      const padding = chunk.subarray(at, at + length);
      if (!isZero(padding)) this.#sink.stray(padding, 'padding of an entry', this.#offset);
      state.left -= length;
      this.#offset += length;
      if (state.left === 0) this.#state = atHeader;
      return at + length;
    }
    if (state.kind === 'extended') {
      const length = Math.min(state.left, chunk.length - at);
      this.#collect(state, chunk.subarray(at, at + length));
      this.#offset += length;
      if (state.left === 0) this.#finishExtended(state);
      return at + length;
    }
    if (this.#partialLength === 0 && chunk.length - at >= blockSize) {
      this.#block(from, at);
      return at + blockSize;
    }
    const length = Math.min(blockSize - this.#partialLength, chunk.length - at);
    chunk.copy(this.#partial.bytes, this.#partialLength, at, at + length);
    this.#partialLength += length;
    if (this.#partialLength === blockSize) {
      this.#partialLength = 0;
      this.#block(this.#partial, 0);
    }
    return at + length;
  }

  /** One whole block where a header, a sparse map or the doubtful body of an entry stands. */
  #block(from: Chunk, at: number): void {
    const state = this.#state;
    const start = this.#offset;
    this.#offset += blockSize;
    switch (state.kind) {
      case 'sparse-extension': {
        const block = Buffer.from(blockAt(from, at));
        state.segments.push(...oldGnuSegments(block, 0, 21));
        this.#headers.metadata.push(block);
        if (block[504] === 0) this.#beginEntry(parseHeader(state.header), state.segments);
        return;
      }
      case 'sparse-map':
        return this.#sparseMap(state, blockAt(from, at));
      case 'doubtful':
        if (!isZeroBlock(from, at) && !hasChecksumAt(from, at)) return this.#doubtfulBody(state, blockAt(from, at), start);
        this.#withoutBody(state);
        return this.#header(from, at, start);
      default:
        return this.#header(from, at, start);
    }
  }

  #header(from: Chunk, at: number, start: number): void {
    if (isZeroBlock(from, at)) {
      this.#zeroBlocks++;
      this.#strayStart = undefined;
      if (this.#zeroBlocks >= 2) this.#isBehindEnd = true;
      return;
    }
    const block = blockAt(from, at);
    if (!hasChecksumAt(from, at)) return this.#noHeader(block, start);
    if (this.#zeroBlocks === 1 && !this.#isBehindEnd) this.#sink.notice('a single zero block stands between two entries', start);
    if (this.#isBehindEnd && this.#zeroBlocks > 0) this.#sink.notice('entries follow the end-of-archive marker', start);
    this.#zeroBlocks = 0;
    this.#strayStart = undefined;

    const fields = parseHeader(from.bytes, at);
    this.#headers.addBlock(block, start);
    if (isExtendedHeader(fields.type)) {
      this.#headers.own();
      this.#state = { kind: 'extended', type: fields.type, left: this.#sizeOf(fields, start), kept: [], keptLength: 0, isTooLong: false };
      if (this.#state.left === 0) this.#finishExtended(this.#state);
    } else if (fields.type === 'S' && fields.isGnu) {
      const segments = oldGnuSegments(block, 386, 4);
      if (block[482] !== 0) this.#state = { kind: 'sparse-extension', header: this.#headers.own(), segments };
      else this.#beginEntry(fields, segments);
    } else if (this.#headers.pax.get('GNU.sparse.major') === '1') {
      this.#state = {
        kind: 'sparse-map',
        header: this.#headers.own(),
        size: this.#sizeOf(fields, start, this.#headers.pax.get('size')),
        read: [],
        lines: 0,
      };
      if (this.#state.size < blockSize) {
        this.#sink.damage(`entry ${this.#entries} says that it is sparse and is too short for a sparse map`, start);
        this.#beginEntry(fields, undefined);
      }
    } else {
      this.#beginEntry(fields, this.#headers.segments);
    }
  }

  /** Looks for the next valid header; what stands before it is stray, and damage unless usual readers have stopped already. */
  #noHeader(block: Buffer, start: number): void {
    if (this.#strayStart === undefined) {
      this.#strayStart = start;
      if (start === 0) this.#sink.noTar();
      else if (!this.#isBehindEnd)
        this.#sink.damage(
          `a header has a wrong checksum, ${this.#entries === 0 ? 'before the first entry' : `after entry ${this.#entries - 1}`}`,
          start,
        );
      this.#flushHeaders();
    }
    this.#sink.stray(block, this.#isBehindEnd ? 'after the end-of-archive marker' : 'between entries', start);
  }

  #sizeOf(fields: HeaderFields, start: number, pax?: string): number {
    if (pax !== undefined && !/^[0-9]+$/.test(pax)) this.#sink.damage(`the PAX size of entry ${this.#entries} is no number`, start);
    const announced = pax !== undefined && /^[0-9]+$/.test(pax) ? Number(pax) : fields.size;
    if (announced === undefined || announced < 0) {
      this.#sink.damage(`the size of entry ${this.#entries} is ${announced === undefined ? 'unreadable' : `negative (${announced})`}`, start);
      return 0;
    }
    return Math.min(announced, Number.MAX_SAFE_INTEGER);
  }

  #beginEntry(fields: HeaderFields, segments: readonly SparseSegment[] | undefined, mapLength = 0): void {
    const headers = this.#headers;
    const size = this.#sizeOf(fields, this.#offset - blockSize, headers.pax.get('size')) - mapLength;
    if (segments !== undefined && storedLength(segments) !== size)
      this.#sink.damage(`the sparse map of entry ${this.#entries} speaks of ${storedLength(segments)} bytes and its body has ${size}`, this.#offset);
    const plain = headers.entry(fields, this.#entries++, size, this.#offset, this.#isBehindEnd);
    const entry = segments === undefined ? plain : { ...plain, isSparse: true as const };
    const { metadata } = headers;
    this.#headers = new ExtendedHeaders();
    if (size > 0 && bodyless.has(fields.type)) {
      headers.own();
      this.#state = { kind: 'doubtful', entry, metadata };
      return;
    }
    this.#sink.entry(entry, metadata);
    if (size > 0) this.#state = { kind: 'body', left: size, stored: 0, segments };
    else this.#endBody();
  }

  #doubtfulBody({ entry, metadata }: State & { kind: 'doubtful' }, block: Buffer, start: number): void {
    const length = Math.min(entry.size, blockSize);
    this.#sink.entry(entry, metadata);
    this.#sink.body(block.subarray(0, length), 0);
    if (entry.size > blockSize) {
      this.#state = { kind: 'body', left: entry.size - blockSize, stored: blockSize, segments: undefined };
      return;
    }
    this.#endBody();
    if (!isZero(block.subarray(length))) this.#sink.stray(block.subarray(length), 'padding of an entry', start + length);
  }

  #withoutBody({ entry, metadata }: State & { kind: 'doubtful' }): void {
    this.#sink.entry(withoutBody(entry), metadata);
    this.#endBody();
  }

  /** PAX sparse format 1.0: decimal numbers, one a line, at the head of the body: how many pairs, then the pairs. */
  #sparseMap(state: State & { kind: 'sparse-map' }, block: Buffer): void {
    state.read.push(Buffer.from(block));
    for (const byte of block) if (byte === 0x0a) state.lines++;
    const pairs = Number.parseInt(state.read[0].toString('latin1', 0, 20), 10);
    const wanted = Number.isSafeInteger(pairs) && pairs >= 0 ? 1 + 2 * pairs : 1;
    const length = state.read.length * blockSize;
    if (state.lines < wanted && length < Math.min(state.size, this.#limits.extendedHeaderBytes)) return;
    const map = Buffer.concat(state.read);
    const numbers = map.toString('latin1').split('\n').slice(0, -1).map(Number);
    this.#headers.metadata.push(map);
    const segments = paxSegments(numbers.slice(1, wanted).join(','));
    if (numbers.length < wanted || segments.length !== (wanted - 1) / 2)
      this.#sink.damage(`the sparse map of entry ${this.#entries} cannot be read`, this.#offset);
    const fields = parseHeader(state.header);
    this.#beginEntry(fields, segments, Math.min(map.length, state.size));
  }

  #collect(state: State & { kind: 'extended' }, bytes: Buffer): void {
    state.left -= bytes.length;
    const room = this.#limits.extendedHeaderBytes - state.keptLength;
    if (room > 0) state.kept.push(Buffer.from(bytes.subarray(0, room)));
    state.keptLength += Math.min(room, bytes.length);
    if (bytes.length > room) {
      if (!state.isTooLong)
        this.#sink.limit(
          'extendedHeaderBytes',
          `the extended header before entry ${this.#entries} is longer than ${this.#limits.extendedHeaderBytes} bytes: it is searched, but not understood`,
          this.#offset,
        );
      state.isTooLong = true;
      this.#sink.stray(bytes.subarray(room), 'extended header', this.#offset + room);
    }
  }

  #finishExtended(state: State & { kind: 'extended' }): void {
    const body = Buffer.concat(state.kept);
    this.#headers.metadata.push(body);
    const problem = state.isTooLong ? undefined : this.#headers.understand(state.type, body);
    if (problem !== undefined && state.left === 0)
      this.#sink.damage(`${problem.detail}, before entry ${this.#entries}`, this.#offset - body.length + problem.offset);
    this.#toHeader();
  }

  #endBody(): void {
    this.#sink.endOfBody();
    this.#toHeader();
  }

  #toHeader(): void {
    const left = paddingAfter(this.#offset);
    this.#state = left === 0 ? atHeader : { kind: 'padding', left };
  }

  #strayPartial(): void {
    const rest = this.#partial.bytes.subarray(0, this.#partialLength);
    if (!isZero(rest)) this.#sink.stray(rest, this.#isBehindEnd ? 'after the end-of-archive marker' : 'at the end of the archive', this.#offset);
    this.#offset += this.#partialLength;
    this.#partialLength = 0;
  }

  /** Extended headers that no entry follows are content all the same. */
  #flushHeaders(): void {
    for (const bytes of this.#headers.metadata) this.#sink.stray(bytes, 'header without an entry', this.#headers.start ?? this.#offset);
    this.#headers = new ExtendedHeaders();
  }
}
