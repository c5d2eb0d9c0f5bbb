// Several rules often find the same characters: the most telling one speaks, the others are named beside it.
import { byConfidence, bySeverity } from '../model/severity.ts';
import type { Detection } from '../model/rule.ts';

export interface Ranked {
  readonly detection: Detection;
  readonly isGeneric: boolean;
}

/** Surer first, then worse, then the rule that knows the form, then the longer, then the earlier. */
function byRank(a: Ranked, b: Ranked): number {
  return (
    byConfidence(a.detection.confidence, b.detection.confidence) ||
    bySeverity(a.detection.severity, b.detection.severity) ||
    Number(a.isGeneric) - Number(b.isGeneric) ||
    b.detection.end - b.detection.start - (a.detection.end - a.detection.start) ||
    a.detection.start - b.detection.start ||
    (a.detection.ruleId < b.detection.ruleId ? -1 : 1)
  );
}

/** Sorted by start; no two of the result overlap. The order of the input does not matter. */
export function mergeOverlapping(all: readonly Ranked[]): readonly Detection[] {
  // Grouped into runs that overlap, so that a text with many findings stays cheap.
  const sorted = [...all].sort((a, b) => a.detection.start - b.detection.start);
  const merged: Detection[] = [];
  let run: Ranked[] = [];
  let runEnd = -1;
  for (const item of sorted) {
    if (item.detection.start >= runEnd && run.length > 0) {
      merged.push(...mergeRun(run));
      run = [];
    }
    run.push(item);
    runEnd = Math.max(run.length === 1 ? -1 : runEnd, item.detection.end);
  }
  merged.push(...mergeRun(run));
  return merged.sort((a, b) => a.start - b.start);
}

function mergeRun(run: readonly Ranked[]): readonly Detection[] {
  const winners: { detection: Detection; also: Set<string> }[] = [];
  for (const { detection } of [...run].sort(byRank)) {
    const winner = winners.find((other) => detection.start < other.detection.end && other.detection.start < detection.end);
    if (winner === undefined) winners.push({ detection, also: new Set() });
    else if (winner.detection.ruleId !== detection.ruleId) winner.also.add(detection.ruleId);
  }
  return winners.map(({ detection, also }) => (also.size === 0 ? detection : { ...detection, alsoRules: [...also].sort() }));
}
