// The patterns of all rules over many windows at once, in bounded time: every pattern runs once over a window, and secretlint is started
// only for what was found.
import type { RuleFailure, Survey, TextWindow } from '../model/rule.ts';
import { sentenceOf } from './lint.ts';
import type { LoadedRule } from './loaded-rule.ts';
import { isDoneWithin } from './time-bound.ts';

/** In the order of the windows. A rule that takes longer than `milliseconds` over one of them, or throws, is a failure there, and only there. */
export function surveyOf(rules: readonly LoadedRule[], windows: readonly TextWindow[], milliseconds: number): readonly Survey[] {
  const surveys = windows.map(() => ({
    found: new Map<number, Survey['found'] extends ReadonlyMap<number, infer Value> ? Value : never>(),
    failures: [] as RuleFailure[],
  }));
  const steps = windows.flatMap((window, index) => [...new Set(window.detectors)].map((detector) => ({ window, detector, survey: surveys[index]! })));
  let next = 0;
  const runOne = () => {
    const { window, detector, survey } = steps[next]!;
    try {
      const found = rules[detector]!.survey(window.text, window.name);
      if (found === 'unknown' || found.length > 0) survey.found.set(detector, found);
    } catch (thrown) {
      survey.failures.push({ ruleId: rules[detector]!.info.id, reason: sentenceOf(thrown) });
    }
    next++;
  };
  const runAll = () => {
    while (next < steps.length) runOne();
  };
  // The bound of many is that of one: guarding costs more than most patterns. Whichever ran when it was reached is tried by itself.
  while (!isDoneWithin(milliseconds, runAll)) {
    if (next === steps.length || isDoneWithin(milliseconds, runOne)) continue;
    const { detector, survey } = steps[next++]!;
    survey.failures.push({ ruleId: rules[detector]!.info.id, reason: `it took longer than ${milliseconds / 1000} s over this text and was ended` });
  }
  return surveys;
}
