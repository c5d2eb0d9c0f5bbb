// `unbake clean`: the flags to a cleaning, its report to the output, its patch and plan to files.
import { clean, type Cleaned } from '../clean/clean.ts';
import type { CleaningToTry } from '../clean/try-out.ts';
import { parsePlan } from '../clean/plan/reconcile.ts';
import { parseMode } from '../clean/plan/treatment.ts';
import { exitCodeForComparison, exitCodes } from '../judge/exit-code.ts';
import { UnbakeError } from '../model/error.ts';
import { printable } from '../model/printable.ts';
import { cleanReporterFor } from '../report/clean-format.ts';
import { parseHttpProbe } from '../shim/compare/probe.ts';
import { homeAt } from '../shim/home.ts';
import { findRuntime } from '../shim/runtime.ts';
import { stageFile } from '../store/staged.ts';
import { colorLevel } from './color.ts';
import type { ImageFlags } from './image-flags.ts';
import type { EngineFlags } from './engine-flags.ts';
import { interruptible } from './interrupt.ts';
import { maskedError, maskedText } from './masked-error.ts';
import { writeOutput, writeStream } from './outputs.ts';
import { progressOn, type ProgressLine } from './progress.ts';
import { textOf } from './policy.ts';
import { type Settings, settingsOf } from './settings.ts';

/** What the command line gives, as `clean-options.ts` declares it. */
export interface CleanFlags extends ImageFlags, EngineFlags {
  readonly output?: string;
  readonly tag?: string;
  readonly plan?: string;
  readonly apply?: string;
  readonly only?: readonly string[];
  readonly finding?: readonly string[];
  readonly path?: readonly string[];
  readonly mode?: readonly string[];
  readonly try?: true;
  readonly tryHttp?: readonly string[];
  readonly tryTimeout?: number;
  readonly root?: string;
  readonly runtime?: string;
  readonly allowUnread?: true;
  readonly vault?: string;
  readonly encryptTo?: readonly string[];
  readonly attest?: string;
  readonly dockerfile?: string;
  readonly patch?: string;
  readonly format: 'text' | 'json';
  readonly report?: string;
  readonly color: 'auto' | 'always' | 'never';
}

/** Returns the exit code. Everything that may be wrong with the flags is looked at before the image is. */
export async function runClean(reference: string, flags: CleanFlags, version: string): Promise<number> {
  assertSense(reference, flags);
  const modes = (flags.mode ?? []).map(parseMode);
  const plan = flags.apply === undefined ? undefined : parsePlan(await textOf(flags.apply, '--apply'), flags.apply);
  const dockerfile = flags.dockerfile === undefined ? undefined : { name: flags.dockerfile, text: await textOf(flags.dockerfile, '--dockerfile') };
  const { policy, ruleset, scanning, notices } = await settingsOf(flags);
  const progress = progressOn(process.stderr, flags.quiet === true);
  const trying = flags.try === true ? await tryingWith(flags, reference, progress) : undefined;
  const done = await interruptible((signal) =>
    clean(reference, {
      ...scanning,
      policy,
      version,
      signal,
      modes,
      selection: {
        ...(flags.only && { only: flags.only }),
        ...(flags.finding && { findings: flags.finding }),
        ...(flags.path && { paths: flags.path }),
      },
      ...(flags.output === undefined ? {} : { output: flags.output }),
      ...(plan === undefined ? {} : { plan }),
      ...(flags.tag === undefined ? {} : { tag: flags.tag }),
      ...(flags.vault === undefined ? {} : { vault: { folder: flags.vault, recipients: flags.encryptTo ?? [] } }),
      ...(flags.attest === undefined ? {} : { statement: flags.attest }),
      ...(dockerfile === undefined ? {} : { dockerfile }),
      ...(flags.allowUnread === true ? { allowUnread: true } : {}),
      ...(trying === undefined ? {} : { tryOut: trying(scanning, signal) }),
      ...(progress === undefined ? {} : { onLayer: progress.show, onStage: progress.say }),
    }),
  )
    .catch(async (thrown: unknown) => {
      throw await maskedError(thrown, ruleset);
    })
    .finally(() => progress?.clear());
  const cleaned = { ...done, report: { ...done.report, notices: [...notices, ...done.report.notices] } };
  await writeFiles(cleaned, flags);
  await writeReport(cleaned, flags);
  const { comparison } = cleaned.report;
  return comparison === undefined ? exitCodes.clean : exitCodeForComparison(comparison.verdict);
}

/** What the machine lacks is told before the image is read. */
async function tryingWith({ root, runtime, tryHttp, tryTimeout }: CleanFlags, reference: string, progress: ProgressLine | undefined) {
  const { tryOut } = await import('./try-out.ts');
  const machine = { home: await homeAt(root), runtime: findRuntime(runtime) };
  const probes = (tryHttp ?? []).map((text) => parseHttpProbe(text, '--try-http'));
  return ({ ruleset, limits }: Settings['scanning'], signal: AbortSignal) =>
    (cleaning: CleaningToTry) =>
      tryOut(cleaning, {
        ...machine,
        reference,
        probes,
        limits,
        signal,
        mask: (text: string) => maskedText(text, ruleset),
        ...(tryTimeout === undefined ? {} : { timeout: tryTimeout }),
        ...(progress === undefined ? {} : { onStage: progress.say }),
      });
}

function assertSense(reference: string, flags: CleanFlags): void {
  const { output, plan, apply, vault, encryptTo, attest, tag, patch, dockerfile, report } = flags;
  const without =
    output === undefined
      ? Object.entries({ '--vault': vault, '--attest': attest, '--tag': tag, '--try': flags.try }).find(([, value]) => value !== undefined)
      : undefined;
  if (without !== undefined) throw new UnbakeError('usage', `${without[0]} needs -o: without it no image is written`);
  if (encryptTo !== undefined && vault === undefined) throw new UnbakeError('usage', '--encrypt-to needs --vault');
  if ((flags.tryHttp ?? flags.tryTimeout) !== undefined && flags.try === undefined) {
    throw new UnbakeError('usage', `${flags.tryHttp === undefined ? '--try-timeout' : '--try-http'} needs --try`);
  }
  if (patch !== undefined && dockerfile === undefined) throw new UnbakeError('usage', '--patch needs --dockerfile');
  const read = [reference, apply, dockerfile];
  const written = [output, plan, vault, attest, patch, report].filter((file) => file !== undefined);
  const twice = written.find((file, index) => written.indexOf(file) < index || (file !== output && file !== '-' && read.includes(file)));
  if (twice !== undefined)
    throw new UnbakeError('usage', `${twice === '-' ? 'standard output' : printable(twice)} is named twice: it cannot hold both`, {
      hint: 'give each flag a file of its own',
    });
  if (output === undefined && plan === undefined && report === undefined) {
    throw new UnbakeError('usage', 'neither -o nor --plan is given: there is nothing to do', {
      hint: 'write the cleaned image with -o IMAGE, or look first with --plan FILE',
    });
  }
}

async function writeFiles({ report, patch }: Cleaned, flags: CleanFlags): Promise<void> {
  if (flags.plan !== undefined) await writeWhole(flags.plan, `${JSON.stringify(report.plan, undefined, 2)}\n`, 0o644);
  if (flags.patch !== undefined) await writeWhole(flags.patch, patch, 0o600);
}

async function writeWhole(file: string, text: string, mode: number): Promise<void> {
  if (file === '-') return writeOutput([text], undefined, false);
  const staged = await stageFile(file, text, { mode });
  await staged.commit();
}

/** To standard error when something else goes to standard output: the image, the plan or the patch. */
async function writeReport({ report }: Cleaned, flags: CleanFlags): Promise<void> {
  const file = flags.report === '-' ? undefined : flags.report;
  const stream = [flags.output, flags.plan, flags.patch].includes('-') ? process.stderr : process.stdout;
  const reporter = await cleanReporterFor(flags.format);
  const pieces = reporter(report, { colorLevel: file === undefined ? colorLevel(flags.color, stream, process.env) : 0 });
  if (file === undefined) await writeStream(pieces, stream);
  else await writeOutput(pieces, file, false);
}
