// Decides what counts: applies ignore file, baseline and thresholds to what a scan found, and gives the verdict. Nothing is
// dropped in silence: whatever is left out, and whatever was asked for in vain, is told in a notice.
import type { Finding, Suppression } from '../model/finding.ts';
import { isAtLeast, severities, type Severity } from '../model/severity.ts';
import type { Notice, Report } from '../model/report.ts';
import type { Baseline } from './baseline.ts';
import { ignoreMatcher } from './ignore-match.ts';
import type { IgnoreEntry, IgnoreFile } from './ignorefile.ts';

export interface Policy {
  /** The least severity that makes a scan fail. */
  readonly failOn: Severity;
  /** The least severity that is reported at all; all are, when it is left out. What is not reported does not count either. */
  readonly severity?: Severity;
  /** Each finding of the ignore file that matches is suppressed, whatever its severity. */
  readonly ignoreFile?: IgnoreFile;
  readonly baseline?: Baseline;
  /** Decides which entries of the ignore file have expired. */
  readonly now: Date;
}

/** Everything but `info` fails a scan: a secret of low severity is a secret. */
export const defaultFailOn: Severity = 'low';

/** Gives the report with suppressions, notices and verdict. An ignore entry goes before the baseline, for it has a reason. */
export function judge(scanned: Omit<Report, 'verdict'>, policy: Policy): Report {
  const { active, expired } = byExpiry(policy.ignoreFile?.entries ?? [], policy.now);
  const entriesFor = ignoreMatcher(active);
  const used = new Set<IgnoreEntry>();

  const suppressed = scanned.findings.map((finding): Finding => {
    const entries = entriesFor(finding);
    for (const entry of entries) used.add(entry);
    const suppression = finding.suppression ?? suppressionOf(finding, entries[0], policy.baseline);
    return suppression === undefined ? finding : { ...finding, suppression };
  });

  const least = policy.severity ?? 'info';
  const findings = suppressed.filter(({ severity }) => isAtLeast(severity, least));
  const failOn = isAtLeast(policy.failOn, least) ? policy.failOn : least;
  const fired = new Set(findings.map(({ ruleId }) => ruleId));
  return {
    ...scanned,
    findings,
    rules: scanned.rules.filter(({ id }) => fired.has(id)),
    notices: [
      ...scanned.notices,
      ...ignoreNotices(
        policy.ignoreFile,
        expired,
        active.filter((entry) => !used.has(entry)),
      ),
      ...leftOutNotice(suppressed, least),
    ],
    verdict: {
      failOn,
      counted: findings.filter(({ severity, suppression }) => suppression === undefined && isAtLeast(severity, failOn)).length,
      complete: scanned.skipped.length === 0,
    },
  };
}

function suppressionOf(finding: Finding, entry: IgnoreEntry | undefined, baseline: Baseline | undefined): Suppression | undefined {
  if (entry !== undefined) return { by: 'ignorefile', ...(entry.reason === undefined ? {} : { reason: entry.reason }) };
  return baseline?.fingerprints.has(finding.fingerprint) === true ? { by: 'baseline' } : undefined;
}

function byExpiry(entries: readonly IgnoreEntry[], now: Date): { active: readonly IgnoreEntry[]; expired: readonly IgnoreEntry[] } {
  const today = now.toISOString().slice(0, 10);
  const hasExpired = ({ expires }: IgnoreEntry) => expires !== undefined && expires <= today;
  return { active: entries.filter((entry) => !hasExpired(entry)), expired: entries.filter(hasExpired) };
}

function ignoreNotices(file: IgnoreFile | undefined, expired: readonly IgnoreEntry[], unused: readonly IgnoreEntry[]): Notice[] {
  if (file === undefined) return [];
  const place = (entry: IgnoreEntry) => `${file.name}, line ${entry.line}`;
  return [
    ...expired.map((entry) => ({ place: place(entry), detail: `expired on ${entry.expires} and suppresses nothing any more` })),
    ...unused.map((entry) => ({ place: place(entry), detail: 'matches no finding' })),
  ];
}

function leftOutNotice(findings: readonly Finding[], least: Severity): Notice[] {
  const left = severities
    .filter((severity) => !isAtLeast(severity, least))
    .map((severity) => ({ severity, count: findings.filter((finding) => finding.severity === severity).length }))
    .filter(({ count }) => count > 0);
  if (left.length === 0) return [];
  const words = left.reverse().map(({ severity, count }) => `${count} ${severity}`);
  return [{ place: '--severity', detail: `findings below ${least} are left out of this report: ${words.join(', ')}` }];
}
