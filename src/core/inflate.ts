// Raw deflate (RFC 1951) to its bytes, by the core. What stands before a break is given out whole, and where the break is, is known to the byte.
import { inflate as binary } from './binary/inflate.ts';

/** Where a block begins, in bits of the stream from its start; the bytes that were given before it; and what its header says. */
export interface DeflateBlock {
  readonly bit: number;
  readonly output: number;
  readonly kind: 'stored' | 'fixed' | 'dynamic' | 'invalid';
  readonly isLast: boolean;
}

interface Engine {
  readonly memory: WebAssembly.Memory;
  inputStart(): number;
  inputRoom(): number;
  outputStart(): number;
  outputEnd(): number;
  used(): number;
  blockLogStart(): number;
  blocksBegun(): number;
  reset(): void;
  feed(length: number): void;
  run(): number;
}

const status = { starved: 0, paused: 1, ended: 2 } as const;
/** By status, from 3 on; the words of zlib. */
const breaks = [
  'invalid block type',
  'invalid stored block lengths',
  'too many length or distance symbols',
  'invalid code lengths set',
  'invalid bit length repeat',
  'invalid code -- missing end-of-block',
  'invalid literal/lengths set',
  'invalid distances set',
  'invalid literal/length code',
  'invalid distance code',
  'invalid distance too far back',
];
const kinds = ['stored', 'fixed', 'dynamic', 'invalid'] as const;
const blockWidth = 24;
/** Of 64 KiB: what assembly/_inflate-memory.ts takes. */
const pages = 10;

let compiled: WebAssembly.Module | undefined;
/** Engines of streams that are over. A memory takes gigabytes of address space, and some streams are of a few bytes. */
const idle: Engine[] = [];
const mostIdle = 4;

function engineOfItsOwn(): Engine {
  const engine = idle.pop() ?? instantiated();
  engine.reset();
  return engine;
}

function instantiated(): Engine {
  compiled ??= new WebAssembly.Module(Buffer.from(binary, 'base64'));
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  return { ...(exports as unknown as Engine), memory };
}

/**
 * One stream. Feed it with `write` until `isEnded`, or `error` is set, or there is no more input: then the stream is truncated, and all that
 * could be decoded was given. No stream can make it throw, or take longer than its input and output are long. Memory: 640 KiB, which the next
 * stream uses again after `close`.
 */
export class Inflate {
  #engine: Engine | undefined = engineOfItsOwn();
  readonly #onBlock: ((block: DeflateBlock) => void) | undefined;
  #fed = 0;
  #length = 0;
  #status: number = status.starved;

  /** `onBlock` is told of each block when its header was read. */
  constructor(options: { readonly onBlock?: (block: DeflateBlock) => void } = {}) {
    this.#onBlock = options.onBlock;
  }

  /** The last block is over. */
  get isEnded(): boolean {
    return this.#status === status.ended;
  }

  /** Why nothing more can be decoded, in the words of zlib, and the offset behind the last byte of what is wrong. */
  get error(): { readonly message: string; readonly offset: number } | undefined {
    return this.#status > status.ended ? { message: breaks[this.#status - status.ended - 1], offset: this.used } : undefined;
  }

  /** Bytes of input that belong to what was decoded. What was written and is not used stands behind the end, or could not be decoded. */
  get used(): number {
    return this.#status > status.paused ? this.#opened().used() : this.#fed;
  }

  /** Bytes at the end of what was written that are not used. */
  get unused(): number {
    return this.#fed - this.used;
  }

  /** Bytes that were given in all. */
  get length(): number {
    return this.#length;
  }

  /**
   * Decodes these bytes, which come behind those that were written before. All that they stand for is given, in pieces of some 256 KiB at
   * most. A piece is a view on memory that the next piece is written to. To be gone through to its end. Behind the end of the stream, or a
   * break, it gives nothing. Throws RangeError when the stream was closed.
   */
  *write(bytes: Uint8Array): Generator<Buffer, void> {
    const engine = this.#opened();
    const room = engine.inputRoom();
    const start = engine.inputStart();
    this.#fed += bytes.length;
    for (let from = 0; from < bytes.length && this.#status <= status.paused; from += room) {
      const piece = bytes.subarray(from, from + room);
      new Uint8Array(engine.memory.buffer, start, room).set(piece);
      engine.feed(piece.length);
      do {
        this.#status = engine.run();
        if (this.#onBlock !== undefined) this.#tellBlocks(this.#onBlock);
        const outputStart = engine.outputStart();
        const length = engine.outputEnd() - outputStart;
        this.#length += length;
        if (length > 0) yield Buffer.from(engine.memory.buffer, outputStart, length);
      } while (this.#status === status.paused);
    }
  }

  /** Gives the memory back; nothing can be asked any more, and pieces that were given must not be looked at. */
  close(): void {
    if (this.#engine !== undefined && idle.length < mostIdle) idle.push(this.#engine);
    this.#engine = undefined;
  }

  #opened(): Engine {
    if (this.#engine === undefined) throw new RangeError('this stream was closed');
    return this.#engine;
  }

  #tellBlocks(onBlock: (block: DeflateBlock) => void): void {
    const engine = this.#opened();
    const log = new DataView(engine.memory.buffer, engine.blockLogStart(), engine.blocksBegun() * blockWidth);
    for (let at = 0; at < log.byteLength; at += blockWidth) {
      onBlock({
        bit: log.getFloat64(at, true),
        output: log.getFloat64(at + 8, true),
        kind: kinds[log.getUint32(at + 16, true)],
        isLast: log.getUint32(at + 20, true) !== 0,
      });
    }
  }
}
