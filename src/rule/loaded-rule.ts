// A rule ready to run, wherever it comes from: our YAML, secretlint's preset or the user's configuration.
import type { SecretLintCoreConfigRule } from '@secretlint/types';
import type { MatchPlace, Reach, RuleInfo } from '../model/rule.ts';
import type { Occurrences } from './shape/occurrences.ts';
import type { Sighting } from './sighting.ts';

/** What a secretlint rule reported: a range of the text, and the data of its message (which may hold the secret). */
export interface Reported {
  readonly range: readonly [start: number, end: number];
  readonly data: unknown;
}

/** All that a rule of ours finds in a text. A rule that is code tells it to secretlint alone: `unknown`, or none when none is possible. */
export type Surveyed = readonly Sighting[] | 'unknown';

export interface LoadedRule {
  readonly info: RuleInfo;
  readonly reach: Reach;
  /** Loses against a rule that knows the form of the secret. */
  readonly isGeneric: boolean;
  /** False for the path of a document at which it does not look. */
  looksAt?(name: string): boolean;
  /** Matches wherever the rule finds something; with its keywords in the match, it may say what stands behind them. */
  pattern?(): RegExp;
  /** Where its keywords stand in its pattern, when that was found out before. */
  readonly occurrences?: Occurrences | undefined;
  /** `places`: where matches may be, in rising order. Looks without secretlint, which is started only for what may be found. */
  survey(text: string, name: string, places?: readonly MatchPlace[]): Surveyed;
  /** Loads what it needs on the first call. The `id` in it is what secretlint's messages carry. `seen` is what `survey` gave for the text. */
  toSecretlint(seen: Surveyed): Promise<SecretLintCoreConfigRule>;
  /** Narrows a report to the secret itself; undefined drops it. */
  sightingOf(reported: Reported, text: string, name: string): Sighting | undefined;
}
