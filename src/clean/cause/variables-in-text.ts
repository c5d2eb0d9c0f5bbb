// Variables in the texts of a Dockerfile: which ones a command may read, which ones the build itself puts in, and what a path means
// once they are put in.

/** Stands in an expanded text for what cannot be known. No Dockerfile that is read holds this character. */
export const unknown = '\0';
/** Longer texts and values are not expanded: doubling a variable line by line would fill the memory. */
const longestText = 4096;
const longestValue = 256;

const reading =
  /\$(?:env:)?([A-Za-z_]\w*)|\$\{(?:env:)?[!#]?([A-Za-z_]\w*)|%([A-Za-z_]\w*)%|\benv\.([A-Za-z_]\w*)|\bprintenv\s+([A-Za-z_]\w*)|(\\?["'])([A-Za-z_]\w*)\6/g;

/** Names that a command may read: `$A`, `${A:-b}`, `%A%`, `$env:A`, `process.env.A`, `os.environ["A"]`. Rather one too many. */
export function namesRead(text: string): ReadonlySet<string> {
  return new Set(Array.from(text.matchAll(reading), (match) => match[1] ?? match[2] ?? match[3] ?? match[4] ?? match[5] ?? match[7]));
}

/** Names that the build puts in: not behind an escape character, not between single quotes. */
export function namesExpanded(text: string, escape: string): ReadonlySet<string> {
  const names = new Set<string>();
  const part = /[\\`"']|\$(?:\{([A-Za-z_]\w*)|([A-Za-z_]\w*))/g;
  let isInDouble = false;
  for (let match = part.exec(text); match !== null; match = part.exec(text)) {
    const [sign, braced, plain] = match;
    if (sign === escape) part.lastIndex++;
    else if (sign === '"') isInDouble = !isInDouble;
    else if (sign === "'" && !isInDouble) {
      const close = text.indexOf("'", part.lastIndex);
      if (close !== -1) part.lastIndex = close + 1;
    } else if (sign.startsWith('$')) names.add(braced ?? plain);
  }
  return names;
}

/** The variable that a value of ENV or ARG is, and nothing else: `$A`, `"${A}"`. */
export function aliasOf(value: string): string | undefined {
  const match = /^(?:"\$\{(\w+)\}"|"\$(\w+)"|\$\{(\w+)\}|\$(\w+))$/.exec(value);
  return match?.slice(1).find((name) => name !== undefined);
}

/** The text with its variables put in, `unknown` for each whose value is not known. */
export function expanded(text: string, valueOf: (name: string) => string | undefined): string {
  if (text.length > longestText) return unknown;
  return text.replace(/\$(?:\{([A-Za-z_]\w*)([^}]{0,200})\}|([A-Za-z_]\w*)|\{)/g, (_, braced?: string, operator?: string, plain?: string) => {
    const value = valueOf(braced ?? plain ?? '');
    const fallback = /^:?-(.*)$/s.exec(operator ?? '')?.[1];
    if (operator && fallback === undefined) return unknown;
    const result = value ?? fallback ?? unknown;
    return result.length > longestValue || result.includes('$') ? unknown : result;
  });
}
