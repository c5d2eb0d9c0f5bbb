// A rule of secretlint's recommended preset with what secretlint does not say of it: keywords, a probe, severity, advice, and
// which part of its report is the secret.
import type { SecretLintCoreConfigRule, SecretLintRuleCreator } from '@secretlint/types';
import type { Reach, RuleInfo } from '../model/rule.ts';
import type { CheckCall } from './definition.ts';
import { type Grade, gradedInfo } from './grading.ts';
import type { LoadedRule, Reported } from './loaded-rule.ts';
import { judge } from './sighting.ts';

export const presetPackage = '@secretlint/secretlint-rule-preset-recommend';
export const inlineCommentsRule = '@secretlint/secretlint-rule-filter-comments';

export interface PresetRule {
  /** The package's name without `@secretlint/secretlint-rule-`. */
  readonly package: string;
  readonly info: RuleInfo;
  readonly reach: Reach;
  /** Matches wherever the rule may match; cheap, without `g`. */
  readonly probe: RegExp;
  /** Finds the secret in what was reported: group 1. Without it, the longest text of the message's data. */
  readonly inner?: RegExp;
  readonly checks: readonly CheckCall[];
  readonly isGeneric: boolean;
}

/** What the user's configuration says of a rule, in secretlint's words. */
export type RuleSettings = Omit<SecretLintCoreConfigRule, 'id' | 'rule'>;

export function presetRuleId(rule: PresetRule): string {
  return `@secretlint/secretlint-rule-${rule.package}`;
}

/** Imports the preset: some 20 ms, so only when a text is really linted. */
export async function loadPresetRules(): Promise<ReadonlyMap<string, SecretLintRuleCreator>> {
  const preset = await import('@secretlint/secretlint-rule-preset-recommend');
  return new Map(preset.rules.map((rule) => [rule.meta.id, rule as SecretLintRuleCreator]));
}

export function loadedFromPreset(rule: PresetRule, settings: RuleSettings = {}, grades: readonly Grade[] = []): LoadedRule {
  const id = presetRuleId(rule);
  const severity = settings.severity === 'info' ? 'info' : settings.severity === 'warning' ? 'medium' : rule.info.severity;
  const info = gradedInfo({ ...rule.info, severity }, grades);
  return {
    info,
    reach: rule.reach,
    isGeneric: rule.isGeneric,
    pattern: () => rule.probe,
    survey: (text) => (rule.probe.test(text) ? 'unknown' : []),
    toSecretlint: async () => ({ ...settings, id, rule: (await loadPresetRules()).get(id)! }),
    sightingOf(reported, text, name) {
      const [start, end] = secretSpan(rule, reported, text);
      const secret = text.slice(start, end);
      return judge({ secret, groups: {}, text, index: start, start, end, name }, info, rule.checks);
    },
  };
}

/** Some rules of the preset report the start of the match with the length of a group: the data's text is looked up instead. */
function secretSpan(rule: PresetRule, { range, data }: Reported, text: string): readonly [number, number] {
  let [start, end] = range;
  const longest = Object.values(data ?? {}).reduce<string>(
    (best, value) => (typeof value === 'string' && value.length > best.length ? value : best),
    '',
  );
  const at = longest.length < 4 ? -1 : text.indexOf(longest, start);
  if (at !== -1 && at <= end) [start, end] = [at, at + longest.length];
  const inner = rule.inner === undefined ? null : new RegExp(rule.inner.source, `${rule.inner.flags}d`).exec(text.slice(start, end));
  const span = inner?.indices?.[1];
  return span === undefined ? [start, end] : [start + span[0], start + span[1]];
}
