// The part of a document that is held while it streams by: its bytes, where they stand in the document, and the line and column there.
import { advance, type Cursor, startOfText } from '../view/cursor.ts';

export class HeldText {
  #buffer: Buffer = Buffer.alloc(0);
  #length = 0;
  #start = 0;
  #cursor: Cursor = startOfText;
  /** The last place that was asked for: places are asked for in rising order, so that each byte is passed once. */
  #passed = { index: 0, cursor: startOfText };

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
    return this.#buffer.subarray(from, to);
  }

  /** Begins another document, whose text begins at `start`. */
  reset(start = 0): void {
    this.#length = 0;
    this.#start = start;
    this.#cursor = startOfText;
    this.#passed = { index: 0, cursor: startOfText };
  }

  append(piece: Buffer): void {
    if (this.#length + piece.length > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(2 * (this.#length + piece.length));
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    piece.copy(this.#buffer, this.#length);
    this.#length += piece.length;
  }

  /** Line and column of the byte at an index of what is held. */
  cursorAt(index: number): Cursor {
    const known = this.#passed.index <= index ? this.#passed : { index: 0, cursor: this.#cursor };
    this.#passed = { index, cursor: advance(known.cursor, this.bytes(known.index, index)) };
    return this.#passed.cursor;
  }

  /** Forgets the bytes before an index. */
  drop(index: number): void {
    this.#cursor = this.cursorAt(index);
    this.#passed = { index: 0, cursor: this.#cursor };
    this.#buffer.copyWithin(0, index, this.#length);
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
}
