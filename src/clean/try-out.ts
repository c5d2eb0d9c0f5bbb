// The last step of the proof, where it is asked for: the image as it was and the result are run. How is the matter of whoever can.
import type { ProofCheck } from '../model/clean-report.ts';
import { type Comparison, maskedComparison } from '../model/comparison.ts';
import { UnbakeError } from '../model/error.ts';
import type { OpenedStore } from '../model/image.ts';
import type { VaultMember } from './vault/vault.ts';

/** Nothing of it is to be kept: the values in the vault are on no disk unless the user asked for that. */
export interface CleaningToTry {
  readonly before: OpenedStore;
  /** Reference of the result, which is whole and not yet where it is to be. */
  readonly after: string;
  /** An unencrypted vault of all that was removed; empty when there is nothing to give back. */
  readonly vault: readonly VaultMember[];
}

export type TryOut = (cleaning: CleaningToTry) => Promise<Comparison>;

/** Throws UnbakeError `unproved` when something that worked no longer does. */
export async function triedOut(tryOut: TryOut, cleaning: CleaningToTry, mask: (text: string) => string): Promise<Comparison> {
  const comparison = maskedComparison(await tryOut(cleaning), mask);
  if (comparison.verdict !== 'broken') return comparison;
  const broken = comparison.differences.filter(({ isBreaking }) => isBreaking);
  throw new UnbakeError(
    'unproved',
    `the app does not work as before, so nothing was written: ${broken.map((each) => `${each.what}: ${each.before}, and now: ${each.after}`).join('; ')}`,
    { hint: 'choose another way for what it needs with --mode PATH=..., or leave --try out and look at both with unbake compare' },
  );
}

/** Where the image did not run before either nothing is proved of it, and the report says so. */
export function runCheck({ verdict, differences }: Comparison): ProofCheck {
  const detail = {
    same: 'run before and after, both did the same',
    works: `run before and after, the app works as before; differences: ${differences.map(({ what }) => what).join(', ')}`,
    unclear: 'run before and after: it did not work before either, so this proves nothing',
    broken: 'run before and after: it no longer works',
  }[verdict];
  return { name: 'run', isPassed: verdict === 'same' || verdict === 'works', detail, problems: [] };
}
