// Everything of a deflate block but its symbols (RFC 1951, sections 3.2.3 to 3.2.7): headers, stored bytes, and the lengths of its codes.
import {
  blockLog,
  blockLogEntries,
  blockLogWidth,
  distanceBits,
  distanceEntries,
  distanceTable,
  input,
  lengths,
  litLenBits,
  litLenEntries,
  litLenTable,
  output,
  outputLength,
  preBits,
  preTable,
} from './_inflate-memory';
import { pull, Status, Step, stream, take } from './_inflate-state';
import { Code, makeTable } from './_inflate-tables';

/** In which order the lengths of the code of code lengths stand (section 3.2.7). */
const preOrder = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);

export function header(): Status {
  if (stream.isLast) {
    take(stream.bitCount & 7);
    stream.step = Step.end;
    return Status.ended;
  }
  if (stream.blockCount == blockLogEntries) return Status.paused;
  if (!pull(3)) return Status.starved;
  const begun = blockLog + stream.blockCount++ * blockLogWidth;
  store<f64>(begun, (stream.inputBefore + <f64>(stream.next - input)) * 8 - <f64>stream.bitCount);
  store<f64>(begun, stream.outputBefore + <f64>(stream.at - output), 8);
  stream.isLast = take(1) != 0;
  const kind = take(2);
  store<u32>(begun, kind, 16);
  store<u32>(begun, <u32>stream.isLast, 20);
  if (kind == 3) return Status.blockType;
  if (kind == 0) {
    take(stream.bitCount & 7);
    stream.step = Step.storedLengths;
  } else if (kind == 1) {
    fixedTables();
    stream.step = Step.symbols;
  } else stream.step = Step.counts;
  return Status.goOn;
}

function fixedTables(): void {
  if (stream.hasFixedTables) return;
  memory.fill(lengths, 8, 144);
  memory.fill(lengths + 144, 9, 112);
  memory.fill(lengths + 256, 7, 24);
  memory.fill(lengths + 280, 8, 8);
  makeTable(Code.litLen, lengths, 288, litLenTable, litLenBits, litLenEntries);
  memory.fill(lengths, 5, 32);
  makeTable(Code.distance, lengths, 32, distanceTable, distanceBits, distanceEntries);
  stream.hasFixedTables = true;
}

export function storedLengths(): Status {
  if (!pull(32)) return Status.starved;
  const length = take(16);
  const complement = take(16);
  if (length != (complement ^ 0xffff)) return Status.storedLengths;
  stream.storedLeft = length;
  stream.step = Step.stored;
  return Status.goOn;
}

export function stored(): Status {
  const end = output + outputLength;
  while (stream.storedLeft > 0 && stream.bitCount > 0 && stream.at < end) {
    store<u8>(stream.at++, <u8>take(8));
    stream.storedLeft--;
  }
  if (stream.storedLeft > 0 && stream.bitCount == 0 && stream.at < end) {
    const count = min(min(<usize>stream.storedLeft, stream.inputEnd - stream.next), end - stream.at);
    memory.copy(stream.at, stream.next, count);
    stream.at += count;
    stream.next += count;
    stream.storedLeft -= <u32>count;
  }
  if (stream.storedLeft > 0) return stream.at >= end ? Status.paused : Status.starved;
  stream.step = Step.header;
  return Status.goOn;
}

export function symbolCounts(): Status {
  if (!pull(14)) return Status.starved;
  stream.litLenCount = take(5) + 257;
  stream.distanceCount = take(5) + 1;
  stream.preCount = take(4) + 4;
  if (stream.litLenCount > 286 || stream.distanceCount > 30) return Status.tooManySymbols;
  memory.fill(lengths, 0, 19);
  stream.have = 0;
  stream.step = Step.preLengths;
  return Status.goOn;
}

export function preLengths(): Status {
  for (; stream.have < stream.preCount; stream.have++) {
    if (!pull(3)) return Status.starved;
    store<u8>(lengths + load<u8>(preOrder + stream.have), <u8>take(3));
  }
  if (!makeTable(Code.pre, lengths, 19, preTable, preBits, 1 << preBits)) return Status.codeLengths;
  stream.have = 0;
  stream.step = Step.lengths;
  return Status.goOn;
}

export function codeLengths(): Status {
  const count = stream.litLenCount + stream.distanceCount;
  while (stream.have < count) {
    // A code that is shorter than what is asked for may be the last of the input.
    const isAhead = pull(14);
    const entry = load<u32>(preTable + ((<usize>stream.bits & ((1 << preBits) - 1)) << 2));
    const length = entry & 63;
    const symbol = entry >> 16;
    const extra: u32 = symbol < 16 ? 0 : symbol == 16 ? 2 : symbol == 17 ? 3 : 7;
    if (!isAhead && length + extra > stream.bitCount) return Status.starved;
    take(length);
    if (symbol < 16) {
      store<u8>(lengths + stream.have++, <u8>symbol);
      continue;
    }
    const times = take(extra) + (symbol == 18 ? 11 : 3);
    if ((symbol == 16 && stream.have == 0) || stream.have + times > count) return Status.lengthRepeat;
    memory.fill(lengths + stream.have, symbol == 16 ? load<u8>(lengths + stream.have - 1) : 0, times);
    stream.have += times;
  }
  if (load<u8>(lengths + 256) == 0) return Status.noEndOfBlock;
  stream.hasFixedTables = false;
  if (!makeTable(Code.litLen, lengths, stream.litLenCount, litLenTable, litLenBits, litLenEntries)) return Status.litLenSet;
  if (!makeTable(Code.distance, lengths + stream.litLenCount, stream.distanceCount, distanceTable, distanceBits, distanceEntries))
    return Status.distanceSet;
  stream.step = Step.symbols;
  return Status.goOn;
}
