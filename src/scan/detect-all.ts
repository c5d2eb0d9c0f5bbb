// The rules over one window, all that they find: where a rule finds more than it gives for one text, halves of the text are looked at.
import type { Detection, DetectionResult, RuleFailure, Ruleset, Survey, TextWindow } from '../model/rule.ts';

/** Halves of less are not halved again. */
const shortest = 2048;
/** What straddles the middle stands whole in one of the halves. */
const overlap = 512;

/** `survey` is that of the window. Halves are surveyed here, none of their rules longer than `milliseconds`. */
export async function detectAll(ruleset: Ruleset, window: TextWindow, survey: Survey, milliseconds: number): Promise<DetectionResult> {
  const { text, name, detectors } = window;
  const result = await ruleset.detect(text, name, detectors, survey);
  if (!result.failures.some((failure) => failure.isFlood) || text.length < shortest) return result;
  const middle = text.length >> 1;
  const detections: Detection[] = [];
  const failures: RuleFailure[] = [];
  for (const [from, to] of [
    [0, middle + overlap],
    [middle - overlap, text.length],
  ]) {
    const part = { text: text.slice(from, to), name, detectors };
    const half = await detectAll(ruleset, part, ruleset.survey([part], milliseconds)[0]!, milliseconds);
    failures.push(...half.failures);
    for (const detection of half.detections) {
      // Cut at the border of a half: the other half holds it whole.
      if ((detection.start === 0 && from > 0) || (from + detection.end === to && to < text.length)) continue;
      detections.push({ ...detection, start: detection.start + from, end: detection.end + from });
    }
  }
  return { detections, failures };
}
