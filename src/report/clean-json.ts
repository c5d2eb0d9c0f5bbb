// The report of a cleaning for programs, as docs/report-clean-json.md describes it: the names of the model.
import { cleanReportFormat, cleanReportSchemaVersion, type CleanReport } from '../model/clean-report.ts';

export function* cleanJsonReport(report: CleanReport): Iterable<string> {
  yield `${JSON.stringify({ format: cleanReportFormat, schemaVersion: cleanReportSchemaVersion, ...report }, undefined, 2)}\n`;
}
