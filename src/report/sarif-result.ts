// One finding as a SARIF result: where it is for a viewer, what identifies it over rebuilds, and the layer it travels in.
import { SarifResultBuilder } from 'node-sarif-builder';
import { printable } from '../model/printable.ts';
import type { Fate, Finding, Place, Position } from '../model/finding.ts';
import type { Report } from '../model/report.ts';
import { shorten } from './columns.ts';
import type { Neutralise } from './neutral.ts';
import type { ReportOptions } from './reporter.ts';
import { sarifMessage } from './sarif-message.ts';
import type { LogicalLocations } from './sarif-logical.ts';
import { sarifLevel, sarifRuleId } from './sarif-rule.ts';
import { repositoryOf, shortNameOf, uriOf } from './sarif-uri.ts';
import { wordsForFate, wordsForImage, wordsForPlace } from './wording.ts';

type SarifResult = SarifResultBuilder['result'];
type SarifLocation = NonNullable<SarifResult['locations']>[number];

export interface ResultContext {
  readonly report: Report;
  readonly options: ReportOptions;
  readonly neutral: Neutralise;
  readonly logical: LogicalLocations;
  /** Of a rule's SARIF id among the rules of the run. */
  readonly ruleIndex: ReadonlyMap<string, number>;
  /** How many results of this run had this key before: the number after the colon of `primaryLocationLineHash`. */
  readonly occurrence: (key: string) => number;
}

const longestInstruction = 200;

export function sarifResult(finding: Finding, context: ResultContext): SarifResultBuilder {
  const { neutral, occurrence, ruleIndex } = context;
  const location = locationOf(finding, context);
  const hash = `${finding.fingerprint}:${occurrence(`${finding.fingerprint} ${location.physicalLocation?.artifactLocation?.uri}`)}`;
  return new SarifResultBuilder({
    ruleId: sarifRuleId(finding.ruleId),
    ruleIndex: ruleIndex.get(sarifRuleId(finding.ruleId)),
    level: sarifLevel(finding.severity),
    message: { text: sarifMessage(messageOf(finding, context)) },
    locations: [location],
    partialFingerprints: {
      primaryLocationLineHash: hash,
      'unbakeFinding/v1': finding.fingerprint,
      ...(finding.secretFingerprint === undefined ? {} : { 'unbakeSecret/v1': finding.secretFingerprint }),
    },
    suppressions: finding.suppression && [
      {
        kind: 'external',
        status: 'accepted',
        justification: neutral(finding.suppression.reason ?? (finding.suppression.by === 'baseline' ? 'In the baseline.' : 'In the ignore file.')),
      },
    ],
    properties: propertiesOf(finding, context),
  });
}

/** The first sentence says it all: where space is short, it is the only one shown. */
function messageOf(finding: Finding, { report, neutral }: ResultContext): string {
  const rule = report.rules.find(({ id }) => id === finding.ruleId);
  const image = finding.image === undefined ? undefined : report.images[finding.image];
  const what = `${printable(rule?.name ?? finding.ruleId)} (${printable(finding.secret.mask)})`;
  const where = [
    neutral(wordsForPlace(finding.place)),
    ...(finding.layer === undefined ? [] : [`layer ${finding.layer.index}`]),
    ...(image === undefined ? [] : [neutral(wordsForImage(image))]),
  ];
  const sentences = [`${what} in ${where.join(', ')}: ${shorten(neutral(wordsForFate(finding.fate)), longestInstruction)}.`];
  if (finding.createdBy !== undefined) sentences.push(`Brought in by: ${shorten(neutral(finding.createdBy), longestInstruction)}.`);
  if (finding.decoded !== undefined) sentences.push(`Encoded as: ${finding.decoded.join(', ')}.`);
  if (finding.proved.length > 0) sentences.push(`Proved: ${finding.proved.map(neutral).join(', ')}.`);
  if (finding.alsoAt.length > 0) sentences.push(`Also at: ${finding.alsoAt.map(({ path }) => neutral(path)).join(', ')}.`);
  return printable(sentences.join(' '));
}

function locationOf(finding: Finding, { report, neutral, logical }: ResultContext): SarifLocation {
  const image = finding.image === undefined ? undefined : report.images[finding.image];
  const { place } = finding;
  const masked = placeWithoutSecrets(place, neutral);
  return {
    physicalLocation: {
      artifactLocation: { uri: uriOf(masked, shortNameOf(repositoryOf(neutral(image?.name ?? report.reference)))), uriBaseId: 'IMAGEROOT' },
      // Positions in names, metadata and stray bytes are none in the file that the URI names.
      region: place.kind === 'file' ? regionOf(place.position) : { startLine: 1, startColumn: 1, endLine: 1, endColumn: 2 },
    },
    logicalLocations: [logical.of(finding)],
  };
}

function placeWithoutSecrets(place: Place, neutral: Neutralise): Place {
  if (place.kind === 'file') return { ...place, path: neutral(place.path), ...(place.way === undefined ? {} : { way: place.way.map(neutral) }) };
  if (place.kind === 'header') return { ...place, path: neutral(place.path) };
  return place.kind === 'metadata' ? { ...place, pointer: neutral(place.pointer) } : place;
}

function regionOf({ line, column, endLine, endColumn }: Position): { startLine: number; startColumn: number; endLine: number; endColumn: number } {
  // A region must not be empty or run backwards (SARIF1007).
  const isForwards = endLine > line || (endLine === line && endColumn > column);
  return { startLine: line, startColumn: column, endLine: isForwards ? endLine : line, endColumn: isForwards ? endColumn : column + 1 };
}

function propertiesOf(finding: Finding, { neutral, options }: ResultContext): NonNullable<SarifResult['properties']> {
  const { secretId, severity, confidence, secret, layer, createdBy, inherited, fate, place } = finding;
  return {
    secretId,
    severity,
    confidence,
    mask: printable(secret.mask),
    ...(options.showSecrets === true ? { secret: secret.reveal() } : {}),
    place: neutral(wordsForPlace(place)),
    fate: fate.kind,
    ...('byLayer' in fate ? { fateByLayer: fate.byLayer } : {}),
    ...(layer === undefined ? {} : { layerIndex: layer.index, layerDigest: layer.digest, diffId: layer.diffId }),
    ...(createdBy === undefined ? {} : { createdBy: neutral(createdBy) }),
    ...(inherited === undefined ? {} : { inherited }),
    ...(finding.decoded === undefined ? {} : { decoded: finding.decoded }),
    ...(finding.alsoRules.length === 0 ? {} : { alsoRules: finding.alsoRules.map(sarifRuleId) }),
    ...(finding.alsoAt.length === 0 ? {} : { alsoAt: finding.alsoAt.map(({ path }) => neutral(path)) }),
    tags: weaknessesOf(finding.fate, place.kind === 'metadata' ? place.pointer : ''),
  };
}

/** Beside CWE-798, which the rule has: a secret in an environment variable, and a deletion that deleted nothing. */
function weaknessesOf(fate: Fate, pointer: string): string[] {
  const tags = ['external/cwe/cwe-798'];
  if (/^config\.Env\b/.test(pointer)) tags.push('external/cwe/cwe-526');
  if (fate.kind === 'deleted' || fate.kind === 'overwritten' || fate.kind === 'hidden') tags.push('external/cwe/cwe-212');
  return tags;
}
