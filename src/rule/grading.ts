// What the user thinks of a rule: another severity or confidence than the rule's own.
import { type Confidence, lowerConfidence, lowerSeverity, type Severity } from '../model/severity.ts';
import picomatch from 'picomatch';
import type { RuleInfo } from '../model/rule.ts';
import type { LoadedRule } from './loaded-rule.ts';

export interface Grade {
  /** An id or a glob. */
  readonly rules: string;
  readonly severity?: Severity;
  readonly confidence?: Confidence;
}

/** What all grades together say of one rule; a later one wins. Undefined when they say nothing. */
export function gradeOf(ruleId: string, grades: readonly Grade[]): Pick<Grade, 'severity' | 'confidence'> | undefined {
  const fitting = grades.filter(({ rules }) => picomatch.isMatch(ruleId, rules));
  if (fitting.length === 0) return undefined;
  return fitting.reduce<Pick<Grade, 'severity' | 'confidence'>>((all, { rules: _rules, ...grade }) => ({ ...all, ...grade }), {});
}

/** The rule as the user grades it. */
export function gradedInfo(info: RuleInfo, grades: readonly Grade[]): RuleInfo {
  return { ...info, ...gradeOf(info.id, grades) };
}

/** A check may still lower what a rule with a grade finds, never raise it above the grade. */
export function cappedByGrade(rule: LoadedRule, grades: readonly Grade[]): LoadedRule {
  const grade = gradeOf(rule.info.id, grades);
  if (grade === undefined) return rule;
  return {
    ...rule,
    sightingOf(reported, text, name) {
      const sighting = rule.sightingOf(reported, text, name);
      if (sighting === undefined) return undefined;
      const { severity, confidence } = sighting;
      return { ...sighting, severity: lowerSeverity(severity, grade.severity), confidence: lowerConfidence(confidence, grade.confidence) };
    },
  };
}
