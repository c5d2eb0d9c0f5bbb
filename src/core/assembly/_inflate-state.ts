// Where a stream stands between two calls. It lies in memory, so that all parts of the decoder share it.
import { streamState } from './_inflate-memory';

export const enum Status {
  starved,
  paused,
  ended,
  /** This and what follows: the stream is wrong; the texts stand in src/core/inflate.ts. */
  blockType,
  storedLengths,
  tooManySymbols,
  codeLengths,
  lengthRepeat,
  noEndOfBlock,
  litLenSet,
  distanceSet,
  litLenCode,
  distanceCode,
  distanceTooFar,
  /** A step has set the next one; no status of `run`. */
  goOn,
}

export const enum Step {
  header,
  storedLengths,
  stored,
  counts,
  preLengths,
  lengths,
  symbols,
  end,
}

@unmanaged
export class Stream {
  step: Step;
  status: Status;
  isLast: bool;
  /** The tables are those of fixed blocks. */
  hasFixedTables: bool;
  /** Bits that were taken from input and not used: `bitCount` of them, and zeros above. */
  bits: u64;
  bitCount: u32;
  /** The next byte of input, and where input ends. */
  next: usize;
  inputEnd: usize;
  /** Bytes of input that was fed before. */
  inputBefore: f64;
  /** Where the next byte is written. */
  at: usize;
  /** Where this `run` began to write. */
  given: usize;
  /** The first byte that a distance may reach. */
  reach: usize;
  /** Bytes that were written before those in the window. */
  outputBefore: f64;
  /** Bytes of the stored block that are still to come. */
  storedLeft: u32;
  litLenCount: u32;
  distanceCount: u32;
  preCount: u32;
  /** Code lengths that were read. */
  have: u32;
  /** Blocks in the log. */
  blockCount: u32;
}

export const stream = changetype<Stream>(streamState);

/** Makes at least `count` bits ready, which are 48 at most. False when input ends before. */
export function pull(count: u32): bool {
  while (stream.bitCount < count) {
    if (stream.next >= stream.inputEnd) return false;
    stream.bits |= (<u64>load<u8>(stream.next++)) << stream.bitCount;
    stream.bitCount += 8;
  }
  return true;
}

export function take(count: u32): u32 {
  const value = <u32>stream.bits & ((1 << count) - 1);
  stream.bits >>= count;
  stream.bitCount -= count;
  return value;
}
