// The formats of the report of a comparison: for people, and for programs as docs/report-comparison-json.md describes it.
import type { Comparison } from '../model/comparison.ts';
import { jsonText } from './json-text.ts';
import type { ReportOptions } from './reporter.ts';

export type ComparisonReporter = (comparison: Comparison, options: Pick<ReportOptions, 'colorLevel'>) => Iterable<string>;

export async function comparisonReporterFor(format: 'text' | 'json'): Promise<ComparisonReporter> {
  return format === 'json' ? json : (await import('./comparison-text.ts')).comparisonText;
}

function* json(comparison: Comparison): Iterable<string> {
  yield `${jsonText({ format: 'unbake-comparison', schemaVersion: 1, ...comparison })}\n`;
}
