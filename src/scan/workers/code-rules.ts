// Rules that are code: no pattern of ours that a timer can end, but functions of secretlint's preset or of the user's own configuration.
import type { RuleInfo, Ruleset, Survey } from '../../model/rule.ts';
import { lint } from '../../rule/lint.ts';
import { loadPresetRules } from '../../rule/preset-rule.ts';

/** The detectors of the survey that are code: what they find only running them tells (see `Surveyed` in `rule/loaded-rule.ts`). */
export function codeIn({ found }: Survey): number[] {
  return [...found].flatMap(([detector, surveyed]) => (surveyed === 'unknown' ? [detector] : []));
}

/** Whether a detector is the user's own. */
export function usersOwn({ rules, detectors }: Ruleset): (detector: number) => boolean {
  const ids = new Set(rules.filter(({ origin }: RuleInfo) => origin === 'user').map(({ id }) => id));
  return (detector) => ids.has(detectors[detector]!.ruleId);
}

/** secretlint and its preset are loaded at the first text that they run over, and that text must not be charged with it. */
export async function warmUp(): Promise<void> {
  await Promise.all([lint('', '', []), loadPresetRules()]);
}
