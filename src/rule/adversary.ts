// Hostile texts for a pattern, made from what it likes: its own examples cut short and repeated, so that it begins again and again
// and never ends well. Backtracking that grows with the text shows here as time.
import { isDoneWithin } from './time-bound.ts';

/** What a pattern may take over the worst text that is made from its own examples. */
export const mostMilliseconds = 250;

const textLength = 30_000;

/** A search that would take years is ended after so many milliseconds; what a pattern takes for all its texts is far less. */
const longestWait = 5000;

/** The longest time in milliseconds that one search of one hostile text takes. Stops early once it exceeds `enough`. */
export function longestRun(pattern: RegExp, examples: readonly string[], enough: number): number {
  let longest = 0;
  const isDone = isDoneWithin(longestWait, () => (longest = searchAll(pattern, examples, enough)));
  pattern.lastIndex = 0;
  return isDone ? longest : longestWait;
}

function searchAll(pattern: RegExp, examples: readonly string[], enough: number): number {
  let longest = 0;
  for (const text of hostileTexts(examples)) {
    let taken = timeOf(pattern, text);
    // Once more: the first time, V8 may have compiled the pattern.
    if (taken > enough) taken = Math.min(taken, timeOf(pattern, text));
    longest = Math.max(longest, taken);
    if (longest > enough) return longest;
  }
  return longest;
}

/** Of the processor, in milliseconds: what else the machine is busy with does not count. */
function timeOf(pattern: RegExp, text: string): number {
  const before = process.cpuUsage();
  pattern.lastIndex = 0;
  // As a scan does: from match to match, each time from the character behind the start at the worst.
  for (let match = pattern.exec(text), count = 0; match !== null && count < 200; match = pattern.exec(text), count++)
    pattern.lastIndex = match.index + 1;
  return Math.round(process.cpuUsage(before).user / 1000);
}

function* hostileTexts(examples: readonly string[]): Generator<string> {
  for (const example of examples.slice(0, 3)) {
    for (const share of [0.25, 0.5, 0.8, 1]) yield repeated(example.slice(0, Math.ceil(example.length * share)), textLength);
    // A good beginning with an endless row of its own last characters, and one that fails at the very end.
    for (const share of [0.3, 0.6, 0.9]) {
      const head = example.slice(0, Math.ceil(example.length * share));
      yield head + repeated(head.at(-1)!, textLength);
      yield head + repeated(head.slice(-8), textLength) + '\u0001';
    }
    yield repeated(example.replace(/[A-Za-z0-9]+$/, ''), textLength) + '!';
  }
  for (const filler of ['a', 'A', '0', ' ', '\n', '=', '-', '_', '"', 'a.', 'a:', ' a', '\\n', 'key ', 'a=b ', '://', 'a@'])
    yield repeated(filler, textLength);
}

function repeated(part: string, length: number): string {
  return part.repeat(Math.ceil(length / Math.max(1, part.length))).slice(0, length);
}
