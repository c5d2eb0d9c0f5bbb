// The part of a document that is held while it streams by, in the memory of the sieve that searches it: its bytes, where they stand in
// the document, and the line and column there.
import type { Sieve } from '../core/sieve.ts';
import { type Cursor, startOfText } from '../view/cursor.ts';

export class HeldText {
  readonly sieve: Sieve;
  #length = 0;
  #start = 0;
  #cursor: Cursor = startOfText;
  /** The last place that was asked for: places are asked for in rising order, so that each byte is passed once. */
  #passed = { index: 0, cursor: startOfText };

  constructor(sieve: Sieve) {
    this.sieve = sieve;
  }

  /** Bytes that are held. */
  get length(): number {
    return this.#length;
  }

  /** Offset in the document of the first byte held. */
  get start(): number {
    return this.#start;
  }

  get end(): number {
    return this.#start + this.#length;
  }

  /** Column of the first byte held. */
  get firstColumn(): number {
    return this.#cursor.column;
  }

  /** A view that is valid until the next change. */
  bytes(from = 0, to = this.#length): Buffer {
    return this.sieve.text.subarray(from, to);
  }

  /** Begins another document, whose text begins at `start`. */
  reset(start = 0): void {
    this.#length = 0;
    this.#start = start;
    this.#cursor = startOfText;
    this.#passed = { index: 0, cursor: startOfText };
  }

  append(piece: Uint8Array): void {
    if (this.#length + piece.length > this.sieve.text.length) this.sieve.reserve(2 * (this.#length + piece.length));
    this.sieve.text.set(piece, this.#length);
    this.#length += piece.length;
  }

  /** Line and column of the byte at an index of what is held. */
  cursorAt(index: number): Cursor {
    const known = this.#passed.index <= index ? this.#passed : { index: 0, cursor: this.#cursor };
    this.#passed = { index, cursor: this.#advance(known.cursor, known.index, index) };
    return this.#passed.cursor;
  }

  /** Forgets the bytes before an index. */
  drop(index: number): void {
    this.#cursor = this.cursorAt(index);
    this.#passed = { index: 0, cursor: this.#cursor };
    this.sieve.text.copyWithin(0, index, this.#length);
    this.#length -= index;
    this.#start += index;
  }

  /** Forgets all of it and goes on at `offset`; what lies between holds no line. `columns` is how much of it is text. */
  skipTo(offset: number, columns = 0): void {
    this.drop(this.#length);
    this.#start = offset;
    this.#cursor = { line: this.#cursor.line, column: this.#cursor.column + columns };
    this.#passed = { index: 0, cursor: this.#cursor };
  }

  /** As `advance` in view/cursor.ts. */
  #advance({ line, column }: Cursor, from: number, to: number): Cursor {
    const { count, behindLast } = this.sieve.newlines(from, to);
    return count === 0
      ? { line, column: column + this.sieve.columns(from, to) }
      : { line: line + count, column: 1 + this.sieve.columns(behindLast, to) };
  }
}
