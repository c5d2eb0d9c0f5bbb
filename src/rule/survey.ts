// The patterns of all rules over many windows at once, in bounded time: every pattern runs once over a window, and secretlint is started
// only for what was found.
import type { RuleFailure, Survey, TextWindow } from '../model/rule.ts';
import { sentenceOf } from './lint.ts';
import type { LoadedRule, Surveyed } from './loaded-rule.ts';
import { isDoneWithin } from './time-bound.ts';

export interface RuleSurvey extends Survey {
  readonly found: ReadonlyMap<number, Surveyed>;
}

/** In the order of the windows. A rule that takes longer than `milliseconds` over one of them, or throws, is a failure there, and only there. */
export function surveyOf(rules: readonly LoadedRule[], windows: readonly TextWindow[], milliseconds: number): readonly RuleSurvey[] {
  const surveys = windows.map(() => ({ found: new Map<number, Surveyed>(), failures: [] as RuleFailure[] }));
  const steps = windows.flatMap((window, index) => [...new Set(window.detectors)].map((detector) => ({ window, detector, survey: surveys[index]! })));
  let next = 0;
  const runNext = () => {
    const { window, detector, survey } = steps[next]!;
    const rule = rules[detector]!;
    try {
      const surveyed = rule.survey(window.text, window.name, window.places?.get(detector));
      if (surveyed === 'unknown' || surveyed.length > 0) survey.found.set(detector, surveyed);
    } catch (thrown) {
      survey.failures.push({ ruleId: rule.info.id, reason: sentenceOf(thrown) });
    }
    next++;
  };
  const runAll = () => {
    while (next < steps.length) runNext();
  };
  // A guard costs more than most patterns, so one is put around all. Whichever step runs when it ends them is tried by itself.
  while (steps.length > 0 && !isDoneWithin(milliseconds, runAll)) {
    const at = next;
    if (at === steps.length || isDoneWithin(milliseconds, runNext)) continue;
    next = at + 1;
    const { detector, survey } = steps[at]!;
    survey.failures.push({ ruleId: rules[detector]!.info.id, reason: `it took longer than ${milliseconds / 1000} s over this text and was ended` });
  }
  return surveys;
}
