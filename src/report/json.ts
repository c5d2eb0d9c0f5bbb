// The report for programs, as docs/report-json.md and docs/report.schema.json describe it: the names of the model, one finding
// a line. It is what `--baseline` reads.
import type { Fate, Finding, Place } from '../model/finding.ts';
import { printable } from '../model/printable.ts';
import { reportFormat, reportSchemaVersion, type ImageInfo, type Notice, type Report, type Skipped } from '../model/report.ts';
import type { RuleInfo } from '../model/rule.ts';
import { jsonElements, jsonText } from './json-text.ts';
import { neutraliserOf, printableLines, type Neutralise } from './neutral.ts';
import type { ReportOptions } from './reporter.ts';

/** A piece a finding, so that no string grows with their number. */
export function* jsonReport(report: Report, options: ReportOptions): Iterable<string> {
  const neutral = neutraliserOf(report, options);
  const head = {
    format: reportFormat,
    schemaVersion: reportSchemaVersion,
    version: report.version,
    startedAt: report.startedAt,
    finishedAt: report.finishedAt,
    reference: neutral(report.reference),
    verdict: report.verdict,
    coverage: report.coverage,
  };
  yield jsonText(head).slice(0, -1);
  yield* member('images', report.images, (image) => imageOf(image, neutral));
  yield* member('rules', report.rules, ruleOf);
  yield* member('findings', report.findings, (finding) => findingOf(finding, neutral, options));
  yield* member('skipped', report.skipped, (skipped) => skippedOf(skipped, neutral));
  yield* member('notices', report.notices, (notice) => noticeOf(notice, neutral));
  yield '}\n';
}

function* member<T>(name: string, values: readonly T[], toJson: (value: T) => unknown): Iterable<string> {
  yield `,\n"${name}":[`;
  yield* jsonElements(values, toJson);
  yield ']';
}

function findingOf(finding: Finding, neutral: Neutralise, { showSecrets }: ReportOptions): unknown {
  const { fingerprint, secretId, secretFingerprint, ruleId, severity, confidence, secret, suppression, image, layer, inherited } = finding;
  return {
    fingerprint,
    secretId,
    secretFingerprint,
    ruleId: printable(ruleId),
    severity,
    confidence,
    secret: showSecrets === true ? { mask: printable(secret.mask), value: secret.reveal() } : { mask: printable(secret.mask) },
    alsoRules: finding.alsoRules.map(printable),
    proved: finding.proved.map(neutral),
    decoded: finding.decoded,
    place: placeOf(finding.place, neutral),
    fate: fateOf(finding.fate, neutral),
    image,
    layer,
    createdBy: optionally(finding.createdBy, neutral),
    inherited,
    alsoAt: finding.alsoAt.map(({ path, fate }) => ({ path: neutral(path), fate: fateOf(fate, neutral) })),
    suppression: suppression && { by: suppression.by, reason: optionally(suppression.reason, neutral) },
  };
}

function placeOf(place: Place, neutral: Neutralise): unknown {
  switch (place.kind) {
    case 'file':
      return { ...place, path: neutral(place.path), way: place.way?.map(neutral), git: place.git && { ...place.git, path: neutral(place.git.path) } };
    case 'header':
      return { ...place, path: neutral(place.path) };
    case 'stray':
      return { ...place, what: neutral(place.what) };
    case 'metadata':
      return { ...place, pointer: neutral(place.pointer) };
  }
}

function fateOf(fate: Fate, neutral: Neutralise): unknown {
  switch (fate.kind) {
    case 'visible':
      return fate;
    case 'deleted':
    case 'overwritten':
    case 'hidden':
      return { ...fate, byInstruction: optionally(fate.byInstruction, neutral) };
    case 'unreachable':
      return { ...fate, why: neutral(fate.why) };
  }
}

function imageOf(image: ImageInfo, neutral: Neutralise): unknown {
  const layers = image.layers.map((layer) => ({
    ...layer,
    mediaType: printable(layer.mediaType),
    createdBy: optionally(layer.createdBy, neutral),
  }));
  return { ...image, name: neutral(image.name), tags: image.tags.map(neutral), platform: optionally(image.platform, neutral), layers };
}

function ruleOf({ id, name, severity, confidence, description, advice, references, origin }: RuleInfo): unknown {
  return {
    id: printable(id),
    name: printable(name),
    severity,
    confidence,
    description: printableLines(description),
    advice: printableLines(advice),
    references: references.map(printable),
    origin,
  };
}

function skippedOf({ reason, place, detail, limit, image }: Skipped, neutral: Neutralise): unknown {
  return { reason, place: neutral(place), detail: neutral(detail), limit, image };
}

function noticeOf({ place, detail }: Notice, neutral: Neutralise): unknown {
  return { place: neutral(place), detail: neutral(detail) };
}

function optionally(text: string | undefined, neutral: Neutralise): string | undefined {
  return text === undefined ? undefined : neutral(text);
}
