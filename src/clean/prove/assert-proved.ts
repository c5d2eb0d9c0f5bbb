// What follows from a proof that fails: nothing is written.
import type { Proof } from '../../model/clean-report.ts';
import { UnbakeError } from '../../model/error.ts';

/** Throws UnbakeError `unproved` with the first problems. */
export function assertProved({ checks }: Proof, mask: (text: string) => string): void {
  const problems = checks.flatMap((check) => check.problems.map((problem) => `${check.name}: ${mask(problem)}`));
  if (problems.length === 0 && checks.every(({ isPassed }) => isPassed)) return;
  throw new UnbakeError('unproved', `the result is not what the plan says, so nothing was written: ${problems.slice(0, 5).join('; ')}`, {
    hint: 'choose another way for these places with --mode PATH=drop or =empty; if that does not help, please report it',
  });
}
