// `unbake scan`: the flags to a scan, its report to the outputs, its verdict to the exit code.
import { exitCodeFor } from '../judge/exit-code.ts';
import { judge } from '../judge/judge.ts';
import type { Report } from '../model/report.ts';
import { reporterFor } from '../report/format.ts';
import { scan } from '../scan/scan.ts';
import { colorLevel } from './color.ts';
import { failWith } from './fail.ts';
import type { ImageFlags } from './image-flags.ts';
import { maskedError } from './masked-error.ts';
import { interruptible } from './interrupt.ts';
import { type Output, resolveOutputs, writeOutput } from './outputs.ts';
import { progressOn } from './progress.ts';
import { settingsOf } from './settings.ts';

/** What the command line gives, as `scan-options.ts` declares it. */
export interface ScanFlags extends ImageFlags {
  readonly output: readonly Output[];
  readonly base?: string;
  readonly failOnIncomplete?: true;
  readonly showSecrets?: true;
  readonly showSuppressed?: true;
  readonly color: 'auto' | 'always' | 'never';
}

/** Returns the exit code. Everything that may be wrong with the flags is looked at before the image is. */
export async function runScan(reference: string, flags: ScanFlags, version: string): Promise<number> {
  const outputs = resolveOutputs(flags.output);
  const settings = await settingsOf(flags);
  const { ruleset, policy, notices, failOnIncomplete } = settings;
  const progress = progressOn(process.stderr, flags.quiet === true);
  const { report: scanned, problem } = await interruptible((signal) =>
    scan(reference, {
      ...settings.scanning,
      version,
      signal,
      ...(flags.base === undefined ? {} : { base: flags.base }),
      ...(progress === undefined ? {} : { onLayer: progress.show }),
    }),
  )
    .catch(async (thrown: unknown) => {
      throw await maskedError(thrown, ruleset);
    })
    .finally(() => progress?.clear());

  const report = judge({ ...scanned, notices: [...notices, ...scanned.notices] }, policy);
  const error = problem === undefined ? undefined : await maskedError(problem, ruleset);
  // Without an image there is nothing to report, unless something was found or lost on the way.
  if (error !== undefined && report.findings.length === 0 && report.skipped.length === 0) throw error;
  await writeReports(report, outputs, flags);
  if (error !== undefined) {
    const code = failWith(error);
    return report.verdict.counted > 0 ? exitCodeFor(report, true) : code;
  }
  return exitCodeFor(report, failOnIncomplete);
}

async function writeReports(report: Report, outputs: ReturnType<typeof resolveOutputs>, flags: ScanFlags): Promise<void> {
  for (const { format, file } of outputs) {
    const reporter = await reporterFor(format);
    const pieces = reporter(report, {
      showSecrets: flags.showSecrets === true,
      showSuppressed: flags.showSuppressed === true,
      colorLevel: file === undefined ? colorLevel(flags.color, process.stdout, process.env) : 0,
    });
    await writeOutput(pieces, file, flags.showSecrets === true);
  }
}
