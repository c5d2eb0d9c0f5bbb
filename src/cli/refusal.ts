// Why an image is not started, in one sentence: what was found by its severity, the first places, what could not be read. All masked.
import type { Finding } from '../model/finding.ts';
import { counted } from '../model/counted.ts';
import { isReadError, type Report } from '../model/report.ts';
import { isAtLeast, severities } from '../model/severity.ts';
import { wordsForFate, wordsForPlace, wordsForSkipped } from '../report/wording.ts';

const shownAtMost = 3;

/** Undefined when nothing counts: what makes `unbake scan` exit with 0, with `--fail-on-incomplete` or without. */
export function refusalOf({ findings, skipped, verdict }: Report, failOnIncomplete = false): string | undefined {
  const counting = findings.filter(({ suppression, severity }) => suppression === undefined && isAtLeast(severity, verdict.failOn));
  const unread = failOnIncomplete ? skipped : skipped.filter(isReadError);
  const parts = [
    ...(counting.length === 0
      ? []
      : [`has ${counted(counting.length, 'finding')} (${bySeverity(counting)}): ${first(counting.map(wordsForFinding))}`]),
    ...(unread.length === 0 ? [] : [`could not be read completely, ${counted(unread.length, 'part')} not: ${first(unread.map(wordsForSkipped))}`]),
  ];
  return parts.length === 0 ? undefined : parts.join('; it ');
}

/** `1 critical, 2 high`. */
function bySeverity(findings: readonly Finding[]): string {
  return severities
    .map((severity) => ({ severity, count: findings.filter((finding) => finding.severity === severity).length }))
    .filter(({ count }) => count > 0)
    .reverse()
    .map(({ severity, count }) => `${count} ${severity}`)
    .join(', ');
}

function wordsForFinding({ ruleId, place, fate }: Finding): string {
  const withoutInstruction = 'byInstruction' in fate ? { ...fate, byInstruction: undefined } : fate;
  return `${ruleId} in ${wordsForPlace(place)} (${wordsForFate(withoutInstruction)})`;
}

function first(words: readonly string[]): string {
  const rest = words.length - shownAtMost;
  return [...words.slice(0, shownAtMost), ...(rest > 0 ? [`and ${rest} more`] : [])].join(', ');
}
