// What a comparison of two images tells people: what each did, what differs, and whether the second still works.
import { Chalk, type ChalkInstance } from 'chalk';
import { answerText, type Comparison, type Difference, outcomeText, type Trial } from '../model/comparison.ts';
import { counted } from '../model/counted.ts';
import { shortDigest } from '../model/digest.ts';
import { printable } from '../model/printable.ts';
import type { ReportOptions } from './reporter.ts';

export function* comparisonText(comparison: Comparison, { colorLevel = 0 }: Pick<ReportOptions, 'colorLevel'>): Iterable<string> {
  for (const line of comparisonLines(comparison, new Chalk({ level: colorLevel }))) yield `${line}\n`;
}

export function* comparisonLines({ before, after, differences, verdict }: Comparison, chalk: ChalkInstance): Iterable<string> {
  yield `${verdictWords(verdict, chalk)}`;
  yield `  before: ${trialText(before)}`;
  yield `  after:  ${trialText(after)}`;
  for (const difference of differences) yield* differenceLines(difference, chalk);
}

function verdictWords(verdict: Comparison['verdict'], chalk: ChalkInstance): string {
  switch (verdict) {
    case 'same':
      return `${chalk.green('same:')} both did the same`;
    case 'works':
      return `${chalk.green('works:')} what the first did the second does too, though not all is the same`;
    case 'broken':
      return `${chalk.red('BROKEN:')} something that worked in the first does not work in the second`;
    case 'unclear':
      return `${chalk.yellow('UNCLEAR:')} the first did not work either, so nothing can be said of the second`;
  }
}

function trialText({ image, digest, outcome, answers, lines, stopCode }: Trial): string {
  const facts = [
    outcomeText(outcome),
    ...answers.map((answer) => `${answer.probe.port}:${printable(answer.probe.path)} ${answerText(answer)}`),
    ...(outcome.kind === 'failed' ? [] : [`${counted(lines, 'line')} of output`]),
    ...(stopCode === undefined ? [] : [`exit code ${stopCode} when stopped`]),
  ];
  return `${printable(image)} (${shortDigest(digest)}) ${facts.join('; ')}`;
}

function* differenceLines({ what, before, after, isBreaking }: Difference, chalk: ChalkInstance): Iterable<string> {
  yield `  ${isBreaking ? chalk.red('broken: ') : chalk.yellow('differs:')} ${printable(what)}`;
  yield* sideLines('before', before);
  yield* sideLines('after', after);
}

function* sideLines(side: string, text: string): Iterable<string> {
  const [first, ...rest] = text.split('\n').map(printable);
  yield `    ${`${side}:`.padEnd(8)}${first}`;
  for (const line of rest) yield `            ${line}`;
}
