// Where one of our rules sees a secret in a text: pattern, then what is allowed, then checks and the list of public constants.
import { isPublicConstant } from './public-constants.ts';
import type { MatchPlace } from '../model/rule.ts';
import type { Confidence, Severity } from '../model/severity.ts';
import { isAllowed } from './allowance.ts';
import type { Candidate } from './check/check.ts';
import { checks } from './check/checks.ts';
import type { CheckCall, RuleDefinition } from './definition.ts';
import { secretSpan } from './secret-span.ts';

export interface Sighting {
  readonly start: number;
  readonly end: number;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly proved: readonly string[];
  /** As Verdict has it. */
  readonly publicKey?: string;
}

/** More findings than this of one rule in one window are no longer news; secretlint's own work on them is quadratic. */
export const mostSightings = 1000;

export interface SightingOptions {
  /** Where matches may be, in rising order; undefined for anywhere. */
  readonly places?: readonly MatchPlace[] | undefined;
  readonly atMost?: number;
}

/** Sorted by start. Stops after `atMost` + 1, so that a caller can tell that there are more. */
export function sightingsOf(
  rule: RuleDefinition,
  text: string,
  name: string,
  { places, atMost = mostSightings }: SightingOptions = {},
): readonly Sighting[] {
  const found: Sighting[] = [];
  const matches = places === undefined ? anywhere(rule, text) : at(places, rule, text);
  for (let match = matches(0); match !== null;) {
    const [start, end] = secretSpan(match, rule.pattern);
    const candidate: Candidate = { secret: text.slice(start, end), groups: match.groups ?? {}, text, index: match.index, start, end, name };
    const sighting = isAllowed(candidate, match[0], rule.allow) ? undefined : judge(candidate, rule.info, rule.checks);
    if (sighting !== undefined && found.push(sighting) > atMost) break;
    // Behind a dropped value the search goes on at the value itself: another pair may begin inside it.
    match = matches(Math.max(sighting === undefined ? start : end, match.index + 1));
  }
  return found;
}

type NextMatch = (from: number) => RegExpExecArray | null;

function anywhere({ pattern }: RuleDefinition, text: string): NextMatch {
  return (from) => {
    pattern.lastIndex = from;
    return pattern.exec(text);
  };
}

const sticky = new WeakMap<RegExp, RegExp>();

function at(places: readonly MatchPlace[], { pattern }: RuleDefinition, text: string): NextMatch {
  let known = sticky.get(pattern);
  if (known === undefined) sticky.set(pattern, (known = new RegExp(pattern.source, pattern.flags.replace('g', 'y'))));
  const here = known;
  let next = 0;
  return (from) => {
    for (; next < places.length; next++) {
      const place = places[next];
      const isBegin = typeof place === 'number';
      if (isBegin ? place < from : place.end <= from) continue;
      const expression = isBegin ? here : pattern;
      expression.lastIndex = isBegin ? place : Math.max(place.start, from);
      const match = expression.exec(isBegin ? text : text.slice(0, place.end));
      if (match !== null) return match;
    }
    return null;
  };
}

/** Runs the checks over a candidate; undefined when one of them, or the list of public constants, drops it. */
export function judge(
  candidate: Candidate,
  initial: { readonly severity: Severity; readonly confidence: Confidence },
  calls: readonly CheckCall[],
): Sighting | undefined {
  if (candidate.end <= candidate.start || isPublicConstant(candidate.secret)) return undefined;
  let { severity, confidence } = initial;
  const proved: string[] = [];
  let publicKey: string | undefined;
  for (const { name, argument } of calls) {
    const verdict = checks.get(name)!(candidate, argument);
    if (!verdict.keep) return undefined;
    severity = verdict.severity ?? severity;
    confidence = verdict.confidence ?? confidence;
    publicKey = verdict.publicKey ?? publicKey;
    if (verdict.proved !== undefined) proved.push(verdict.proved);
  }
  return { start: candidate.start, end: candidate.end, severity, confidence, proved, ...(publicKey === undefined ? {} : { publicKey }) };
}
