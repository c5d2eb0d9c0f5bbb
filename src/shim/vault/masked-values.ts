// What of a vault must not get into logs: the values of its variables, and of its text files every line and every value in a line.
const shortest = 8;
/** Bytes of a text: larger ones are data, not settings. */
export const longestMaskedText = 4 * 2 ** 20;
const longestLine = 16 * 1024;
/** In one line, each to its end: they overlap. */
const mostValues = 32;

/** Whole texts that are long enough to be told from ordinary words; without line feeds at their ends. */
export function maskedText(value: string): readonly string[] {
  return [value, ...value.split(/\r?\n/)].map((part) => part.trim()).filter((part) => Buffer.byteLength(part) >= shortest);
}

/** Of the body of a file: its lines, and in each what stands behind `=` or `:`, without quotes. Nothing of what is no text. */
export function maskedBody(body: Buffer): readonly string[] {
  const text = textOf(body);
  if (text === undefined) return [];
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  return lines.flatMap((line) => [line, ...(line.length <= longestLine ? valuesIn(line) : [])]).filter((part) => Buffer.byteLength(part) >= shortest);
}

/** The whole right side, and each value where several stand in one line, as in JSON. The colon of a URL's scheme begins no value. */
function valuesIn(line: string): readonly string[] {
  const side = /^[^=:]{0,200}?[\w"'\])][ \t]{0,20}(?:=|:(?!\/\/))(.*)$/.exec(line)?.[1];
  const inside: string[] = [];
  for (const match of line.matchAll(/[=:](?=[ \t]{0,20}("[^"]*"|'[^']*'|[^\s,;"']+))/g)) {
    if (inside.push(match[1]) === mostValues) break;
  }
  return [...(side === undefined ? [] : [side]), ...inside.filter((value) => !value.startsWith('//'))].map(withoutQuotes);
}

function withoutQuotes(side: string): string {
  const value = side.trim().replace(/[,;]$/, '').trim();
  const [first] = value;
  return value.length > 1 && (first === '"' || first === "'") && value.endsWith(first) ? value.slice(1, -1) : value;
}

function textOf(body: Buffer): string | undefined {
  if (body.length > longestMaskedText || body.includes(0)) return undefined;
  const text = body.toString('utf8');
  return Buffer.from(text, 'utf8').equals(body) ? text : undefined;
}
