// Every name and text that comes from an image passes through here on its way into a report. The scan has masked and escaped
// them already; a report does not rely on it.
import { HiddenTexts, type TextTrait } from '../model/hidden-texts.ts';
import { printable } from '../model/printable.ts';
import type { Report } from '../model/report.ts';
import type { Secret } from '../model/secret.ts';
import type { ReportOptions } from './reporter.ts';

/** Makes one line of printable text without secrets. Idempotent. */
export type Neutralise = (text: string) => string;

/** Shorter values stand in too many innocent words: masking `root` everywhere would destroy the paths. */
const shortestMasked = 8;
const mask = '********';

/** Masks every value that the report's findings hold, in whatever text it stands, unless secrets are to be shown. */
export function neutraliserOf(report: Report, options: ReportOptions): Neutralise {
  if (options.showSecrets === true) return printable;
  const hidden = new HiddenTexts(report.findings.flatMap(({ secret }) => textsOf(secret)).map((text) => ({ text, mask })));
  const masked = (text: string) => hidden.mask(text);
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

/** The value and its printed form, where they are long enough. */
function textsOf(secret: Secret): (string | TextTrait)[] {
  const kept = secret.traits?.texts;
  if (secret.traits !== undefined) return kept === undefined ? [] : [kept.whole, kept.printed].filter(isLong);
  return [secret.reveal(), printable(secret.reveal())].filter(isLong);
}

function isLong({ length }: { readonly length: number }): boolean {
  return length >= shortestMasked;
}
