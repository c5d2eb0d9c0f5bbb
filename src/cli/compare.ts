// `unbake compare`: two images, two containers, one verdict.
import { exitCodeForComparison } from '../judge/exit-code.ts';
import { parseLimits } from '../model/limits.ts';
import { loadRuleset } from '../rule/ruleset.ts';
import { comparisonReporterFor } from '../report/comparison-format.ts';
import { compareImages } from '../shim/compare/compare.ts';
import { parseHttpProbe } from '../shim/compare/probe.ts';
import { withTrialHome } from '../shim/compare/trial-home.ts';
import { homeAt } from '../shim/home.ts';
import { findRuntime } from '../shim/runtime.ts';
import { parseRunRequest, type RunFlags as RequestFlags } from '../shim/spec/request.ts';
import { openVault } from '../shim/vault/open-vault.ts';
import { colorLevel } from './color.ts';
import { configured } from './configured.ts';
import { type HomeFlags, surroundings } from './home-flag.ts';
import type { ImageFlags } from './image-flags.ts';
import { interruptible } from './interrupt.ts';
import { maskWith } from './masked-error.ts';
import { writeStandardOutput } from './outputs.ts';
import { progressOn } from './progress.ts';
import { rulesetOptionsOf } from './policy.ts';
import { openedImageFor } from './run-image.ts';
import { runnableImage } from '../shim/container/runnable-image.ts';

export interface CompareFlags extends RequestFlags, HomeFlags, Partial<ImageFlags> {
  readonly http?: readonly string[];
  readonly timeout?: number;
  readonly vault?: string;
  readonly vaultIdentity?: readonly string[];
  readonly runtime?: string;
  readonly format: 'text' | 'json';
  readonly color: 'auto' | 'always' | 'never';
}

export async function runCompare(references: readonly [string, string], args: readonly string[], flags: CompareFlags): Promise<number> {
  const mask = maskWith(async () => loadRuleset(rulesetOptionsOf((await configured(flags, process.cwd())).flags)));
  const probes = (flags.http ?? []).map((text) => parseHttpProbe(text, '--http'));
  const request = await parseRunRequest(flags, args, surroundings());
  const limits = parseLimits(flags.limit ?? []);
  const runtime = findRuntime(flags.runtime);
  const home = await homeAt(flags.root);
  const progress = progressOn(process.stderr, flags.quiet === true);
  const comparison = await interruptible(async (signal) => {
    const opened: Awaited<ReturnType<typeof openedImageFor>>[] = [];
    try {
      const platform = flags.platform === undefined ? {} : { platform: flags.platform };
      for (const reference of references) opened.push(await openedImageFor(home, { reference, limits, signal, ...platform }));
      const [before, after] = opened.map(({ image }) => runnableImage(image));
      const vault = flags.vault === undefined ? undefined : await openVault(flags.vault, after, { identities: flags.vaultIdentity ?? [] });
      const masked = vault === undefined ? {} : { masked: await vault.masked() };
      return await withTrialHome(home, (trials) => {
        const start = (index: 0 | 1) => ({
          ...masked,
          home: trials,
          runtime,
          reference: references[index],
          request,
          limits,
          signal,
          onStage: (stage: string) => progress?.say(`${references[index]}: ${stage}`),
        });
        return compareImages(
          { ...start(0), image: before },
          { ...start(1), image: after, ...(vault === undefined ? {} : { vault }) },
          trialOptions(signal),
        );
      });
    } finally {
      progress?.clear();
      for (const { store } of opened) await store.close();
    }
  });
  const reporter = await comparisonReporterFor(flags.format);
  await writeStandardOutput(reporter(comparison, { colorLevel: colorLevel(flags.color, process.stdout, process.env) }));
  return exitCodeForComparison(comparison.verdict);

  function trialOptions(signal: AbortSignal) {
    return { probes, signal, mask, ...(flags.timeout === undefined ? {} : { timeout: flags.timeout }) };
  }
}
