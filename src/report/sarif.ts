// The report as SARIF 2.1.0 for code scanning, described in docs/sarif.md. node-sarif-builder gives the objects their shape;
// its own writer is left aside: it makes one string of everything, refuses logs that name its marker, and adds guesses.
import { SarifRunBuilder } from 'node-sarif-builder';
import { bySeverity } from '../model/severity.ts';
import type { Finding } from '../model/finding.ts';
import { isReadError, type Report } from '../model/report.ts';
import { jsonElements, jsonText } from './json-text.ts';
import { neutraliserOf, type Neutralise } from './neutral.ts';
import type { ReportOptions } from './reporter.ts';
import { logicalLocations } from './sarif-logical.ts';
import { sarifMessage } from './sarif-message.ts';
import { sarifResult } from './sarif-result.ts';
import { sarifRule, unknownRule } from './sarif-rule.ts';
import { mostRuns, scopesOf, type Scope } from './sarif-scopes.ts';
import { wordsForSkipped } from './wording.ts';

type SarifRun = SarifRunBuilder['run'];
type Notification = NonNullable<NonNullable<SarifRun['invocations']>[number]['toolExecutionNotifications']>[number];

/** GitHub shows no more results of a run. */
const mostResults = 5000;

const informationUri = 'https://www.npmjs.com/package/unbake';

/** One piece a result; one run at a time is held as objects. */
export function* sarifReport(report: Report, options: ReportOptions): Iterable<string> {
  const neutral = neutraliserOf(report, options);
  yield '{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[';
  let separator = '\n';
  for (const scope of scopesOf(report, neutral)) {
    const { results, ...run } = runOf(scope, report, options, neutral).run;
    yield separator + jsonText(run).slice(0, -1) + ',\n"results":[';
    yield* jsonElements(results ?? [], (result) => result);
    yield ']}';
    separator = ',\n';
  }
  yield ']}\n';
}

function runOf(scope: Scope, report: Report, options: ReportOptions, neutral: Neutralise): SarifRunBuilder {
  const logical = logicalLocations(report, neutral);
  const occurrence = occurrenceCounter();
  const kept = worstFindings(scope.findings);
  const rules = rulesOf(kept, report);
  const ruleIndex = new Map(rules.map(({ id }, index) => [id, index]));
  const results = kept.map((finding) => sarifResult(finding, { report, options, neutral, logical, occurrence, ruleIndex }).result);
  return new SarifRunBuilder({
    tool: { driver: { name: 'unbake', version: report.version, semanticVersion: report.version, informationUri, rules } },
    automationDetails: { id: scope.id, description: { text: sarifMessage(scope.description) } },
    columnKind: 'utf16CodeUnits',
    originalUriBaseIds: { IMAGEROOT: { description: { text: 'The folder above the root of the image, which is named as its repository.' } } },
    logicalLocations: [...logical.all],
    invocations: [
      {
        executionSuccessful: !scope.skipped.some(isReadError),
        ...times(report),
        toolExecutionNotifications: notificationsOf(scope, report, neutral),
      },
    ],
    properties: propertiesOf(scope, report, neutral),
    results,
  });
}

function rulesOf(findings: readonly Finding[], report: Report): NonNullable<SarifRun['tool']['driver']['rules']> {
  const described = new Map(report.rules.map((rule) => [rule.id, rule]));
  const fired = new Map(findings.map((finding) => [finding.ruleId, finding.severity]));
  return Array.from(fired, ([id, severity]) => sarifRule(described.get(id) ?? unknownRule(id, severity)).rule);
}

/** At most as many as GitHub shows: those that count before suppressed ones, worst first. */
function worstFindings(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length <= mostResults) return findings;
  const isSuppressed = (finding: Finding) => (finding.suppression === undefined ? 0 : 1);
  return findings.toSorted((a, b) => isSuppressed(a) - isSuppressed(b) || bySeverity(a.severity, b.severity)).slice(0, mostResults);
}

function notificationsOf(scope: Scope, report: Report, neutral: Neutralise): Notification[] {
  const notifications = scope.skipped.map((skipped) => notification('warning', skipped.reason, `Not read: ${neutral(wordsForSkipped(skipped))}`));
  if (scope.findings.length > mostResults) {
    const left = scope.findings.length - mostResults;
    const sentence = `${left} of ${scope.findings.length} findings are left out, the least severe ones.`;
    const why = `Code scanning shows ${mostResults} a run; the JSON report has all.`;
    notifications.push(notification('warning', 'results-left-out', `${sentence} ${why}`));
  }
  const isLast = scope.images.length === 0;
  if (isLast && report.images.length >= mostRuns) {
    const sentence = `Of ${report.images.length} images, those after the ${mostRuns - 2}th share one run.`;
    const why = `Code scanning takes ${mostRuns} runs a file; scan the images in parts to keep them apart.`;
    notifications.push(notification('warning', 'runs-merged', `${sentence} ${why}`));
  }
  const notices = isLast ? report.notices : [];
  return [...notifications, ...notices.map(({ place, detail }) => notification('note', 'notice', neutral(`${place}: ${detail}`)))];
}

function notification(level: 'warning' | 'note', id: string, text: string): Notification {
  return { level, descriptor: { id: `unbake/${id}` }, message: { text: sarifMessage(text) } };
}

function propertiesOf({ images }: Scope, report: Report, neutral: Neutralise): NonNullable<SarifRun['properties']> {
  const described = images
    .flatMap((index) => report.images[index] ?? [])
    .map(({ name, tags, platform, manifestDigest, configDigest }) => ({
      name: neutral(name),
      tags: tags.map(neutral),
      platform: platform === undefined ? undefined : neutral(platform),
      manifestDigest,
      configDigest,
    }));
  return { reference: neutral(report.reference), images: described, complete: report.verdict.complete };
}

function times({ startedAt, finishedAt }: Report): { startTimeUtc: string; endTimeUtc: string } {
  return { startTimeUtc: new Date(startedAt).toISOString(), endTimeUtc: new Date(finishedAt).toISOString() };
}

/** Numbers the equal ones of a run from 1, as GitHub's own line hashes do. */
function occurrenceCounter(): (key: string) => number {
  const seen = new Map<string, number>();
  return (key) => {
    const number = (seen.get(key) ?? 0) + 1;
    seen.set(key, number);
    return number;
  };
}
