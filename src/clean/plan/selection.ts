// Which findings are to be cleaned: all that the judge counts, or what `--only`, `--finding` and `--path` say; or those of a plan.
import picomatch from 'picomatch';
import { pathText } from '../../model/entry.ts';
import { UnbakeError } from '../../model/error.ts';
import type { Finding } from '../../model/finding.ts';
import type { Plan } from '../../model/plan.ts';
import { printable } from '../../model/printable.ts';
import type { Report } from '../../model/report.ts';
import { isAtLeast, isSeverity } from '../../model/severity.ts';
import type { Visibility } from './visibility.ts';
import type { LayerScan } from '../../scan/layer-scan.ts';
import { globMatcher, type Mode, withoutSlash } from './treatment.ts';

export interface SelectionRequest {
  /** A severity (that and what is worse), `none`, or globs of rule ids. */
  readonly only?: readonly string[];
  /** Fingerprints: these findings alone, suppressed ones too. */
  readonly findings?: readonly string[];
  /** Globs of paths to take out, with all findings in them. */
  readonly paths?: readonly string[];
}

export interface PathGlob {
  readonly typed: string;
  matches(path: string): boolean;
}

/** The findings to clean, in the order of the report. Throws UnbakeError `usage` for a fingerprint or rule that there is not. */
export function selectFindings(
  scanned: readonly Finding[],
  judged: Report,
  request: SelectionRequest,
  paths: readonly PathGlob[],
): readonly Finding[] {
  const isMeant = meant(scanned, judged, request);
  const isInPath = (finding: Finding) =>
    'path' in finding.place && paths.some(({ matches }) => matches(withoutSlash((finding.place as { path: string }).path)));
  return scanned.filter((finding) => isMeant(finding) || isInPath(finding));
}

function meant(
  scanned: readonly Finding[],
  { findings, verdict }: Report,
  { only, findings: wanted }: SelectionRequest,
): (finding: Finding) => boolean {
  if (wanted !== undefined && wanted.length > 0) {
    const unknown = wanted.find((fingerprint) => !scanned.some((finding) => finding.fingerprint === fingerprint));
    if (unknown !== undefined) {
      throw new UnbakeError('usage', `there is no finding ${printable(unknown)} in this image`, {
        hint: 'fingerprints stand in the report of unbake scan; they depend on UNBAKE_FINGERPRINT_KEY',
      });
    }
    return ({ fingerprint }) => wanted.includes(fingerprint);
  }
  // What is suppressed has become another object.
  const open = new Set(findings.filter(({ suppression }) => suppression === undefined));
  if (only === undefined || only.length === 0) return (finding) => open.has(finding) && isAtLeast(finding.severity, verdict.failOn);
  if (only.length === 1 && only[0] === 'none') return () => false;
  const severity = only.find(isSeverity);
  const rules = only.filter((item) => !isSeverity(item) && item !== 'none').map((glob) => picomatch(glob));
  return (finding) =>
    open.has(finding) && ((severity !== undefined && isAtLeast(finding.severity, severity)) || rules.some((matches) => matches(finding.ruleId)));
}

/** A path that leads through symbolic links means the place that it leads to, for that is what stands in the layers. */
export function pathGlobs(typed: readonly string[], visibility: Visibility): readonly PathGlob[] {
  return typed.map((glob) => {
    const bare = withoutSlash(glob);
    if (bare === '')
      throw new UnbakeError('usage', `--path ${printable(glob)} means the whole file system`, { hint: 'name a file, a folder or a glob in it' });
    const places = [bare, ...visibility.realPaths(Buffer.from(bare).toString('latin1')).map(pathText)];
    const matchers = [...new Set(places)].map(globMatcher);
    return { typed: glob, matches: (path) => matchers.some((matches) => matches(path)) };
  });
}

/** Throws UnbakeError `usage` for a path that matches no entry of any layer. */
export function assertPathsMeanSomething(layers: Iterable<LayerScan>, paths: readonly PathGlob[]): void {
  const names = [...layers].flatMap(({ entries }) => entries.map(({ path }) => pathText(path)));
  const unused = paths.find(({ matches }) => !names.some((name) => matches(name)));
  if (unused === undefined) return;
  throw new UnbakeError('usage', `--path ${printable(unused.typed)} matches no file in any layer`, {
    hint: 'write it as in the image: /root/.aws, or a glob: etc/**/*.key',
  });
}

/** The treatments that a plan gives to its paths. */
export function modesOf(plan: Plan): readonly Mode[] {
  return plan.steps.flatMap((step): Mode[] => {
    if (step.kind !== 'file') return [];
    const path = withoutSlash(step.path);
    return [{ typed: `${path}=${step.treatment}`, treatment: step.treatment, matches: (other) => other === path }];
  });
}

/** What a plan that was made before asks for. */
export function requestOf(plan: Plan): SelectionRequest {
  const findings = [...new Set(plan.steps.flatMap((step) => step.findings))];
  const paths = plan.steps.flatMap((step) => (step.kind === 'file' && step.findings.length === 0 ? [step.path] : []));
  return { ...(findings.length > 0 ? { findings } : { only: ['none'] }), paths: [...new Set(paths)] };
}
