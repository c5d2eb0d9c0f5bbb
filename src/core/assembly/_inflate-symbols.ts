// The symbols of a block: one at a time with care for where input ends, or as many as there are far from the ends of input and window.
import { distanceBits, distanceTable, litLenBits, litLenTable, output, outputLength, patterns, strides } from './_inflate-memory';
import { Status, Step, stream } from './_inflate-state';
import { isEndOfBlock, isExceptional, isLiteral, isSecondLevel } from './_inflate-tables';

/** Entries of second levels count all bits of their code, those of the first level included. */
function secondLevel(table: usize, entry: u32, bits: u64, firstBits: u32): u32 {
  const index = (entry >> 16) + (<u32>(bits >> firstBits) & ((1 << ((entry >> 8) & 63)) - 1));
  return load<u32>(table + ((<usize>index) << 2));
}

function valueOf(entry: u32, bits: u64): u32 {
  return (entry >> 16) + <u32>((bits & (((<u64>1) << entry) - 1)) >> (entry >> 8));
}

export function symbols(): Status {
  const end = output + outputLength;
  let result: Status = Status.goOn;
  while (result == Status.goOn && stream.step == Step.symbols) {
    if (stream.at < end && stream.next + fastInput <= stream.inputEnd) result = fastSymbols();
    if (stream.at >= end && result == Status.goOn) result = Status.paused;
    if (result == Status.goOn) result = oneSymbol();
  }
  return result;
}

/** One symbol, with care for the end of the input: nothing is taken unless all of it is there. */
function oneSymbol(): Status {
  while (stream.bitCount < 56 && stream.next < stream.inputEnd) {
    stream.bits |= (<u64>load<u8>(stream.next++)) << stream.bitCount;
    stream.bitCount += 8;
  }
  const bits = stream.bits;
  let entry = load<u32>(litLenTable + ((<usize>bits & ((1 << litLenBits) - 1)) << 2));
  if ((entry & isSecondLevel) != 0) entry = secondLevel(litLenTable, entry, bits, litLenBits);
  const taken = entry & 63;
  if (taken > stream.bitCount) return Status.starved;
  if ((entry & (isLiteral | isExceptional)) == 0) return oneMatch(valueOf(entry, bits), taken);
  stream.bits = bits >> taken;
  stream.bitCount -= taken;
  if ((entry & isLiteral) != 0) store<u8>(stream.at++, <u8>(entry >> 16));
  else if ((entry & isEndOfBlock) != 0) stream.step = Step.header;
  else return Status.litLenCode;
  return Status.goOn;
}

/** The distance that follows a length, whose bits are not taken yet. */
function oneMatch(length: usize, lengthBits: u32): Status {
  const bits = stream.bits >> lengthBits;
  let entry = load<u32>(distanceTable + ((<usize>bits & ((1 << distanceBits) - 1)) << 2));
  if ((entry & isSecondLevel) != 0) entry = secondLevel(distanceTable, entry, bits, distanceBits);
  const taken = entry & 63;
  if (lengthBits + taken > stream.bitCount) return Status.starved;
  stream.bits = bits >> taken;
  stream.bitCount -= lengthBits + taken;
  if ((entry & isExceptional) != 0) return Status.distanceCode;
  const distance: usize = valueOf(entry, bits);
  let at = stream.at;
  if (at - distance < stream.reach) return Status.distanceTooFar;
  for (const end = at + length; at < end; at++) store<u8>(at, load<u8>(at - distance));
  stream.at = at;
  return Status.goOn;
}

/** Input that one turn of the fast loop may load: three times eight bytes. */
const fastInput: usize = 32;

/**
 * Symbols for which there is enough input and room, up to one that ends the block or is no code, which is left to `oneSymbol`. In the loop the
 * counter of bits counts in its lowest six bits only, and the bits above it are those that the next load brings again.
 */
function fastSymbols(): Status {
  const end = output + outputLength;
  const lastInput = stream.inputEnd - fastInput;
  const first = stream.reach;
  let from = stream.next;
  let to = stream.at;
  let ready = stream.bits;
  let count: u64 = stream.bitCount;
  let result: Status = Status.goOn;

  ready |= load<u64>(from) << count;
  from += <usize>(((count >> 3) & 7) ^ 7);
  count |= 56;
  let entry: u64 = load<u32>(litLenTable + ((<usize>ready & ((1 << litLenBits) - 1)) << 2));
  do {
    if ((entry & isLiteral) != 0) {
      ready >>= entry;
      count -= entry;
      store<u8>(to++, <u8>(entry >> 16));
      entry = load<u32>(litLenTable + ((<usize>ready & ((1 << litLenBits) - 1)) << 2));
      if ((entry & isLiteral) != 0) {
        ready >>= entry;
        count -= entry;
        store<u8>(to++, <u8>(entry >> 16));
        entry = load<u32>(litLenTable + ((<usize>ready & ((1 << litLenBits) - 1)) << 2));
        if ((entry & isLiteral) != 0) {
          ready >>= entry;
          count -= entry;
          store<u8>(to++, <u8>(entry >> 16));
          entry = load<u32>(litLenTable + ((<usize>ready & ((1 << litLenBits) - 1)) << 2));
          ready |= load<u64>(from) << count;
          from += <usize>(((count >> 3) & 7) ^ 7);
          count |= 56;
          continue;
        }
      }
    }
    if ((entry & isExceptional) != 0) {
      if ((entry & isSecondLevel) == 0) break;
      const second = secondLevel(litLenTable, <u32>entry, ready, litLenBits);
      if ((second & (isLiteral | isExceptional)) == isExceptional) break;
      entry = second;
      if ((entry & isLiteral) != 0) {
        ready >>= entry;
        count -= entry;
        store<u8>(to++, <u8>(entry >> 16));
        entry = load<u32>(litLenTable + ((<usize>ready & ((1 << litLenBits) - 1)) << 2));
        ready |= load<u64>(from) << count;
        from += <usize>(((count >> 3) & 7) ^ 7);
        count |= 56;
        continue;
      }
    }
    const length = <usize>(entry >> 16) + <usize>((ready & (((<u64>1) << entry) - 1)) >> (entry >> 8));
    ready >>= entry;
    count -= entry;
    ready |= load<u64>(from) << count;
    from += <usize>(((count >> 3) & 7) ^ 7);
    count |= 56;
    let far: u64 = load<u32>(distanceTable + ((<usize>ready & ((1 << distanceBits) - 1)) << 2));
    if ((far & isExceptional) != 0) {
      if ((far & isSecondLevel) != 0) far = secondLevel(distanceTable, <u32>far, ready, distanceBits);
      if ((far & isExceptional) != 0) {
        ready >>= far;
        count -= far;
        result = Status.distanceCode;
        break;
      }
    }
    const distance = <usize>(far >> 16) + <usize>((ready & (((<u64>1) << far) - 1)) >> (far >> 8));
    ready >>= far;
    count -= far;
    let source = to - distance;
    if (source < first) {
      result = Status.distanceTooFar;
      break;
    }
    // Looked up before the copy, which does not wait for it.
    entry = load<u32>(litLenTable + ((<usize>ready & ((1 << litLenBits) - 1)) << 2));
    ready |= load<u64>(from) << count;
    from += <usize>(((count >> 3) & 7) ^ 7);
    count |= 56;
    let copied = to;
    to += length;
    if (distance >= 16) {
      v128.store(copied, v128.load(source));
      for (copied += 16, source += 16; copied < to; copied += 16, source += 16) v128.store(copied, v128.load(source));
    } else {
      const repeated = i8x16.swizzle(v128.load(source), v128.load(patterns + (distance << 4)));
      const stride: usize = load<u8>(strides + distance);
      for (; copied < to; copied += stride) v128.store(copied, repeated);
    }
  } while (from <= lastInput && to < end);

  stream.next = from;
  stream.at = to;
  stream.bitCount = <u32>(count & 63);
  stream.bits = ready & (((<u64>1) << count) - 1);
  return result;
}
