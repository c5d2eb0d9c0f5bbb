// The report of a cleaning for people: what was changed and why, how it was proved, what became of the digests, and what is left to do.
import { Chalk, type ChalkInstance } from 'chalk';
import type { CleanedImageInfo, CleanReport, Proof } from '../model/clean-report.ts';
import { shortDigest } from '../model/digest.ts';
import { placeOfStep, type PlanStep } from '../model/plan.ts';
import { printable } from '../model/printable.ts';
import { comparisonLines } from './comparison-text.ts';
import { wrap } from './columns.ts';
import { printableLines } from './neutral.ts';
import type { ReportOptions } from './reporter.ts';
import { wordsForSkipped } from './wording.ts';
import { counted } from '../model/counted.ts';

const width = 100;
const stepsShown = 200;

export function* cleanTextReport(report: CleanReport, { colorLevel = 0 }: Pick<ReportOptions, 'colorLevel'>): Iterable<string> {
  const chalk = new Chalk({ level: colorLevel });
  for (const line of lines(report, chalk)) yield `${line}\n`;
}

function* lines(report: CleanReport, chalk: ChalkInstance): Iterable<string> {
  const { plan, proof } = report;
  const values = new Set(plan.steps.flatMap((step) => step.values)).size;
  const title = chalk.bold(printable(report.output === undefined ? report.reference : `${report.reference} -> ${report.output}`));
  if (plan.steps.length === 0) yield `${title}: nothing to clean`;
  else
    yield `${title}: ${counted(plan.steps.length, 'change')} for ${counted(values, 'secret')}${proof === undefined ? ' (plan only, nothing was written)' : ''}`;
  yield* stepLines(plan.steps, chalk);
  for (const step of report.undone) yield* bullet(`${chalk.yellow('LEFT ALONE:')} `, `${placeOf(step)} (${step.values.join(' ')}): ${step.reason}`);
  for (const remark of plan.remarks) yield* bullet('Note: ', remark);
  for (const { place, detail } of report.notices) yield* bullet('Note: ', `${place}: ${detail}`);
  for (const skipped of report.skipped) yield* bullet(`${chalk.yellow('NOT READ:')} `, wordsForSkipped(skipped));

  for (const image of proof === undefined ? [] : report.images) yield* imageLines(image, report.images.length > 1, chalk);
  if (proof !== undefined) yield* proofLines(proof, chalk);
  if (report.comparison !== undefined) yield* comparisonLines(report.comparison, chalk);
  if (report.vault !== undefined) {
    const { folder, files, variables, isEncrypted } = report.vault;
    yield '';
    yield `Vault: ${printable(folder)} holds ${counted(files, 'file')} and ${counted(variables, 'variable')}${isEncrypted ? ', encrypted' : ''}; its README.md says how to give them back at run time.`;
  }
  if (report.statement !== undefined) yield `Statement: ${printable(report.statement)}`;
  yield* causeLines(report, chalk);
  yield* todoLines(report, chalk);
}

function* stepLines(steps: readonly PlanStep[], chalk: ChalkInstance): Iterable<string> {
  const byLayer = Map.groupBy(steps, (step) => ('layer' in step && step.layer !== undefined ? step.layer : undefined));
  let shown = 0;
  for (const [layer, own] of byLayer) {
    yield '';
    yield chalk.bold(layer === undefined ? 'around the layers' : `layer ${shortDigest(layer)}`);
    for (const step of own) {
      if (++shown > stepsShown) continue;
      const facts = [step.values.join(' '), step.encodings.filter((encoding) => encoding !== 'raw').join(', '), step.reason].filter(
        (fact) => fact !== '',
      );
      yield `  ${chalk.cyan(step.treatment.padEnd(7))} ${printable(placeOf(step))}  ${chalk.dim(printable(facts.join('; ')))}`;
    }
  }
  if (shown > stepsShown) yield `  and ${counted(shown - stepsShown, 'change')} more: the plan has them all`;
  if (steps.length > 0) yield '';
}

function placeOf(step: PlanStep): string {
  if (step.kind !== 'file') return placeOfStep(step);
  const names = step.names.length === 0 ? '' : ` (also ${step.names.join(', ')})`;
  const inside = step.inside.length === 0 ? '' : ` (inside: ${step.inside.slice(0, 3).join(', ')}${step.inside.length > 3 ? ', ...' : ''})`;
  return `${placeOfStep(step)}${names}${inside}`;
}

function* imageLines({ name, platform, before, after, layers }: CleanedImageInfo, isOneOfSeveral: boolean, chalk: ChalkInstance): Iterable<string> {
  if (isOneOfSeveral) yield `${chalk.bold(printable(name))}${platform === undefined ? '' : ` (${printable(platform)})`}`;
  const touched = layers.filter(({ isTouched }) => isTouched);
  const change = (what: string, old: string | undefined, now: string | undefined) =>
    old === now ? `${what.padEnd(9)} ${now ?? 'none'} (as before)` : `${what.padEnd(9)} ${old ?? 'none before'} -> ${now ?? 'none'}`;
  yield change('manifest', before.manifestDigest, after.manifestDigest);
  yield change('config', before.configDigest, after.configDigest);
  for (const layer of touched) yield change(`layer ${layer.index}`, layer.before.digest, layer.after.digest);
  yield `${counted(layers.length - touched.length, 'layer')} of ${layers.length} as before, with their digests`;
}

function* proofLines({ checks }: Proof, chalk: ChalkInstance): Iterable<string> {
  yield '';
  for (const { isPassed, detail } of checks) yield* bullet(`${isPassed ? chalk.green('proved:') : chalk.red('NOT proved:')} `, detail);
}

function* causeLines({ cause }: CleanReport, chalk: ChalkInstance): Iterable<string> {
  const { advice, patch, dockerignore, buildFlags, remarks } = cause;
  if (advice.length + dockerignore.length + buildFlags.length + remarks.length === 0 && !patch) return;
  yield '';
  yield chalk.bold('So that the next build leaves them out:');
  for (const item of advice) yield* bullet('  - ', item);
  if (patch) yield* printableLines(patch).split('\n');
  if (dockerignore.length > 0) yield* ['  add to .dockerignore:', ...dockerignore.map((line) => `    ${printable(line)}`)];
  if (buildFlags.length > 0) yield `  build with: docker build ${buildFlags.map(printable).join(' ')} .`;
  for (const item of remarks) yield* bullet('  - ', item);
}

/** What no tool can take back: whoever had the image has the secrets. */
function* todoLines({ rotate, revoke, invalidated }: CleanReport, chalk: ChalkInstance): Iterable<string> {
  if (rotate.length > 0) {
    yield '';
    yield chalk.bold('Cleaning does not take back what others may have: rotate these secrets.');
    for (const { name, secrets, advice, references } of rotate) {
      yield `  ${printable(name)} (${secrets})`;
      for (const line of wrap(printableLines(advice), width - 4)) yield `    ${line}`;
      const others = references.filter((reference) => !advice.includes(reference));
      if (others.length > 0) yield `    ${others.map(printable).join(' ')}`;
    }
  }
  if (revoke.length > 0) {
    yield '';
    yield chalk.bold('Delete these digests wherever the image was pushed: a registry gives them to whoever asks for them, under any tag or none.');
    for (const digest of revoke) yield `  ${digest}`;
  }
  if (invalidated.length > 0) {
    yield '';
    yield chalk.bold('No longer valid, and not carried over: sign and attest the cleaned image anew.');
    for (const { what, digest } of invalidated) yield `  ${printable(what)}, ${digest}`;
  }
}

function* bullet(label: string, text: string): Iterable<string> {
  const indent = ' '.repeat(label.replace(/\u001b\[[0-9;]*m/g, '').length);
  let lead = label;
  for (const line of wrap(printable(text), width - indent.length)) {
    yield `${lead}${line}`;
    lead = indent;
  }
}
