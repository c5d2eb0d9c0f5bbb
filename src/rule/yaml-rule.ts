// A YAML rule as an ordinary secretlint rule: publishable, mixable with others, run by the same core.
import type { SecretLintRuleCreator } from '@secretlint/types';
import type { RuleDefinition } from './definition.ts';
import type { MatchPlace } from '../model/rule.ts';
import type { LoadedRule } from './loaded-rule.ts';
import { pathMatcher } from './path-matcher.ts';
import { type Sighting, sightingsOf } from './sighting.ts';

/** `find` gives what the rule finds in a text of this name, where that is known already. */
export function toSecretlintRule(rule: RuleDefinition, find = finderOf(rule)): SecretLintRuleCreator {
  // The message names the rule and never the value.
  const messages = { FOUND: { en: (_data: { readonly sighting: Sighting }) => `found: ${rule.info.name}` } };
  return {
    messages,
    meta: { id: rule.info.id, type: 'scanner', recommended: true, supportedContentTypes: ['all'] },
    create(context) {
      const translate = context.createTranslator(messages);
      return {
        file(source) {
          for (const sighting of find(source.content, source.filePath ?? '')) {
            context.report({ message: translate('FOUND', { sighting }), range: [sighting.start, sighting.end] });
          }
        },
      };
    },
  };
}

export function loadedFromYaml(rule: RuleDefinition): LoadedRule {
  const looksAt = pathMatcher(rule.paths);
  const find = finderOf(rule, looksAt);
  return {
    info: rule.info,
    reach: rule.reach,
    isGeneric: rule.isGeneric,
    ...(rule.paths.length === 0 ? {} : { looksAt }),
    pattern: () => rule.pattern,
    occurrences: rule.occurrences,
    // The checks run too: a pair of name and value is common, a secret among them is not.
    survey: find,
    toSecretlint: async (seen) => ({ id: rule.info.id, rule: toSecretlintRule(rule, seen === 'unknown' ? find : () => seen) }),
    sightingOf: ({ data }) => (data as { readonly sighting: Sighting }).sighting,
  };
}

function finderOf(
  rule: RuleDefinition,
  looksAt = pathMatcher(rule.paths),
): (text: string, name: string, places?: readonly MatchPlace[]) => readonly Sighting[] {
  return (text, name, places) => (looksAt(name) ? sightingsOf(rule, text, name, { places }) : []);
}
