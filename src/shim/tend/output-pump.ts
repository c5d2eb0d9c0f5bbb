// Reads one output of a container and brings it into the log and to whoever is attached. Nothing is read before what was read is written.
import { Socket } from 'node:net';
import { Attached } from './attached.ts';
import { LogPieces } from './log-pieces.ts';
import type { OutputName } from './log-record.ts';
import type { LogWriter } from './log-writer.ts';
import { MaskedBytes, type Patterns } from './masked-bytes.ts';
import { preciseTime } from './precise-time.ts';

const chunkSize = 64 * 1024;

export interface OutputPumpOptions {
  readonly fd: number;
  readonly stream: OutputName;
  readonly attachedFd: number | undefined;
  readonly patterns: Patterns;
  readonly log: LogWriter;
}

export class OutputPump {
  readonly #options: OutputPumpOptions;
  readonly #masked: MaskedBytes;
  readonly #pieces = new LogPieces();
  readonly #attached: Attached;
  readonly #resume: () => void;
  #hasEnded = false;
  #isWaiting = false;
  #bytesRead = 0;

  /** Begins to read at once. */
  constructor(options: OutputPumpOptions) {
    this.#options = options;
    this.#masked = new MaskedBytes(options.patterns);
    this.#attached = new Attached(options.attachedFd);
    const onread = {
      buffer: Buffer.allocUnsafeSlow(chunkSize),
      callback: (size: number, buffer: Uint8Array) => this.#take(buffer.subarray(0, size)),
    };
    const socket = new Socket({ fd: options.fd, readable: true, writable: false, onread });
    this.#resume = () => void socket.resume();
    socket.on('error', () => (this.#hasEnded = true));
    socket.on('end', () => (this.#hasEnded = true));
  }

  /** All writers are gone and all was read. */
  get hasEnded(): boolean {
    return this.#hasEnded && !this.#isWaiting;
  }

  /** A user's terminal, stopped or slow, has not taken yet what was read. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** Writes what was held back: an incomplete last line, the possible beginning of a masked value. Synchronous, so it may be the last thing we do. */
  flush(): void {
    this.#log([...this.#pieces.push(this.#masked.end()), ...this.#pieces.end()]);
  }

  /** The buffer is used again by the next read, so nothing may keep a part of it. */
  #take(chunk: Uint8Array): boolean {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#bytesRead += bytes.length;
    this.#log(this.#pieces.push(this.#masked.push(bytes)));
    if (!this.#attached.isThere) return true;
    void this.#passOn(bytes);
    return false;
  }

  async #passOn(bytes: Buffer): Promise<void> {
    this.#isWaiting = true;
    await this.#attached.write(bytes);
    this.#isWaiting = false;
    this.#resume();
  }

  #log(pieces: readonly Buffer[]): void {
    const { stream, log } = this.#options;
    const time = preciseTime();
    log.write(pieces.map((bytes) => ({ stream, time, bytes })));
  }
}
