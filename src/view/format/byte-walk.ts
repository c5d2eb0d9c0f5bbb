// Reads the fields of a binary format one behind the other. Every read is held to the end of the bytes, so lengths may lie.
import { damaged } from './content.ts';

/** Every read throws UnbakeError `damaged` when the bytes end before it does. */
export class ByteWalk {
  readonly bytes: Buffer;
  /** Where the next read begins. */
  at: number;

  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  /** Moves on by so many bytes, and gives where they begin. */
  skip(length: number): number {
    if (!(length >= 0) || length > this.left) throw damaged(`a field of ${length} bytes begins at byte ${this.at}, and ${this.left} are left`);
    const start = this.at;
    this.at += length;
    return start;
  }

  /** The bytes themselves, not a copy. */
  take(length: number): Buffer {
    const start = this.skip(length);
    return this.bytes.subarray(start, start + length);
  }

  u8(): number {
    return this.bytes[this.skip(1)];
  }

  u16(): number {
    return this.bytes.readUInt16BE(this.skip(2));
  }

  u32(): number {
    return this.bytes.readUInt32BE(this.skip(4));
  }

  i32(): number {
    return this.bytes.readInt32BE(this.skip(4));
  }

  u16le(): number {
    return this.bytes.readUInt16LE(this.skip(2));
  }

  u32le(): number {
    return this.bytes.readUInt32LE(this.skip(4));
  }

  i32le(): number {
    return this.bytes.readInt32LE(this.skip(4));
  }

  /** A text behind its length of two bytes, as Java's `writeUTF` puts it. */
  shortText(): string {
    return this.take(this.u16()).toString('utf8');
  }
}
