// A streaming decoder of raw deflate (RFC 1951). Input may end at any byte and output be full at any symbol: `run` gives up before the symbol that it
// cannot finish, and begins with it again. Every distance is compared with what was written, so that no load leaves the window.
import { codeLengths, header, preLengths, stored, storedLengths, symbolCounts } from './_inflate-blocks';
import { blockLog, history, historyLength, input, inputLength, output, outputLength, patterns, strides } from './_inflate-memory';
import { Status, Step, stream } from './_inflate-state';
import { symbols } from './_inflate-symbols';

export function inputStart(): usize {
  return input;
}
export function inputRoom(): usize {
  return inputLength;
}
/** What the last `run` wrote is `outputStart` to `outputEnd`. */
export function outputStart(): usize {
  return stream.given;
}
export function outputEnd(): usize {
  return stream.at;
}
/** Bytes that were used of all input; of a byte that was used in part, all of it. When the stream is wrong, with what is wrong of it. */
export function used(): f64 {
  return stream.inputBefore + <f64>(stream.next - input) - <f64>(stream.bitCount >> 3);
}
export function blockLogStart(): usize {
  return blockLog;
}
/** Blocks that began in the last `run`. */
export function blocksBegun(): u32 {
  return stream.blockCount;
}

/** Ready for another stream. */
export function reset(): void {
  for (let distance: u32 = 1; distance < 16; distance++) {
    for (let byte: u32 = 0; byte < 16; byte++) store<u8>(patterns + (distance << 4) + byte, <u8>(byte % distance));
    store<u8>(strides + distance, <u8>(16 - (16 % distance)));
  }
  stream.step = Step.header;
  stream.status = Status.starved;
  stream.isLast = false;
  stream.hasFixedTables = false;
  stream.bits = 0;
  stream.bitCount = 0;
  stream.next = input;
  stream.inputEnd = input;
  stream.inputBefore = 0;
  stream.at = output;
  stream.given = output;
  stream.reach = output;
  stream.outputBefore = 0;
  stream.blockCount = 0;
}

/** The next `length` bytes of input stand at `inputStart`. Only when the bytes before were used up. */
export function feed(length: usize): void {
  stream.inputBefore += <f64>(stream.inputEnd - input);
  stream.next = input;
  stream.inputEnd = input + min(length, inputLength);
}

/** Decodes until input is used up, output or the log is full (then it is to be called again), the stream has ended or is wrong. */
export function run(): i32 {
  if (stream.status > Status.paused) {
    stream.given = stream.at;
    stream.blockCount = 0;
    return stream.status;
  }
  if (stream.at >= output + outputLength) {
    stream.outputBefore += <f64>(stream.at - output);
    memory.copy(history, stream.at - historyLength, historyLength);
    stream.at = output;
    stream.reach = history;
  }
  stream.given = stream.at;
  stream.blockCount = 0;
  stream.status = runSteps();
  return stream.status;
}

function runSteps(): Status {
  let result: Status = Status.goOn;
  while (result == Status.goOn) {
    switch (stream.step) {
      case Step.header:
        result = header();
        break;
      case Step.storedLengths:
        result = storedLengths();
        break;
      case Step.stored:
        result = stored();
        break;
      case Step.counts:
        result = symbolCounts();
        break;
      case Step.preLengths:
        result = preLengths();
        break;
      case Step.lengths:
        result = codeLengths();
        break;
      case Step.symbols:
        result = symbols();
        break;
      default:
        result = Status.ended;
    }
  }
  return result;
}
