// Bytes that no entry owns come in pieces; pieces that follow each other are one document, so that what straddles them is found.
import type { DocumentScanner } from './document-scanner.ts';
import type { LayerOrigin } from './layer-scan.ts';

/** What a stream is called that holds no archive at all. */
export const wholeText = 'the whole text';

export class StrayText {
  readonly #documents: DocumentScanner<LayerOrigin>;
  readonly #isBeside: boolean;
  #open: { readonly what: string; next: number } | undefined;

  constructor(documents: DocumentScanner<LayerOrigin>, isBeside = false) {
    this.#documents = documents;
    this.#isBeside = isBeside;
  }

  write(bytes: Uint8Array, what: string, offset: number): void {
    if (this.#open?.what !== what || this.#open.next !== offset) {
      this.end();
      this.#documents.begin('', { kind: 'stray', what, offset, ...(this.#isBeside ? { isBeside: true } : {}) });
      this.#open = { what, next: offset };
    }
    this.#documents.write(bytes);
    this.#open.next = offset + bytes.length;
  }

  end(): void {
    if (this.#open !== undefined) this.#documents.end();
    this.#open = undefined;
  }
}
