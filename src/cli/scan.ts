// `unbake scan`: the flags to a scan, its report to the outputs, its verdict to the exit code.
import { readFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { parseBaseline } from '../judge/baseline.ts';
import { exitCodeFor } from '../judge/exit-code.ts';
import { type IgnoreFile, parseIgnoreFile } from '../judge/ignorefile.ts';
import { defaultFailOn, judge, type Policy } from '../judge/judge.ts';
import { isSystemError, messageOf, UnbakeError } from '../model/error.ts';
import { parseLimits } from '../model/limits.ts';
import { parsePlatform } from '../model/platform.ts';
import { printable } from '../model/printable.ts';
import type { Report } from '../model/report.ts';
import { isSeverity, type Severity } from '../model/severity.ts';
import { reporterFor } from '../report/format.ts';
import { loadRuleset } from '../rule/ruleset.ts';
import { scan } from '../scan/scan.ts';
import { colorLevel } from './color.ts';
import { failWith } from './fail.ts';
import { maskedError } from './masked-error.ts';
import { interruptible } from './interrupt.ts';
import { type Output, resolveOutputs, writeOutput } from './outputs.ts';
import { progressOn } from './progress.ts';

/** What the command line gives, as `scan-options.ts` declares it. */
export interface ScanFlags {
  readonly output: readonly Output[];
  readonly platform: string;
  readonly base?: string;
  readonly failOn?: string;
  readonly severity?: string;
  readonly failOnIncomplete?: true;
  readonly baseline?: string;
  readonly ignorefile?: string;
  readonly showSecrets?: true;
  readonly showSuppressed?: true;
  readonly rules?: readonly string[];
  readonly enable?: readonly string[];
  readonly disable?: readonly string[];
  readonly rc: boolean;
  readonly respectInlineIgnores?: true;
  readonly limit?: readonly string[];
  readonly color: 'auto' | 'always' | 'never';
  readonly quiet?: true;
}

const defaultIgnoreFile = '.unbakeignore';

/** Returns the exit code. Everything that may be wrong with the flags is looked at before the image is. */
export async function runScan(reference: string, flags: ScanFlags, version: string): Promise<number> {
  // Windows of text die young: a small nursery takes a third off the memory of a scan and nothing off its speed.
  setFlagsFromString('--max-semi-space-size=4');
  setFlagsFromString('--semi-space-growth-factor=1');
  const outputs = resolveOutputs(flags.output);
  const limits = parseLimits(flags.limit ?? []);
  const platform = parsePlatform(flags.platform);
  const policy = await policyOf(flags);
  const ruleset = await loadRuleset({
    ...(flags.rules === undefined ? {} : { rulesDirectories: flags.rules }),
    ...(flags.rc ? { rcDirectory: process.cwd() } : {}),
    ...(flags.respectInlineIgnores ? { respectInlineIgnores: true } : {}),
    ...(flags.enable === undefined ? {} : { enable: flags.enable }),
    ...(flags.disable === undefined ? {} : { disable: flags.disable }),
  });
  const fingerprintKey = process.env['UNBAKE_FINGERPRINT_KEY'];
  const progress = progressOn(process.stderr, flags.quiet === true);
  const { report: scanned, problem } = await interruptible((signal) =>
    scan(reference, {
      ruleset,
      limits,
      platform,
      version,
      signal,
      ...(flags.base === undefined ? {} : { base: flags.base }),
      ...(fingerprintKey ? { fingerprintKey } : {}),
      ...(progress === undefined ? {} : { onLayer: progress.show }),
    }),
  )
    .catch(async (thrown: unknown) => {
      throw await maskedError(thrown, ruleset);
    })
    .finally(() => progress?.clear());

  const report = judge(scanned, policy);
  const error = problem === undefined ? undefined : await maskedError(problem, ruleset);
  // Without an image there is nothing to report, unless something was found or lost on the way.
  if (error !== undefined && report.findings.length === 0 && report.skipped.length === 0) throw error;
  await writeReports(report, outputs, flags);
  if (error !== undefined) {
    const code = failWith(error);
    return report.verdict.counted > 0 ? exitCodeFor(report, true) : code;
  }
  return exitCodeFor(report, flags.failOnIncomplete === true);
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

async function policyOf(flags: ScanFlags): Promise<Policy> {
  const ignoreFile = await ignoreFileOf(flags.ignorefile);
  return {
    failOn: flags.failOn === undefined ? defaultFailOn : severityOf(flags.failOn, '--fail-on'),
    ...(flags.severity === undefined ? {} : { severity: severityOf(flags.severity, '--severity') }),
    ...(ignoreFile === undefined ? {} : { ignoreFile }),
    ...(flags.baseline === undefined ? {} : { baseline: parseBaseline(await textOf(flags.baseline, '--baseline'), flags.baseline) }),
    now: new Date(),
  };
}

async function ignoreFileOf(name: string | undefined): Promise<IgnoreFile | undefined> {
  if (name !== undefined) return parseIgnoreFile(await textOf(name, '--ignorefile'), name);
  try {
    return parseIgnoreFile(await readFile(defaultIgnoreFile, 'utf8'), defaultIgnoreFile);
  } catch (cause) {
    if (isSystemError(cause, 'ENOENT')) return undefined;
    throw cause instanceof UnbakeError ? cause : new UnbakeError('usage', `${defaultIgnoreFile} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

async function textOf(file: string, flag: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new UnbakeError('usage', `${flag} ${printable(file)} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function severityOf(text: string, flag: string): Severity {
  if (isSeverity(text)) return text;
  throw new UnbakeError('usage', `${flag} ${printable(text)} is no severity`);
}
