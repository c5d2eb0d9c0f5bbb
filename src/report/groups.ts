// Findings grouped for a reader: by secret, worst first; within a secret, what several images share is one site.
import type { Finding } from '../model/finding.ts';
import { byConfidence, bySeverity } from '../model/severity.ts';

/** One place of a secret. Images that share the layer, and in which the place had the same fate, share the site. */
export interface Site {
  readonly finding: Finding;
  /** Indices into `Report.images`; empty for what stands around the images. */
  readonly images: readonly number[];
}

export interface SecretGroup {
  /** The worst finding: speaks for the group. */
  readonly worst: Finding;
  readonly sites: readonly Site[];
}

export function groupedBySecret(findings: Iterable<Finding>): readonly SecretGroup[] {
  const groups = new Map<string, Map<string, { finding: Finding; images: number[] }>>();
  for (const finding of findings) {
    let sites = groups.get(finding.secretId);
    if (sites === undefined) groups.set(finding.secretId, (sites = new Map()));
    const key = siteKey(finding);
    let site = sites.get(key);
    if (site === undefined) sites.set(key, (site = { finding, images: [] }));
    if (finding.image !== undefined && !site.images.includes(finding.image)) site.images.push(finding.image);
  }
  return Array.from(groups.values(), groupOf).sort((a, b) => worstFirst(a.worst, b.worst));
}

function groupOf(sitesByKey: ReadonlyMap<string, Site>): SecretGroup {
  const sites = [...sitesByKey.values()].sort((a, b) => worstFirst(a.finding, b.finding));
  return { worst: sites[0]!.finding, sites };
}

/** Everything that is told of a site, so that only what reads the same is told once. */
function siteKey(finding: Finding): string {
  const { ruleId, severity, fingerprint, place, decoded, fate, layer, createdBy, inherited, alsoAt, suppression } = finding;
  const around = finding.image === undefined;
  return JSON.stringify([
    ruleId,
    severity,
    fingerprint,
    place,
    decoded,
    fate,
    layer?.index,
    layer?.diffId,
    createdBy,
    inherited,
    alsoAt,
    suppression,
    around,
  ]);
}

function worstFirst(a: Finding, b: Finding): number {
  return bySeverity(a.severity, b.severity) || byConfidence(a.confidence, b.confidence);
}
