// Sightings with their places to findings: fingerprinted, grouped by value, masked wherever a value stands in a name or instruction,
// worst first.
import { fingerprintOf, valueFingerprint } from '../model/fingerprint.ts';
import { type Fate, type Finding, type Place, wholePath } from '../model/finding.ts';
import { printable } from '../model/printable.ts';
import type { Detection } from '../model/rule.ts';
import type { Secret } from '../model/secret.ts';
import { byConfidence, bySeverity } from '../model/severity.ts';
import { masker, valueSearch } from './mask.ts';
import type { Trace } from './trace.ts';

export type PlacedSighting = Pick<Finding, 'place' | 'decoded' | 'fate' | 'image' | 'layer' | 'createdBy' | 'inherited' | 'alsoAt'> & {
  readonly detection: Detection;
  readonly trace: Trace;
};

export interface Assembled {
  readonly findings: Finding[];
  readonly traces: ReadonlyMap<Finding, Trace>;
  /** Hides every value that was found; for other texts of the report. */
  readonly mask: (text: string) => string;
  /** Whether a text holds such a value of at least eight characters, as it is or as it would be printed. */
  readonly holdsValue: (text: string) => boolean;
}

export function assembleFindings(placed: readonly PlacedSighting[], fingerprintKey: string | undefined): Assembled {
  const secrets = distinct(placed.map(({ detection }) => detection.secret));
  // Names and instructions are metadata: what was found in metadata is hidden there however short it is.
  const inMetadata = distinct(placed.filter(({ place }) => place.kind !== 'file').map(({ detection }) => detection.secret));
  const mask = masker(inMetadata, secrets);
  const maskedPlace = (place: Place): Place => {
    switch (place.kind) {
      case 'file': {
        const { way, git } = place;
        return {
          ...place,
          path: mask(place.path),
          ...(way === undefined ? {} : { way: way.map(mask) }),
          ...(git === undefined ? {} : { git: { ...git, path: mask(git.path) } }),
        };
      }
      case 'header':
        return { ...place, path: mask(place.path) };
      case 'metadata':
        return { ...place, pointer: mask(place.pointer) };
      case 'stray':
        return place;
    }
  };
  const maskedFate = (fate: Fate): Fate =>
    'byInstruction' in fate && fate.byInstruction !== undefined ? { ...fate, byInstruction: mask(printable(fate.byInstruction)) } : fate;

  const ids = new Map<string, string>();
  const traces = new Map<Finding, Trace>();
  const findings = [...placed].sort(worstFirst).map(({ detection, place, fate, createdBy, alsoAt, trace, ...rest }): Finding => {
    const { identity } = detection.secret;
    if (!ids.has(identity)) ids.set(identity, `s${ids.size + 1}`);
    const { ruleId, severity, confidence, secret, alsoRules, proved } = detection;
    const finding = {
      fingerprint: fingerprintOf(ruleId, place, secret, fingerprintKey),
      secretId: ids.get(identity)!,
      ...(fingerprintKey === undefined ? {} : { secretFingerprint: valueFingerprint(secret, fingerprintKey) }),
      ruleId,
      severity,
      confidence,
      secret,
      alsoRules,
      proved,
      place: maskedPlace(place),
      fate: maskedFate(fate),
      ...rest,
      ...(createdBy === undefined ? {} : { createdBy: mask(printable(createdBy)) }),
      alsoAt: alsoAt.map((other) => ({ path: mask(other.path), fate: maskedFate(other.fate) })),
    };
    traces.set(finding, trace);
    return finding;
  });
  return { findings, traces, mask, holdsValue: valueSearch([], secrets) };
}

function distinct(secrets: readonly Secret[]): Secret[] {
  return [...new Map(secrets.map((secret) => [secret.identity, secret])).values()];
}

/** Then in the order of the image, so that a report does not depend on how it came about. */
function worstFirst(a: PlacedSighting, b: PlacedSighting): number {
  return (
    bySeverity(a.detection.severity, b.detection.severity) ||
    byConfidence(a.detection.confidence, b.detection.confidence) ||
    (a.image ?? -1) - (b.image ?? -1) ||
    (a.layer?.index ?? -1) - (b.layer?.index ?? -1) ||
    compare(textOf(a.place), textOf(b.place)) ||
    a.place.position.offset - b.place.position.offset ||
    compare(a.detection.ruleId, b.detection.ruleId)
  );
}

function textOf(place: Place): string {
  return 'path' in place ? wholePath(place) : 'pointer' in place ? place.pointer : place.what;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
