// Regular expressions of rule files. Flags are fixed, so that a pattern means the same wherever it is read; `(?i)` in front makes it
// ignore case.
import { messageOf } from '../model/error.ts';
import { type FieldPlace, type Mapping, readString, readStrings, wrongField } from './fields.ts';
import { expandShorthands } from './shorthand.ts';

const ruleFlags = 'gmu';

/** The pattern of a rule: flags `gmu`. Throws UnbakeError `usage`. To prove that it does not match the empty text takes the most time. */
export function readPattern(mapping: Mapping, place: FieldPlace): RegExp {
  return compiled(readString(mapping, 'pattern', place), ruleFlags, 'pattern', place);
}

/** The same of a source that was read before. */
export function toRulePattern(source: string): RegExp {
  return toRegExp(source, ruleFlags);
}

/** A list of patterns that are asked whether they match, no more: without state, flags `mu`. A missing list is empty. */
export function readPatterns(mapping: Mapping, field: string, place: FieldPlace): readonly RegExp[] {
  return readStrings(mapping, field, place).map((source) => compiled(source, 'mu', field, place));
}

/** Globs, and regular expressions between slashes. A missing list is empty. */
export function readPaths(mapping: Mapping, field: string, place: FieldPlace): readonly string[] {
  const paths = readStrings(mapping, field, place);
  for (const path of paths) {
    const source = regexOfPath(path);
    if (source !== undefined) compiled(source, 'u', field, place);
  }
  return paths;
}

/** What stands between the slashes of `/.../`; undefined for a glob, which never begins with one: paths have no leading slash. */
export function regexOfPath(path: string): string | undefined {
  return path.length > 2 && path.startsWith('/') && path.endsWith('/') ? path.slice(1, -1) : undefined;
}

/** Throws what RegExp throws. */
export function toRegExp(source: string, flags: string): RegExp {
  const ignoresCase = source.startsWith('(?i)');
  return new RegExp(expandShorthands(ignoresCase ? source.slice(4) : source), ignoresCase ? `${flags}i` : flags);
}

/** Throws what RegExp throws, and for a pattern that the empty text matches. */
export function compilePattern(source: string, flags: string): RegExp {
  const pattern = toRegExp(source, flags);
  if (pattern.exec('') !== null) throw new Error('it matches the empty text');
  return pattern;
}

function compiled(source: string, flags: string, field: string, place: FieldPlace): RegExp {
  try {
    return compilePattern(source, flags);
  } catch (cause) {
    throw wrongField(place, field, `is not a usable regular expression: ${messageOf(cause)}`);
  }
}
