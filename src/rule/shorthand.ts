// Four shorthands for what nearly every pattern needs. With the flag `u` they are no valid escapes, so they clash with nothing.

/** `\<`: a token begins here. A letter may stand before it when that letter ends an escape (`\n`, `%3D`, `\u003d`). */
const tokenStart = String.raw`(?:(?<![A-Za-z0-9_])|(?<=\\[nrtbf])|(?<=%[0-9A-Fa-f]{2})|(?<=\\u[0-9A-Fa-f]{4}))`;

/** `\>`: a token ends here. */
const tokenEnd = String.raw`(?![A-Za-z0-9_])`;

/** `\=`: from the end of a name to its value: `name = "`, `"name": "`, `name => '`, `<name>`, `setName("`, `--name `. */
const assignment = String.raw`(?:\\?["'\x60\])]){0,2}\s{0,6}(?:(?:=>|:{1,3}=|\?=|[=!]==?|=|:|,|->|>|\(|\?\?|\|\|=?)\s{0,6}|[ \t])(?:\w{1,16}\(\s?)?(?:\\?["'\x60]){0,3}`;

/** `\~`: from the name of a provider to a value in the same line: a few words, then as `\=`. */
const sameLine = String.raw`[^\n]{0,40}?${assignment}`;

/** Expands the shorthands outside of what is itself escaped (`\\<` is a backslash and an angle). */
export function expandShorthands(source: string): string {
  return source.replace(/\\([^])/g, (escape, character: string) => {
    if (character === '<') return tokenStart;
    if (character === '>') return tokenEnd;
    if (character === '=') return assignment;
    if (character === '~') return sameLine;
    return escape;
  });
}
