// Runs two images the same way and says what the second does otherwise, and whether something that worked has stopped.
import { answerText, type Comparison, type Difference, type HttpAnswer, type Outcome, outcomeText, type Trial } from '../../model/comparison.ts';
import { printable } from '../../model/printable.ts';
import { linesApart } from './log-lines.ts';
import { type TrialOptions, type Tried, type TrialStart, tryImage } from './trial.ts';

/** One after the other: they may want the same port of the machine. */
export async function compareImages(before: TrialStart, after: TrialStart, options: TrialOptions): Promise<Comparison> {
  const first = await tryImage(before, options);
  return judgeTrials(first, await tryImage(after, options));
}

export function judgeTrials(first: Tried, second: Tried): Comparison {
  const differences = [...trialDifferences(first.trial, second.trial), ...outputDifferences(first.output, second.output)];
  return { before: first.trial, after: second.trial, differences, verdict: verdictOf(first.trial, differences) };
}

function verdictOf(before: Trial, differences: readonly Difference[]): Comparison['verdict'] {
  if (differences.some(({ isBreaking }) => isBreaking)) return 'broken';
  const isAnswered = before.answers.every(({ status }) => status !== undefined);
  if (differences.length === 0 && before.outcome.kind !== 'failed' && isAnswered) return 'same';
  return hasWorked(before.outcome) && before.answers.every(isGood) ? 'works' : 'unclear';
}

function trialDifferences(before: Trial, after: Trial): readonly Difference[] {
  const differences: Difference[] = [];
  const add = (what: string, first: string, second: string, isBreaking: boolean) => {
    if (first !== second) differences.push({ what, before: first, after: second, isBreaking });
  };
  add('outcome', outcomeText(before.outcome), outcomeText(after.outcome), hasWorked(before.outcome) && !worksLike(after.outcome, before.outcome));
  for (const [index, answer] of before.answers.entries()) {
    const other = after.answers[index];
    if (other === undefined) continue;
    const what = `answer of ${answer.probe.port}:${answer.probe.path}`;
    const isBreaking = isGood(answer) && !isGood(other);
    add(what, answerText(answer), answerText(other), isBreaking);
    if (answer.status === undefined || answer.status !== other.status || answer.fingerprint === other.fingerprint) continue;
    const isAsLong = answer.length === other.length;
    add(`body of the ${what}`, `${answer.length} bytes`, `${other.length} bytes${isAsLong ? ', other ones' : ''}`, false);
  }
  if (before.stopCode !== undefined && after.stopCode !== undefined)
    add('exit code when stopped', String(before.stopCode), String(after.stopCode), false);
  return differences;
}

const mostShown = 5;

function outputDifferences(before: readonly string[], after: readonly string[]): readonly Difference[] {
  const { gone, come } = linesApart(before, after);
  if (gone.length + come.length === 0) return [];
  return [{ what: 'output', before: linesText(gone), after: linesText(come), isBreaking: false }];
}

function linesText(lines: readonly string[]): string {
  if (lines.length === 0) return 'nothing that the other has not';
  const shown = lines.slice(0, mostShown).map((line) => printable(line).slice(0, 200));
  return [...shown, ...(lines.length > mostShown ? [`and ${lines.length - mostShown} more lines`] : [])].join('\n');
}

function hasWorked(outcome: Outcome): boolean {
  switch (outcome.kind) {
    case 'failed':
      return false;
    case 'exited':
      return outcome.exitCode === 0;
    case 'running':
      return outcome.health !== 'unhealthy';
  }
}

/** A server that ends with 0 no longer serves. */
function worksLike(outcome: Outcome, model: Outcome): boolean {
  return (
    hasWorked(outcome) &&
    outcome.kind === model.kind &&
    !(model.kind === 'running' && model.health === 'healthy' && outcome.kind === 'running' && outcome.health !== 'healthy')
  );
}

function isGood({ status }: HttpAnswer): boolean {
  return status !== undefined && status < 400;
}
