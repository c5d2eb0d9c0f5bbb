// The formats of the report of a cleaning. Its texts were masked and escaped where they were made; what is printed is made printable once more.
import type { CleanReport } from '../model/clean-report.ts';
import type { ReportOptions } from './reporter.ts';

export type CleanReporter = (report: CleanReport, options: Pick<ReportOptions, 'colorLevel'>) => Iterable<string>;

export async function cleanReporterFor(format: 'text' | 'json'): Promise<CleanReporter> {
  return format === 'json' ? (await import('./clean-json.ts')).cleanJsonReport : (await import('./clean-text.ts')).cleanTextReport;
}
