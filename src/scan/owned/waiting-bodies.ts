// Bodies that wait for their rules, and the digests of those in which something was found: what a package manager knows its files by. Nearly
// all are forgotten again, so they lie in one memory that is written over and over; what does not fit there is spilled into a file.
import { createHash } from 'node:crypto';
import type { Blob } from '../../model/blob.ts';
import type { BodyDigests } from './claim.ts';
import { openSpill, type Spill } from './spill.ts';

/** Of a longer body nothing is known. */
const longestBody = 16 * 2 ** 20;
/** Of a longer one that is there to be read. */
const longestKept = 16 * longestBody;
const memoryBytes = 2 * 2 ** 20;
/** Of the memory, before rules should run: the rest is for the open body. */
const mostWaiting = memoryBytes / 2;
const readSize = 256 * 1024;

interface Waiting {
  readonly index: number;
  readonly isSpilled: boolean;
  readonly start: number;
  readonly size: number;
}

export class WaitingBodies {
  readonly #digests = new Map<number, BodyDigests>();
  #memory: Buffer | undefined;
  readonly #waiting: Waiting[] = [];
  /** Where what waits ends, in the memory and in the file: the open body begins there. */
  #inMemory = 0;
  #inFile = 0;
  #spill: Spill | undefined;
  /** Of the open body. */
  #size = 0;
  #isSpilled = false;
  #isTooLong = false;

  /** `announced`: bytes that the body should have. */
  begin(announced: number): void {
    this.#size = 0;
    this.#isSpilled = false;
    this.#isTooLong = announced > longestBody;
  }

  /** The chunk is copied. Throws UnbakeError `io` when a file is full. */
  write(chunk: Uint8Array): void {
    const start = this.#size;
    this.#isTooLong ||= start + chunk.length > longestBody;
    if (this.#isTooLong) return;
    this.#size += chunk.length;
    const memory = (this.#memory ??= Buffer.allocUnsafeSlow(memoryBytes));
    if (!this.#isSpilled && this.#inMemory + this.#size > memoryBytes) {
      this.#spill ??= openSpill();
      this.#spill.write(memory.subarray(this.#inMemory, this.#inMemory + start), this.#inFile);
      this.#isSpilled = true;
    }
    if (this.#isSpilled) this.#spill!.write(chunk, this.#inFile + start);
    else memory.set(chunk, this.#inMemory + start);
  }

  /** `index` is that of the entry; `isLookedAt`: rules run, or ran, over some of the body. */
  end(index: number, isLookedAt: boolean): void {
    const [isSpilled, size, isTooLong] = [this.#isSpilled, this.#size, this.#isTooLong];
    this.begin(0);
    if (!isLookedAt || isTooLong) return;
    this.#waiting.push({ index, isSpilled, start: isSpilled ? this.#inFile : this.#inMemory, size });
    if (isSpilled) this.#inFile += size;
    else this.#inMemory += size;
  }

  /** True when rules should run, so that bodies are let go. */
  get isFull(): boolean {
    return this.#inMemory > mostWaiting || this.#inFile > 0;
  }

  /** When rules have run over all that waits: `isFound` tells of an index whether something was found in its body. */
  settle(isFound: (index: number) => boolean): void {
    for (const waiting of this.#waiting) if (isFound(waiting.index)) this.#digests.set(waiting.index, this.#digestsOf(waiting));
    this.#waiting.length = 0;
    if (!this.#isSpilled) {
      this.#memory?.copyWithin(0, this.#inMemory, this.#inMemory + this.#size);
      this.#inFile = 0;
      this.close();
    }
    this.#inMemory = 0;
  }

  /** The same for a body that is there to be read. */
  async add(index: number, body: Blob): Promise<void> {
    if (body.size > longestKept) return;
    const chunks = hashes();
    for await (const chunk of body.open()) chunks.update(chunk);
    this.#digests.set(index, chunks.digest());
  }

  of(index: number): BodyDigests | undefined {
    return this.#digests.get(index);
  }

  /** Gives the file back; to be called when nothing waits, or what waits is not to be looked at. */
  close(): void {
    this.#spill?.close();
    this.#spill = undefined;
  }

  #digestsOf({ isSpilled, start, size }: Waiting): BodyDigests {
    const all = hashes();
    if (!isSpilled) all.update(this.#memory!.subarray(start, start + size));
    else {
      const piece = Buffer.allocUnsafeSlow(readSize);
      for (let at = 0; at < size; at += piece.length) {
        const bytes = piece.subarray(0, size - at);
        this.#spill!.read(bytes, start + at);
        all.update(bytes);
      }
    }
    return all.digest();
  }
}

function hashes(): { update(chunk: Uint8Array): void; digest(): BodyDigests } {
  const [md5, sha1, sha256] = ['md5', 'sha1', 'sha256'].map((algorithm) => createHash(algorithm));
  return {
    update: (chunk) => [md5, sha1, sha256].forEach((hash) => hash.update(chunk)),
    digest: () => ({ md5: md5.digest('hex'), sha1: sha1.digest('hex'), sha256: sha256.digest('hex') }),
  };
}
