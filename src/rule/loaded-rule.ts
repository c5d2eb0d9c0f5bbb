// A rule ready to run, wherever it comes from: our YAML, secretlint's preset or the user's configuration.
import type { SecretLintCoreConfigRule } from '@secretlint/types';
import type { Reach, RuleInfo } from '../model/rule.ts';
import type { Sighting } from './sighting.ts';

/** What a secretlint rule reported: a range of the text, and the data of its message (which may hold the secret). */
export interface Reported {
  readonly range: readonly [start: number, end: number];
  readonly data: unknown;
}

export interface LoadedRule {
  readonly info: RuleInfo;
  readonly reach: Reach;
  /** Loses against a rule that knows the form of the secret. */
  readonly isGeneric: boolean;
  /** Cheap: false when the rule cannot find anything here, so that secretlint need not be started. */
  mayMatch(text: string, name: string): boolean;
  /** Loads what it needs on the first call. The `id` in it is what secretlint's messages carry. */
  toSecretlint(): Promise<SecretLintCoreConfigRule>;
  /** Narrows a report to the secret itself; undefined drops it. */
  sightingOf(reported: Reported, text: string, name: string): Sighting | undefined;
}
