// What a rule would find and is known to be none: the field `allow` of a rule, or of a rule file.
import type { Candidate } from './check/check.ts';
import { type FieldPlace, isMapping, type Mapping, readBoolean, readStrings, refuseUnknown, wrongField } from './fields.ts';
import { pathMatcher } from './path-matcher.ts';
import { readPaths, readPatterns } from './pattern.ts';

/** Each test tells whether a candidate is known to be none. `matched` is the whole match of the rule's pattern. */
type AllowanceTest = (candidate: Candidate, matched: string) => boolean;

export interface Allowance {
  /** One or more. */
  readonly tests: readonly AllowanceTest[];
  /** True when all of them must say so, false when one is enough. */
  readonly needsAll: boolean;
}

export const allowanceFields = ['patterns', 'matches', 'lines', 'paths', 'words', 'all'] as const;

/** A mapping, a list of mappings, or nothing. Throws UnbakeError `usage`. */
export function readAllowances(mapping: Mapping, place: FieldPlace): readonly Allowance[] {
  const value = mapping['allow'] ?? [];
  return (Array.isArray(value) ? value : [value]).map((item: unknown) => {
    if (!isMapping(item)) throw wrongField(place, 'allow', 'must be a mapping, or a list of mappings');
    refuseUnknown(item, allowanceFields, place);
    return readAllowance(item, place);
  });
}

export function isAllowed(candidate: Candidate, matched: string, allowances: readonly Allowance[]): boolean {
  return allowances.some(({ tests, needsAll }) =>
    needsAll ? tests.every((test) => test(candidate, matched)) : tests.some((test) => test(candidate, matched)),
  );
}

function readAllowance(mapping: Mapping, place: FieldPlace): Allowance {
  const patterns = readPatterns(mapping, 'patterns', place);
  const matches = readPatterns(mapping, 'matches', place);
  const lines = readPatterns(mapping, 'lines', place);
  const paths = readPaths(mapping, 'paths', place);
  const words = readStrings(mapping, 'words', place).map((word) => word.toLowerCase());
  const isOfPath = pathMatcher(paths);
  const tests: readonly AllowanceTest[] = [
    ...(paths.length === 0 ? [] : [({ name }: Candidate) => isOfPath(name)]),
    ...(words.length === 0 ? [] : [({ secret }: Candidate) => words.some((word) => secret.toLowerCase().includes(word))]),
    ...(patterns.length === 0 ? [] : [({ secret }: Candidate) => patterns.some((pattern) => pattern.test(secret))]),
    ...(matches.length === 0 ? [] : [(_: Candidate, matched: string) => matches.some((pattern) => pattern.test(matched))]),
    ...(lines.length === 0 ? [] : [(candidate: Candidate) => lines.some((pattern) => pattern.test(linesOf(candidate)))]),
  ];
  if (tests.length === 0) throw wrongField(place, 'allow', `must hold a list: ${allowanceFields.slice(0, -1).join(', ')}`);
  return { tests, needsAll: readBoolean(mapping, 'all', place) };
}

/** The lines, whole as far as the window goes, in which the value stands. */
function linesOf({ text, start, end }: Candidate): string {
  const lineEnd = text.indexOf('\n', end);
  return text.slice(text.lastIndexOf('\n', start - 1) + 1, lineEnd === -1 ? text.length : lineEnd);
}
