// A ruleset of a few lines that finds `tok_` and eight characters: what it must find in a text can be said without any scanner.
import type { Detection, Reach, Ruleset } from '../../src/model/rule.ts';
import { Secret } from '../../src/model/secret.ts';

export const token = (seed: number): string =>
  `tok_${(0x1_0000_0000 + (Math.imul(seed, 2_654_435_761) >>> 0)).toString(36).padStart(8, '0').slice(-8)}`;

export const tokenPattern = /\btok_[a-z0-9]{8}(?![a-z0-9])/g;

export interface SmallRule {
  readonly ruleId: string;
  readonly pattern: RegExp;
  readonly keywords: readonly string[];
  readonly reach: Reach;
  /** Gives no more than this many of one text, and says so. */
  readonly atMost?: number;
  readonly throws?: boolean;
}

export const tokenRule: SmallRule = { ruleId: 'token', pattern: tokenPattern, keywords: ['tok_'], reach: { before: 16, after: 24 } };

export interface SmallRuleset extends Ruleset {
  /** Every window that was looked at. */
  readonly seen: { readonly text: string; readonly name: string; readonly detectors: readonly number[] }[];
}

export function smallRuleset(...rules: readonly SmallRule[]): SmallRuleset {
  const seen: { text: string; name: string; detectors: readonly number[] }[] = [];
  return {
    seen,
    formats: new Map(),
    rules: rules.map(({ ruleId, keywords }) => ({
      id: ruleId,
      name: ruleId,
      severity: 'high',
      confidence: 'high',
      description: '',
      advice: '',
      references: [],
      origin: 'user',
      keywords,
    })),
    detectors: rules.map(({ ruleId, keywords, reach }) => ({ ruleId, keywords, reach })),
    hash: rules.map(({ ruleId }) => ruleId).join(),
    survey: (windows) => windows.map(() => ({ found: new Map(), failures: [] })),
    async detect(text, name, detectors) {
      const indices = [...detectors];
      seen.push({ text, name, detectors: indices });
      const detections: Detection[] = [];
      const failures = [];
      for (const index of indices) {
        const { ruleId, pattern, atMost = Infinity, throws } = rules[index];
        if (throws === true) failures.push({ ruleId, reason: 'it threw' });
        const matches = throws === true ? [] : [...text.matchAll(pattern)];
        if (matches.length > atMost) failures.push({ ruleId, reason: `more than ${atMost}`, isFlood: true as const });
        for (const match of matches.slice(0, atMost)) {
          detections.push({
            ruleId,
            severity: 'high',
            confidence: 'high',
            secret: new Secret(match[0]),
            start: match.index,
            end: match.index + match[0].length,
            alsoRules: [],
            proved: [],
          });
        }
      }
      return { detections: detections.sort((a, b) => a.start - b.start), failures };
    },
  };
}
