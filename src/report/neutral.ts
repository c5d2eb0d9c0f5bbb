// Every name and text that comes from an image passes through here on its way into a report. The scan has masked and escaped
// them already; a report does not rely on it.
import { printable } from '../model/printable.ts';
import type { Report } from '../model/report.ts';
import type { ReportOptions } from './reporter.ts';

/** Makes one line of printable text without secrets. Idempotent. */
export type Neutralise = (text: string) => string;

/** Shorter values stand in too many innocent words: masking `root` everywhere would destroy the paths. */
const shortestMasked = 8;
const mask = '********';

/** Masks every value that the report's findings hold, in whatever text it stands, unless secrets are to be shown. */
export function neutraliserOf(report: Report, options: ReportOptions): Neutralise {
  if (options.showSecrets === true) return printable;
  const values = new Set<string>();
  for (const { secret } of report.findings) {
    const value = secret.reveal();
    values.add(value).add(printable(value));
  }
  const masked = maskerOf(values);
  // Twice: escaping may take a value apart, and may be what completes one.
  return (text) => masked(printable(masked(text)));
}

/** Text of several lines by the author of a rule: lines stay lines, the rest is made printable. */
export function printableLines(text: string): string {
  return text
    .trim()
    .split(/\r?\n/)
    .map((line) => printable(line.trimEnd()))
    .join('\n');
}

/** Linear in the text however many values there are: a look into the table of heads at each character. */
function maskerOf(values: Iterable<string>): Neutralise {
  const byHead = new Map<string, string[]>();
  const isHead = new Uint8Array(0x10000);
  for (const value of values) {
    if (value.length < shortestMasked) continue;
    const head = value.slice(0, shortestMasked);
    isHead[hashAt(value, 0)] = 1;
    const sameHead = byHead.get(head);
    if (sameHead === undefined) byHead.set(head, [value]);
    else sameHead.push(value);
  }
  for (const sameHead of byHead.values()) sameHead.sort((a, b) => b.length - a.length);
  if (byHead.size === 0) return (text) => text;

  return (text) => {
    let result = '';
    let copied = 0;
    for (let at = 0; at + shortestMasked <= text.length; at += 1) {
      if (isHead[hashAt(text, at)] === 0) continue;
      const found = byHead.get(text.slice(at, at + shortestMasked))?.find((value) => text.startsWith(value, at));
      if (found === undefined) continue;
      result += text.slice(copied, at) + mask;
      copied = at + found.length;
      at = copied - 1;
    }
    return copied === 0 ? text : result + text.slice(copied);
  };
}

function hashAt(text: string, at: number): number {
  let hash = 0;
  for (let index = at; index < at + 4; index += 1) hash = Math.imul(hash, 31) + text.charCodeAt(index);
  return hash & 0xffff;
}
