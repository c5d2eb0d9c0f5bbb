// What every rule says of itself, however it finds.
import type { RuleInfo } from '../model/rule.ts';
import { confidences, severities } from '../model/severity.ts';
import { type FieldPlace, type Mapping, readString, readStrings, readWord } from './fields.ts';

/** `advice` and `keywords` are read by the caller, whose rules for them differ. Throws UnbakeError `usage` for a field that is wrong. */
export function readRuleInfo(mapping: Mapping, place: FieldPlace, { advice, keywords }: Pick<RuleInfo, 'advice' | 'keywords'>): RuleInfo {
  return {
    id: place.ruleId,
    name: readString(mapping, 'name', place),
    severity: readWord(mapping, 'severity', severities, place),
    confidence: readWord(mapping, 'confidence', confidences, place),
    description: readString(mapping, 'description', place),
    advice,
    references: readStrings(mapping, 'references', place),
    origin: 'builtin',
    keywords,
  };
}
