// Which paths a rule looks at, or leaves out: globs, and regular expressions between slashes.
import picomatch from 'picomatch';
import { regexOfPath, toRegExp } from './pattern.ts';

const built = new Map<string, (name: string) => boolean>();

/**
 * True for every path when there is none in the list. Globs ignore case, and `dot` because what matters most in an image begins with one.
 * For equal lists, which many rules have, it is the same function.
 */
export function pathMatcher(paths: readonly string[]): (name: string) => boolean {
  const key = JSON.stringify(paths);
  let matcher = built.get(key);
  if (matcher === undefined) built.set(key, (matcher = matcherOf(paths)));
  return matcher;
}

function matcherOf(paths: readonly string[]): (name: string) => boolean {
  if (paths.length === 0) return () => true;
  const globs = paths.filter((path) => regexOfPath(path) === undefined);
  // Built at the first path: few of many rules are ever asked.
  let matchesGlob = (name: string): boolean => (matchesGlob = globs.length === 0 ? () => false : picomatch(globs, { dot: true, nocase: true }))(name);
  let patterns: readonly RegExp[] | undefined;
  // A document is asked for again and again, window by window.
  let last: { readonly name: string; readonly matches: boolean } | undefined;
  return (name) => {
    if (last?.name === name) return last.matches;
    patterns ??= paths.flatMap((path) => regexOfPath(path) ?? []).map((source) => toRegExp(source, 'u'));
    last = { name, matches: matchesGlob(name) || patterns.some((pattern) => pattern.test(name)) };
    return last.matches;
  };
}
