// The few places of some bytes at which text may stand encoded or in wide characters, found by the core. Nearly all bytes hold none.
import { runs as binary } from './binary/runs.ts';

/** What the core looks for, in the order of its lists. */
export const runKinds = ['dense', 'percent', 'backslash', 'bytes'] as const;
export type RunKind = (typeof runKinds)[number];

/** Places of one kind, as indices in rising order. */
export class Places {
  /** Where to go on when more bytes follow and nothing else is open. */
  readonly resume: number;
  readonly #list: Uint32Array;
  #next = 0;

  constructor(list: Uint32Array, resume: number) {
    this.#list = list;
    this.resume = resume;
  }

  get isEmpty(): boolean {
    return this.#list.length === 0;
  }

  /** The first place at or behind an index, -1 when there is none. To be asked in rising order: what is before is forgotten. */
  next(at: number): number {
    while (this.#next < this.#list.length && this.#list[this.#next] < at) this.#next++;
    return this.#next < this.#list.length ? this.#list[this.#next] : -1;
  }
}

interface Engine {
  look(length: number, room: number, isEnd: boolean, isPassing: boolean, dense: number, percent: number, backslash: number, bytes: number): number;
  lookForWide(length: number, room: number): number;
}

// As in assembly/_runs-memory.ts.
const header = 1024;
const input = 2048;
const spare = 128;
const pageSize = 64 * 1024;

const none = new Uint32Array();
let compiled: WebAssembly.Module | undefined;

/** A memory of three times the room, and the module in it. Nothing but the bytes is kept from one call to the next. */
export class Runs {
  /** Where the bytes are to be put that are looked at; its length is the room for them. */
  readonly bytes: Buffer;
  readonly #engine: Engine;
  readonly #numbers: Uint32Array;

  constructor(room: number) {
    const whole = Math.ceil(room / 64) * 64;
    const pages = Math.ceil((input + 3 * whole + spare + 64) / pageSize);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    compiled ??= new WebAssembly.Module(Buffer.from(binary, 'base64'));
    this.#engine = new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as Engine;
    this.bytes = Buffer.from(memory.buffer, input, whole);
    this.#numbers = new Uint32Array(memory.buffer);
  }

  /**
   * True when the finders of src/view/encoded have to look at some places of the first `length` bytes, each from an index of its own on.
   * `dense`: the beginnings of pieces of 24 or more characters of base64 in which something readable may begin; `percent` and `backslash`:
   * clusters of four or more escapes of printable ASCII; `bytes`: lists of sixteen or more bytes. What is open at the end is among them,
   * unless `isEnd`. With `isPassing` base64 is looked for behind the piece that goes on at `from.dense`. Time: about half of what SHA-256 takes.
   */
  look(length: number, from: Readonly<Record<RunKind, number>>, isPassing: boolean, isEnd: boolean): boolean {
    return this.#engine.look(length, this.bytes.length, isEnd, isPassing, from.dense, from.percent, from.backslash, from.bytes) > 0;
  }

  /** Of the last `look`: where base64 was looked for from, behind a piece that was to be passed. */
  get denseFrom(): number {
    return this.#numbers[header / 4 + 8];
  }

  /** Of the last `look`: where the finder of a kind goes on with more bytes when it has no place. */
  resumeOf(kind: RunKind): number {
    return this.#numbers[header / 4 + 4 + runKinds.indexOf(kind)];
  }

  /** The places that the last `look` found; they stay when others are looked for. */
  places(): Readonly<Record<RunKind, Places>> {
    return {
      dense: new Places(this.#list(0), this.resumeOf('dense')),
      percent: new Places(this.#list(1), this.resumeOf('percent')),
      backslash: new Places(this.#list(2), this.resumeOf('backslash')),
      bytes: new Places(this.#list(3), this.resumeOf('bytes')),
    };
  }

  /** As `lookForWide`, over the first `length` bytes. */
  wideChains(length: number): readonly [starts: Uint32Array, ends: Uint32Array] {
    return this.#engine.lookForWide(length, this.bytes.length) === 0 ? [none, none] : [this.#list(0), this.#list(1)];
  }

  #list(kind: number): Uint32Array {
    const count = this.#numbers[header / 4 + kind];
    if (count === 0) return none;
    const room = this.bytes.length;
    const first = (input + room + spare) / 4 + kind * ((room >> 3) + 2);
    return this.#numbers.slice(first, first + count);
  }
}

/** Longer bytes are looked at in a memory that is made for them and dropped. */
const sharedRoom = 256 * 1024;
let shared: Runs | undefined;

/** These bytes in a memory that is used for others by the next call. */
export function runsIn(bytes: Uint8Array): Runs {
  const runs = bytes.length > sharedRoom ? new Runs(bytes.length) : (shared ??= new Runs(sharedRoom));
  runs.bytes.set(bytes);
  return runs;
}

/**
 * Where seven or more printable characters stand one behind the other with one or three NULs behind each: the indices where such chains
 * begin and, in the other list, end. A chain may be cut at the beginning of the bytes.
 */
export function lookForWide(bytes: Uint8Array): readonly [starts: Uint32Array, ends: Uint32Array] {
  return runsIn(bytes).wideChains(bytes.length);
}
