// `unbake scan`: the flags to a scan, its report to the outputs, its verdict to the exit code.
import { exitCodeFor } from '../judge/exit-code.ts';
import { judge } from '../judge/judge.ts';
import type { Report } from '../model/report.ts';
import type { Ruleset } from '../model/rule.ts';
import { reporterFor } from '../report/format.ts';
import type { Scanned } from '../scan/scan.ts';
import type { CachedScanOptions } from '../scan/cache/scan-cache.ts';
import { colorLevel } from './color.ts';
import { failWith } from './fail.ts';
import type { ImageFlags } from './image-flags.ts';
import type { EngineFlags } from './engine-flags.ts';
import { maskedError } from './masked-error.ts';
import { interruptible } from './interrupt.ts';
import { type Output, resolveOutputs, writeOutput } from './outputs.ts';
import { progressOn } from './progress.ts';
import { type CacheFlags, scanCacheFor } from './scan-cache.ts';
import { type Terms, termsOf } from './settings.ts';

/** What the command line gives, as `scan-options.ts` declares it. */
export interface ScanFlags extends ImageFlags, CacheFlags, EngineFlags {
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
  const terms = await termsOf(flags);
  const { policy, notices, failOnIncomplete } = terms;
  const rules = onceLoaded(terms);
  const trouble: string[] = [];
  const cache = await scanCacheFor(flags, terms, version, (sentence) => trouble.push(sentence));
  await (cache === undefined ? rules() : cache.assertRules(rules));
  const progress = progressOn(process.stderr, flags.quiet === true);
  const scan = async (options: CachedScanOptions): Promise<Scanned> => {
    if (cache !== undefined) return cache.scan(reference, options, rules);
    const { scan: scanAnew } = await import('../scan/scan.ts');
    return scanAnew(reference, { ...options, ruleset: await rules() });
  };
  const { report: scanned, problem } = await interruptible((signal) =>
    scan({
      ...terms.scanning,
      version,
      signal,
      ...(flags.base === undefined ? {} : { base: flags.base }),
      ...(progress === undefined ? {} : { onLayer: progress.show }),
    }),
  )
    .catch(async (thrown: unknown) => {
      throw await maskedError(thrown, await rules());
    })
    .finally(() => progress?.clear());
  for (const sentence of trouble) process.stderr.write(`unbake: ${sentence} (--no-cache does without)\n`);

  const report = judge({ ...scanned, notices: [...notices, ...scanned.notices] }, policy);
  const error = problem === undefined ? undefined : await maskedError(problem, await rules());
  // Without an image there is nothing to report, unless something was found or lost on the way.
  if (error !== undefined && report.findings.length === 0 && report.skipped.length === 0) throw error;
  await writeReports(report, outputs, flags);
  if (error !== undefined) {
    const code = failWith(error);
    return report.verdict.counted > 0 ? exitCodeFor(report, true) : code;
  }
  return exitCodeFor(report, failOnIncomplete);
}

/** Loads the rules at the first call. Throws UnbakeError `usage`. */
function onceLoaded({ scanning: { rulesetOptions, limits } }: Terms): () => Promise<Ruleset> {
  let loaded: Promise<Ruleset> | undefined;
  return () => (loaded ??= import('../scan/workers/guarded-ruleset.ts').then(({ loadGuardedRuleset }) => loadGuardedRuleset(rulesetOptions, limits)));
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
