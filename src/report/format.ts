// The closed list of report formats. Only the chosen one is loaded.
import { UnbakeError } from '../model/error.ts';
import { printable } from '../model/printable.ts';
import type { Reporter } from './reporter.ts';

export const formats = ['text', 'json', 'sarif'] as const;
export type Format = (typeof formats)[number];

/** What the user typed after `--format`; anything but the names in `formats` is an error `usage`. */
export function parseFormat(text: string): Format {
  const format = formats.find((name) => name === text);
  if (format !== undefined) return format;
  throw new UnbakeError('usage', `No report format is called "${printable(text.slice(0, 100))}".`, {
    hint: `Choose one of: ${formats.join(', ')}.`,
  });
}

export async function reporterFor(format: Format): Promise<Reporter> {
  switch (format) {
    case 'text':
      return (await import('./text.ts')).textReport;
    case 'json':
      return (await import('./json.ts')).jsonReport;
    case 'sarif':
      return (await import('./sarif.ts')).sarifReport;
  }
}
