// A baseline is an earlier JSON report of ours: what was known then does not count now.
import { UnbakeError } from '../model/error.ts';
import { printable } from '../model/printable.ts';
import { reportFormat, reportSchemaVersion } from '../model/report.ts';

export interface Baseline {
  /** As the user named it; for messages. */
  readonly name: string;
  /** Fingerprints of all its findings, those included that were suppressed then. */
  readonly fingerprints: ReadonlySet<string>;
}

/** Throws `usage` for whatever is not a report of ours, of a schema version that is known, with sound fingerprints. */
export function parseBaseline(text: string, name: string): Baseline {
  const wrong = (sentence: string, cause?: unknown) =>
    new UnbakeError('usage', `The baseline ${printable(name)} ${sentence}`, {
      hint: 'A baseline is what an earlier scan wrote with --format json.',
      cause,
    });

  let report: unknown;
  try {
    report = JSON.parse(text);
  } catch (cause) {
    throw wrong('is not JSON.', cause);
  }
  if (!isObject(report) || report.format !== reportFormat) throw wrong(`is not a report of unbake: its field "format" is not "${reportFormat}".`);
  if (report.schemaVersion !== reportSchemaVersion) {
    throw wrong(`has schemaVersion ${quoted(report.schemaVersion)}; this version of unbake reads ${reportSchemaVersion}.`);
  }
  if (!Array.isArray(report.findings)) throw wrong('has no list "findings".');

  const fingerprints = new Set<string>();
  for (const [index, finding] of report.findings.entries()) {
    const fingerprint: unknown = isObject(finding) ? finding.fingerprint : undefined;
    if (typeof fingerprint !== 'string' || !/^[0-9a-f]{16}$/.test(fingerprint)) {
      throw wrong(`has in findings[${index}].fingerprint not 16 hexadecimal digits.`);
    }
    fingerprints.add(fingerprint);
  }
  return { name, fingerprints };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function quoted(value: unknown): string {
  return printable((JSON.stringify(value) ?? 'none').slice(0, 100));
}
