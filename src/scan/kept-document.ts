// A document that is kept whole while it is searched, when it turns out to be a file of a known format, or is wanted for another reason.
import { type FormatKind, formatOf } from '../view/format/format.ts';
import { headLength } from '../view/nested/nested.ts';

/** What of a document is kept for a format that needs all of it. */
export const longestFormat = 16 * 2 ** 20;

const nothing = Buffer.alloc(0);

export class KeptDocument {
  readonly #name: string;
  readonly #isWanted: (size: number) => boolean;
  #chunks: Uint8Array[] | undefined = [];
  #isDecided = false;
  size = 0;
  /** Known when the head has been seen. */
  format: FormatKind | undefined;

  /** `isWanted` is asked with the size up to now. */
  constructor(name: string, isWanted: (size: number) => boolean) {
    this.#name = name;
    this.#isWanted = isWanted;
  }

  /** The chunk is copied where it is kept. */
  write(chunk: Uint8Array): void {
    this.size += chunk.length;
    if (this.#chunks === undefined) return;
    if (!this.#isDecided && this.size >= headLength) this.#decide(chunk);
    if (this.#isDecided && !this.#isKept()) this.#chunks = undefined;
    else this.#chunks.push(Buffer.from(chunk));
  }

  end(): void {
    if (!this.#isDecided) this.#decide(nothing);
    if (!this.#isKept()) this.#chunks = undefined;
  }

  /** All of it; undefined when it was not kept, or was too long. */
  get bytes(): Buffer | undefined {
    return this.#chunks === undefined ? undefined : Buffer.concat(this.#chunks);
  }

  /** `chunk` is the last, which was not kept yet. */
  #decide(chunk: Uint8Array): void {
    this.#isDecided = true;
    const head = Buffer.concat([...(this.#chunks ?? []), chunk.subarray(0, headLength)]);
    this.format = formatOf(head.subarray(0, headLength), this.#name);
  }

  #isKept(): boolean {
    return (this.format !== undefined && this.size <= longestFormat) || this.#isWanted(this.size);
  }
}
