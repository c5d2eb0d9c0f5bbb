// The patterns that COPY takes (Go's filepath.Match, one name at a time): `*`, `?`, `[a-z]`, `[^a]`, `\*`.

type Part = '*' | ((character: string) => boolean);

const longestPattern = 1000;

/** True when the whole name fits; no name fits a pattern of more than 1,000 characters. Takes at most length of pattern times length of name. */
export function fitsPattern(pattern: string, name: string): boolean {
  if (pattern.length > longestPattern) return false;
  const parts = partsOf(pattern);
  let at = 0;
  let part = 0;
  let star: { readonly part: number; at: number } | undefined;
  while (at < name.length || part < parts.length) {
    const next = parts[part];
    if (next === '*') {
      star = { part, at };
      part++;
    } else if (next !== undefined && at < name.length && next(name[at])) {
      part++;
      at++;
    } else if (star !== undefined && star.at < name.length) {
      // The last star takes one character more.
      at = ++star.at;
      part = star.part + 1;
    } else return false;
  }
  return true;
}

function partsOf(pattern: string): Part[] {
  const parts: Part[] = [];
  for (const [, range, escaped, plain] of pattern.matchAll(/\[([^\]]{1,200})\]|\\([^])|([^])/g)) {
    if (range !== undefined) parts.push(rangeOf(range));
    else if (plain === '*') parts.push('*');
    else if (plain === '?') parts.push(() => true);
    else parts.push((character) => character === (escaped ?? plain));
  }
  return parts;
}

function rangeOf(written: string): (character: string) => boolean {
  const isNegated = written.startsWith('^');
  const ranges = Array.from(written.slice(isNegated ? 1 : 0).matchAll(/([^])-([^])|([^])/g), ([, from, to, one]) => [from ?? one, to ?? one]);
  return (character) => ranges.some(([from, to]) => character >= from && character <= to) !== isNegated;
}
