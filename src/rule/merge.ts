// Several rules often find the same characters: the most telling one speaks, the others are named beside it.
import { byConfidence, bySeverity } from '../model/severity.ts';
import type { Detection } from '../model/rule.ts';

/** Something found at a place, from `start` up to `end`. */
export interface Ranked {
  readonly start: number;
  readonly end: number;
  readonly detection: Detection;
  /** Of a rule that knows the value by the name beside it. */
  readonly isGeneric: boolean;
}

/** Surer first, then worse, then the rule that knows the form, then the longer, then the earlier. */
function byRank(a: Ranked, b: Ranked): number {
  return (
    byConfidence(a.detection.confidence, b.detection.confidence) ||
    bySeverity(a.detection.severity, b.detection.severity) ||
    Number(a.isGeneric) - Number(b.isGeneric) ||
    b.end - b.start - (a.end - a.start) ||
    a.start - b.start ||
    (a.detection.ruleId < b.detection.ruleId ? -1 : 1)
  );
}

/** Sorted by start; no two of the result overlap. The order of the input does not matter. */
export function mergeOverlapping<Item extends Ranked>(all: readonly Item[]): readonly Item[] {
  // Grouped into runs that overlap, so that a text with many findings stays cheap.
  const sorted = [...all].sort((a, b) => a.start - b.start);
  const merged: Item[] = [];
  let run: Item[] = [];
  let runEnd = -1;
  for (const item of sorted) {
    if (item.start >= runEnd && run.length > 0) {
      merged.push(...mergeRun(run));
      run = [];
    }
    run.push(item);
    runEnd = Math.max(run.length === 1 ? -1 : runEnd, item.end);
  }
  merged.push(...mergeRun(run));
  return merged.sort((a, b) => a.start - b.start);
}

function mergeRun<Item extends Ranked>(run: readonly Item[]): readonly Item[] {
  const winners: { item: Item; also: Set<string> }[] = [];
  for (const item of [...run].sort(byRank)) {
    const { ruleId, alsoRules } = item.detection;
    const winner = winners.find((other) => item.start < other.item.end && other.item.start < item.end);
    if (winner === undefined) winners.push({ item, also: new Set(alsoRules) });
    else for (const rule of [ruleId, ...alsoRules]) if (rule !== winner.item.detection.ruleId) winner.also.add(rule);
  }
  return winners.map(({ item, also }) => (also.size === 0 ? item : { ...item, detection: { ...item.detection, alsoRules: [...also].sort() } }));
}
