// One secret in the text report: what it is, each of its places with layer, fate and instruction, and once what to do.
import type { ChalkInstance } from 'chalk';
import type { Fate, Finding, Suppression } from '../model/finding.ts';
import { shortDigest } from '../model/digest.ts';
import { printable } from '../model/printable.ts';
import type { Report } from '../model/report.ts';
import type { Severity } from '../model/severity.ts';
import { shorten, wrap } from './columns.ts';
import type { SecretGroup, Site } from './groups.ts';
import { printableLines, type Neutralise } from './neutral.ts';
import type { ReportOptions } from './reporter.ts';
import { wordsForFate, wordsForPlace } from './wording.ts';

export interface TextContext {
  readonly report: Report;
  readonly options: ReportOptions;
  readonly chalk: ChalkInstance;
  readonly neutral: Neutralise;
}

const width = 100;
const longestInstruction = 160;
const imagesNamed = 8;

export function* linesForSecret(group: SecretGroup, context: TextContext): Iterable<string> {
  const { report, options, chalk, neutral } = context;
  const { worst } = group;
  const rule = report.rules.find(({ id }) => id === worst.ruleId);
  const heading = `${chalk.bold(printable(rule?.name ?? worst.ruleId))}  ${printable(worst.secret.mask)}`;
  yield `${colourOf(chalk, worst.severity)(worst.severity.toUpperCase())}  ${heading}`;

  // The ids of rules are ours and not masked: a password "password" must not hide the rule that found it.
  const facts = [`${worst.confidence} confidence`, ...worst.proved.map(neutral), `rule ${worst.ruleId}`];
  if (worst.alsoRules.length > 0) facts.push(`also found by ${worst.alsoRules.join(', ')}`);
  yield `  ${chalk.dim(printable(facts.join('; ')))}`;
  if (options.showSecrets === true) yield `  value: ${printable(worst.secret.reveal())}`;

  for (const site of group.sites) yield* linesForSite(site, worst, context);

  if (rule === undefined || rule.advice.trim() === '') return;
  let label = 'To do: ';
  for (const line of wrap(printableLines(rule.advice), width - 2 - label.length)) {
    yield `  ${label}${line}`;
    label = '       ';
  }
}

function* linesForSite({ finding, images }: Site, worst: Finding, context: TextContext): Iterable<string> {
  const { report, chalk, neutral } = context;
  const { decoded, layer, fate, inherited, createdBy, suppression } = finding;
  yield `  ${chalk.cyan(neutral(wordsForPlace(finding.place)))}`;

  const isOfTheGroup = finding.ruleId === worst.ruleId && finding.severity === worst.severity;
  if (!isOfTheGroup) yield `      ${finding.severity}; rule ${printable(finding.ruleId)}`;

  const facts: string[] = [];
  if (decoded !== undefined) facts.push(`encoded there: ${decoded.join(', ')}`);
  if (layer !== undefined) facts.push(`layer ${layer.index} (${shortDigest(layer.digest)})`);
  if (inherited !== undefined) facts.push(inherited ? 'inherited from the base image' : 'not from the base image');
  if (createdBy !== undefined) facts.push(`brought in by: ${briefly(createdBy, neutral)}`);
  facts.push(wordsForFate(briefFate(fate, neutral)));
  for (const other of finding.alsoAt) facts.push(`also at ${other.path}: ${wordsForFate(briefFate(other.fate, neutral))}`);
  if (images.length === 0 && report.images.length > 0) facts.push('around the images, in none of them');
  if (images.length > 0 && report.images.length > 1) facts.push(`in ${imageWords(images, report)}`);
  if (suppression !== undefined) facts.push(suppressionWords(suppression));
  facts.push(`fingerprint ${finding.fingerprint}`);
  for (const fact of facts) yield `      ${neutral(fact)}`;
}

function suppressionWords({ by, reason }: Suppression): string {
  const words = by === 'baseline' ? 'suppressed by the baseline' : 'suppressed by the ignore file';
  return reason === undefined ? words : `${words}: ${reason}`;
}

/** Neutralised before it is cut, for half of a secret would no longer be known as one. */
function briefly(instruction: string, neutral: Neutralise): string {
  return shorten(neutral(instruction), longestInstruction);
}

function briefFate(fate: Fate, neutral: Neutralise): Fate {
  if (!('byInstruction' in fate) || fate.byInstruction === undefined) return fate;
  return { ...fate, byInstruction: briefly(fate.byInstruction, neutral) };
}

/** `app:1.0 (linux/amd64, linux/arm64), app:2.0`. */
function imageWords(images: readonly number[], report: Report): string {
  const platforms = new Map<string, string[]>();
  for (const index of images.slice(0, imagesNamed)) {
    const image = report.images[index];
    if (image === undefined) continue;
    const known = platforms.get(image.name) ?? [];
    platforms.set(image.name, image.platform === undefined ? known : [...known, image.platform]);
  }
  const words = Array.from(platforms, ([name, known]) => (known.length === 0 ? name : `${name} (${known.join(', ')})`));
  if (images.length > imagesNamed) words.push(`and ${images.length - imagesNamed} more images`);
  return words.join(', ');
}

function colourOf(chalk: ChalkInstance, severity: Severity): (text: string) => string {
  switch (severity) {
    case 'critical':
      return chalk.bgRed.white.bold;
    case 'high':
      return chalk.red.bold;
    case 'medium':
      return chalk.yellow.bold;
    case 'low':
      return chalk.cyan.bold;
    case 'info':
      return chalk.bold;
  }
}
