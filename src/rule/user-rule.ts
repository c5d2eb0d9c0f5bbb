// A rule of the user's own `.secretlintrc`: nothing is known of its anchors, so it sees every text.
import type { SecretLintCoreConfigRule } from '@secretlint/types';
import type { RuleInfo } from '../model/rule.ts';
import type { Severity } from '../model/severity.ts';
import { type Grade, gradedInfo } from './grading.ts';
import type { LoadedRule } from './loaded-rule.ts';

const severityOf: Readonly<Record<string, Severity>> = { info: 'info', warning: 'medium', error: 'high' };

export function loadedFromUser(rule: SecretLintCoreConfigRule, grades: readonly Grade[] = []): LoadedRule {
  const url = rule.rule.meta.docs?.url;
  const own: RuleInfo = {
    id: rule.id,
    name: rule.id,
    severity: severityOf[rule.severity ?? 'error'] ?? 'high',
    confidence: 'medium',
    description: `A rule of your own secretlint configuration: ${rule.id}.`,
    advice: 'Follow what the rule documents: revoke or rotate the secret at its issuer, and build the image without it.',
    references: url === undefined ? [] : [url],
    origin: 'user',
    keywords: [],
  };
  const info = gradedInfo(own, grades);
  const { severity, confidence } = info;
  return {
    info,
    reach: { before: 0, after: 0 },
    isGeneric: false,
    survey: () => 'unknown',
    // secretlint compares `allowMessageIds` and inline comments with the id in the rule's meta.
    toSecretlint: async () => ({ ...rule, id: rule.rule.meta.id }),
    sightingOf: ({ range: [start, end] }) => ({ start, end, severity, confidence, proved: [] }),
  };
}
