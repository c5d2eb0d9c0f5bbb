// What a container prints may be a secret: texts of a comparison that came out of one are masked like all others.
import { type Comparison, maskedComparison } from '../model/comparison.ts';
import { loadRuleset } from '../rule/ruleset.ts';
import type { ImageFlags } from './image-flags.ts';
import { maskedText } from './masked-error.ts';
import { rulesetOptionsOf } from './policy.ts';

/** Loads rules only where there is a text that could hold a secret. */
export async function withSecretsMasked(comparison: Comparison, flags: Partial<ImageFlags>): Promise<Comparison> {
  const texts: string[] = [];
  maskedComparison(comparison, (text) => {
    texts.push(text);
    return text;
  });
  if (texts.length === 0) return comparison;
  const ruleset = await loadRuleset(rulesetOptionsOf(flags));
  const masks = new Map<string, string>();
  for (const text of texts) masks.set(text, await maskedText(text, ruleset));
  return maskedComparison(comparison, (text) => masks.get(text)!);
}
