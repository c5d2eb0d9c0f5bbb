// The report for people: worst first, grouped by secret, then what was not read, what is odd, what was covered, and the verdict.
import { Chalk } from 'chalk';
import type { Finding } from '../model/finding.ts';
import type { Report } from '../model/report.ts';
import { severities } from '../model/severity.ts';
import { groupedBySecret, type SecretGroup } from './groups.ts';
import { neutraliserOf, type Neutralise } from './neutral.ts';
import type { ReportOptions } from './reporter.ts';
import { linesForSecret } from './text-secret.ts';
import { wordsForSkipped } from './wording.ts';
import { counted } from '../model/counted.ts';

/** Each piece is one line with its end. */
export function* textReport(report: Report, options: ReportOptions): Iterable<string> {
  for (const line of lines(report, options)) yield `${line}\n`;
}

function* lines(report: Report, options: ReportOptions): Iterable<string> {
  const chalk = new Chalk({ level: options.colorLevel ?? 0 });
  const neutral = neutraliserOf(report, options);
  const isListed = (finding: Finding) => finding.suppression === undefined || options.showSuppressed === true;
  const groups = groupedBySecret(report.findings.filter(isListed));

  yield `${chalk.bold(neutral(title(report)))}: ${summary(groups, report)}`;
  for (const group of groups) {
    yield '';
    yield* linesForSecret(group, { report, options, chalk, neutral });
  }
  if (groups.length > 0) yield '';

  yield* suppressedLine(report, options);
  yield* skippedLines(report, neutral, chalk.yellow);
  for (const { place, detail } of report.notices) yield neutral(`Note: ${place}: ${detail}`);
  yield coverageLine(report);
  yield verdictLine(report, chalk);
}

/** `app.tar (app:1.0, linux/amd64)`: of one image also what it is called; several are named where they matter. */
function title({ reference, images }: Report): string {
  const [image] = images;
  if (image === undefined || images.length > 1) return reference;
  const facts = [image.name, image.platform].filter((fact) => fact !== undefined && fact !== reference);
  return facts.length === 0 ? reference : `${reference} (${facts.join(', ')})`;
}

function summary(groups: readonly SecretGroup[], report: Report): string {
  if (groups.length === 0) {
    const isSuppressed = report.findings.length > 0;
    return `no ${isSuppressed ? 'new ' : ''}secrets found${report.skipped.length > 0 ? ' in what was read' : ''}`;
  }
  const places = groups.reduce((sum, group) => sum + group.sites.length, 0);
  const bySeverity = severities
    .map((severity) => ({ severity, count: groups.filter((group) => group.worst.severity === severity).length }))
    .filter(({ count }) => count > 0)
    .reverse()
    .map(({ severity, count }) => `${count} ${severity}`);
  return `${counted(groups.length, 'secret')} in ${counted(places, 'place')} (${bySeverity.join(', ')})`;
}

function* suppressedLine(report: Report, options: ReportOptions): Iterable<string> {
  const suppressions = report.findings.flatMap(({ suppression }) => suppression ?? []);
  if (suppressions.length === 0) return;
  const byBaseline = suppressions.filter(({ by }) => by === 'baseline').length;
  const byIgnoreFile = suppressions.length - byBaseline;
  const parts = [...(byBaseline > 0 ? [`${byBaseline} by the baseline`] : []), ...(byIgnoreFile > 0 ? [`${byIgnoreFile} by the ignore file`] : [])];
  const hint = options.showSuppressed === true ? '' : ', not listed';
  yield `Suppressed: ${counted(suppressions.length, 'finding')} (${parts.join(', ')})${hint}.`;
}

function* skippedLines(report: Report, neutral: Neutralise, colour: (text: string) => string): Iterable<string> {
  for (const skipped of report.skipped) {
    const image = skipped.image === undefined || report.images.length < 2 ? undefined : report.images[skipped.image];
    yield `${colour('NOT READ:')} ${neutral(wordsForSkipped(skipped) + (image === undefined ? '' : ` (in ${image.name})`))}`;
  }
}

function coverageLine({ coverage, skipped }: Report): string {
  const { images, layers, entries, bytes, documents, inside } = coverage;
  const read = `${counted(images, 'image')}, ${counted(layers, 'layer')}, ${counted(entries, 'entry', 'entries')} (${size(bytes)})`;
  const within = inside.documents === 0 ? '' : `, ${counted(inside.documents, 'document')} inside of files (${size(inside.bytes)})`;
  const unread = skipped.length === 0 ? '' : `; ${counted(skipped.length, 'thing')} not read`;
  return `Looked at ${read}${within} and ${counted(documents, 'value')} of metadata${unread}.`;
}

function verdictLine({ verdict }: Report, chalk: InstanceType<typeof Chalk>): string {
  const threshold = `at or above ${verdict.failOn}`;
  if (verdict.counted > 0) return `${chalk.red.bold('FAIL')}: ${counted(verdict.counted, 'finding')} ${threshold}.`;
  if (!verdict.complete) return `${chalk.yellow.bold('INCOMPLETE')}: no finding ${threshold} in what was read.`;
  return `${chalk.green.bold('PASS')}: no finding ${threshold}.`;
}

function size(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return power === 0 ? counted(bytes, 'byte') : `${(bytes / 1000 ** power).toFixed(1)} ${units[power]}`;
}
