// A YAML rule as an ordinary secretlint rule: publishable, mixable with others, run by the same core.
import type { SecretLintRuleCreator } from '@secretlint/types';
import type { RuleDefinition } from './definition.ts';
import type { LoadedRule } from './loaded-rule.ts';
import { pathMatcher } from './path-matcher.ts';
import { type Sighting, sightingsOf } from './sighting.ts';

export function toSecretlintRule(rule: RuleDefinition, looksAt = pathMatcher(rule.paths)): SecretLintRuleCreator {
  // The message names the rule and never the value.
  const messages = { FOUND: { en: (_data: { readonly sighting: Sighting }) => `found: ${rule.info.name}` } };
  return {
    messages,
    meta: { id: rule.info.id, type: 'scanner', recommended: true, supportedContentTypes: ['all'] },
    create(context) {
      const translate = context.createTranslator(messages);
      return {
        file(source) {
          const name = source.filePath ?? '';
          if (!looksAt(name)) return;
          for (const sighting of sightingsOf(rule, source.content, name)) {
            context.report({ message: translate('FOUND', { sighting }), range: [sighting.start, sighting.end] });
          }
        },
      };
    },
  };
}

export function loadedFromYaml(rule: RuleDefinition): LoadedRule {
  const looksAt = pathMatcher(rule.paths);
  const creator = toSecretlintRule(rule, looksAt);
  return {
    info: rule.info,
    reach: rule.reach,
    isGeneric: rule.isGeneric,
    // The checks run too: a pair of name and value is common, a secret among them is not.
    mayMatch: (text, name) => looksAt(name) && sightingsOf(rule, text, name, 0).length > 0,
    toSecretlint: async () => ({ id: rule.info.id, rule: creator }),
    sightingOf: ({ data }) => (data as { readonly sighting: Sighting }).sighting,
  };
}
