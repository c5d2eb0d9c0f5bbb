// What a container printed, made comparable: what differs from run to run anyway is replaced.

const volatile: readonly (readonly [RegExp, string])[] = [
  [/\x1b\[[0-9;]*[A-Za-z]/g, ''],
  // Dates and times in any common form.
  [/\b\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?/g, '<time>'],
  [/\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? .{0,30}?\b\d\d:\d\d:\d\d\b(?: (?:GMT|UTC))?(?: \d{4})?/g, '<time>'],
  [/\b\d{1,2}\/(?:\d\d|[A-Z][a-z]{2})\/\d{4}(?:[: ]\d\d:\d\d:\d\d(?: [+-]\d{4})?)?/g, '<time>'],
  [/\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b/g, '<time>'],
  [/\b\d{10}(?:\d{3}){0,3}(?:\.\d+)?\b/g, '<time>'],
  [/\b\d+(?:\.\d+)? ?(?:ns|us|µs|ms|s|sec|seconds|m|minutes)\b/g, '<duration>'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<id>'],
  [/\b(?:0x)?(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/gi, '<id>'],
  [/\b(pid|process|worker|thread)([ =:#[]+)\d+/gi, '$1$2<number>'],
  [/(?<![\w.:])(?:\[(?:::ffff:)?127\.0\.0\.1\]|(?:::ffff:)?127\.0\.0\.1|\[?::1\]?|localhost):\d{4,5}\b/g, '<address>'],
];

export function comparable(line: string): string {
  let text = line.trimEnd();
  for (const [pattern, replacement] of volatile) text = text.replace(pattern, replacement);
  return text;
}

/** Lines that only one of the two has, each as often as it has it more; order does not count, for processes print side by side. */
export function linesApart(
  before: readonly string[],
  after: readonly string[],
): { readonly gone: readonly string[]; readonly come: readonly string[] } {
  return { gone: more(before, after), come: more(after, before) };
}

function more(these: readonly string[], those: readonly string[]): readonly string[] {
  const left = new Map<string, number>();
  for (const line of those) left.set(line, (left.get(line) ?? 0) + 1);
  return these.filter((line) => {
    const count = left.get(line) ?? 0;
    if (count > 0) left.set(line, count - 1);
    return count === 0;
  });
}
