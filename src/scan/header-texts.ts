// Headers of entries are short and many: keywords are looked for in a hundred of them at once, and only those in which one stands are read as
// documents. They wait for that until something else of the layer is read, so that documents come in the order of the archive.
import type { Sieve } from '../core/sieve.ts';
import { type Entry, pathText } from '../model/entry.ts';
import type { Ruleset } from '../model/rule.ts';
import { siftFor } from '../rule/sift.ts';
import { detectorsOf } from './certificates.ts';
import type { DocumentScanner } from './document-scanner.ts';
import type { LayerOrigin } from './layer-scan.ts';

/** Of waiting headers, in bytes. */
const room = 64 * 1024;

export class HeaderTexts {
  readonly #documents: DocumentScanner<LayerOrigin>;
  readonly #sieve: Sieve;
  /** A rule without keywords reads every header. */
  readonly #isAnyRead: boolean;
  /** Of each header that waits its entry, and where it ends in the text of the sieve. */
  #entries: Entry[] = [];
  #ends: number[] = [];
  #length = 0;

  constructor(ruleset: Ruleset, documents: DocumentScanner<LayerOrigin>) {
    const sift = siftFor(detectorsOf(ruleset));
    this.#documents = documents;
    this.#isAnyRead = sift.unconditional.length > 0;
    this.#sieve = sift.sieve();
    this.#sieve.reserve(room);
  }

  /** The bytes are copied. No document may be open. */
  add(entry: Entry, bytes: Uint8Array): void {
    if (bytes.length > room - this.#length) this.flush();
    if (bytes.length > room) return this.#read(entry, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    this.#sieve.text.set(bytes, this.#length);
    this.#length += bytes.length;
    this.#entries.push(entry);
    this.#ends.push(this.#length);
  }

  /** Reads what waits. To be called before another document is opened, and at the end. */
  flush(): void {
    if (this.#length === 0) return;
    const [entries, ends, positions] = [this.#entries, this.#ends, this.#worthReading()];
    this.#entries = [];
    this.#ends = [];
    this.#length = 0;
    for (const position of positions) this.#read(entries[position], this.#sieve.text.subarray(ends[position - 1] ?? 0, ends[position]));
  }

  /** Positions of the headers in which a keyword begins, in their order. */
  #worthReading(): readonly number[] {
    if (this.#isAnyRead) return [...this.#ends.keys()];
    const found = this.#sieve.search(0, this.#length);
    const positions: number[] = [];
    let position = 0;
    for (let i = 0; i < found.length; i += 2) {
      while (this.#ends[position] <= found[i]) position++;
      if (positions.at(-1) !== position) positions.push(position);
    }
    return positions;
  }

  #read(entry: Entry, bytes: Buffer): void {
    if (this.#documents.mayMatch(bytes)) this.#documents.scan(pathText(entry.path), { kind: 'header', entry }, bytes);
  }
}
