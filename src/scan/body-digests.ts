// Digests of the bodies in which something was found: what a package manager knows its files by. Bodies are held until the rules have run
// over them, so that no other body costs a digest.
import { createHash } from 'node:crypto';
import type { Blob } from '../model/blob.ts';
import type { BodyDigests as Digests } from './owned/claim.ts';

/** Of a longer body nothing is known. */
const longestBody = 16 * 2 ** 20;
const smallestArena = 256 * 1024;
/** Bytes of bodies that wait for their rules. */
const mostWaiting = 16 * 2 ** 20;

export class BodyDigests {
  readonly #digests = new Map<number, Digests>();
  readonly #waiting = new Map<number, Uint8Array>();
  #waitingBytes = 0;
  /** The open body, as far as it is not too long. */
  #arena = Buffer.allocUnsafeSlow(smallestArena);
  #size = 0;

  begin(): void {
    this.#size = 0;
  }

  /** The chunk is copied. */
  write(chunk: Uint8Array): void {
    const end = this.#size + chunk.length;
    if (end <= longestBody) {
      if (end > this.#arena.length) {
        const larger = Buffer.allocUnsafeSlow(Math.min(longestBody, 2 * end));
        larger.set(this.#arena.subarray(0, this.#size));
        this.#arena = larger;
      }
      this.#arena.set(chunk, this.#size);
    }
    this.#size = end;
  }

  /** `index` is that of the entry; `isLookedAt`: rules run, or ran, over some of the body. */
  end(index: number, isLookedAt: boolean): void {
    if (!isLookedAt || this.#size > longestBody) return;
    this.#waiting.set(index, Buffer.from(this.#arena.subarray(0, this.#size)));
    this.#waitingBytes += this.#size;
  }

  /** True when rules should run, so that bodies are let go. */
  get isFull(): boolean {
    return this.#waitingBytes > mostWaiting;
  }

  /** When rules have run over all that waits: `isFound` tells of an index whether something was found in its body. */
  settle(isFound: (index: number) => boolean): void {
    for (const [index, body] of this.#waiting) if (isFound(index)) this.#digests.set(index, digestOf(body));
    this.#waiting.clear();
    this.#waitingBytes = 0;
  }

  /** The same for a body that is there to be read. */
  async add(index: number, body: Blob): Promise<void> {
    if (body.size > 16 * longestBody) return;
    const chunks = hashes();
    for await (const chunk of body.open()) chunks.update(chunk);
    this.#digests.set(index, chunks.digest());
  }

  of(index: number): Digests | undefined {
    return this.#digests.get(index);
  }
}

function digestOf(body: Uint8Array): Digests {
  const all = hashes();
  all.update(body);
  return all.digest();
}

function hashes(): { update(chunk: Uint8Array): void; digest(): Digests } {
  const [md5, sha1, sha256] = ['md5', 'sha1', 'sha256'].map((algorithm) => createHash(algorithm));
  return {
    update: (chunk) => [md5, sha1, sha256].forEach((hash) => hash.update(chunk)),
    digest: () => ({ md5: md5.digest('hex'), sha1: sha1.digest('hex'), sha256: sha256.digest('hex') }),
  };
}
