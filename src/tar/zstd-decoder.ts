// node's decoder of zstd, called as node's own stream does, but in this thread and with one buffer for all output: the stream takes half
// as much CPU again. That interface is not documented, so it is tried out before it is used; who finds it changed uses the stream.
import { constants, createZstdDecompress } from 'node:zlib';

const chunkSize = 256 * 1024;
/** Larger windows are refused by other readers too (RFC 8878 recommends 8 MiB; containers use up to 128 MiB). */
const windowLogMax = 27;
export const zstdOptions = { chunkSize, params: { [constants.ZSTD_d_windowLogMax]: windowLogMax } };

/** What is below the streams of node:zlib: `writeSync` leaves in the two numbers how much room and how much input are left. */
interface Handle {
  writeSync(flush: number, input: Uint8Array, inputFrom: number, inputLength: number, output: Uint8Array, outputFrom: number, room: number): void;
}

const nothing = Buffer.alloc(0);
/** The text "unbake" as a frame of one raw block, and the same with a block of the reserved type. */
const sound = Buffer.from('28b52ffd2006310000756e62616b65', 'hex');
const broken = Buffer.from('28b52ffd2006370000756e62616b65', 'hex');
let isUsable: boolean | undefined;

/** Decoders that stand between two frames, one at most: layers of zstd:chunked hold one frame for each file. */
const idle: ZstdDecoder[] = [];

/** A decoder of frames, to be closed; or nothing where node is not as it is known. */
export function zstdDecoder(): ZstdDecoder | undefined {
  isUsable ??= canDecode();
  return isUsable ? (idle.pop() ?? opened()) : undefined;
}

export class ZstdDecoder {
  /** What is wrong with a frame, in node's words. Nothing can be decoded any more. */
  error: string | undefined;
  readonly #stream: { close(): void };
  readonly #handle: Handle;
  readonly #state: Uint32Array;
  #output = Buffer.allocUnsafeSlow(chunkSize);
  #filled = 0;

  constructor(stream: { close(): void }, handle: Handle, state: Uint32Array) {
    this.#stream = stream;
    this.#handle = handle;
    this.#state = state;
    Object.assign(handle, { onerror: (message: string) => (this.error = message) });
  }

  /**
   * Decodes these bytes of a frame, or of one that follows. Output is given when there are 256 KiB of it; the rest is left to `end`. With
   * `isBorrowing` each piece is valid only until the next one is asked for.
   */
  *write(bytes: Uint8Array, isBorrowing?: boolean): Generator<Buffer> {
    for (let from = 0; this.error === undefined;) {
      const room = this.#output.length - this.#filled;
      this.#handle.writeSync(constants.ZSTD_e_continue, bytes, from, bytes.length - from, this.#output, this.#filled, room);
      if (this.error !== undefined) return;
      const [roomLeft, inputLeft] = this.#state;
      from = bytes.length - inputLeft;
      this.#filled += room - roomLeft;
      // With room left all that can be given was given.
      if (roomLeft > 0) return;
      yield this.#output;
      this.#filled = 0;
      if (!isBorrowing) this.#output = Buffer.allocUnsafeSlow(chunkSize);
    }
  }

  /** There are no more bytes: the output that was not given yet. An error when a frame is not over. */
  end(isBorrowing?: boolean): Buffer {
    if (this.error === undefined)
      this.#handle.writeSync(constants.ZSTD_e_end, nothing, 0, 0, this.#output, this.#filled, this.#output.length - this.#filled);
    const rest = this.#output.subarray(0, this.#filled);
    this.#filled = 0;
    if (isBorrowing) return rest;
    const own = Buffer.allocUnsafeSlow(rest.length);
    own.set(rest);
    return own;
  }

  /** When it `isKept`, and stands between two frames, it is used again, with all that it holds. */
  close(isKept = false): void {
    if (isKept && this.error === undefined && idle.length === 0) idle.push(this);
    else this.#stream.close();
  }
}

function opened(): ZstdDecoder | undefined {
  const stream = createZstdDecompress(zstdOptions);
  const { _handle: handle, _writeState: state } = stream as unknown as { _handle?: Partial<Handle> | null; _writeState?: unknown };
  if (typeof handle?.writeSync === 'function' && 'onerror' in handle && state instanceof Uint32Array && state.length === 2) {
    return new ZstdDecoder(stream, handle as Handle, state);
  }
  stream.close();
  return undefined;
}

function canDecode(): boolean {
  const decoded = (frame: Buffer): string | undefined => {
    const decoder = opened();
    if (decoder === undefined) return undefined;
    try {
      const pieces = [...decoder.write(frame.subarray(0, 7)), ...decoder.write(frame.subarray(7)), decoder.end()];
      return decoder.error === undefined ? Buffer.concat(pieces).toString('latin1') : `error: ${typeof decoder.error}`;
    } finally {
      decoder.close();
    }
  };
  try {
    return decoded(sound) === 'unbake' && decoded(broken) === 'error: string';
  } catch {
    return false;
  }
}
