// What the flags of an image mean, and the configuration: rules, limits, platform and policy. Everything that may be wrong with them is looked at before the image is.
import { setFlagsFromString } from 'node:v8';
import type { Policy } from '../judge/judge.ts';
import { type Limits, parseLimits } from '../model/limits.ts';
import { parsePlatform, type PlatformChoice } from '../model/platform.ts';
import type { Notice } from '../model/report.ts';
import type { Ruleset } from '../model/rule.ts';
import type { RulesetOptions } from '../rule/ruleset.ts';
import { configured } from './configured.ts';
import type { ImageFlags } from './image-flags.ts';
import type { EngineFlags } from './engine-flags.ts';
import { fingerprintKey, policyOf, rulesetOptionsOf } from './policy.ts';

/** All but the rules: loading them takes as long as the rest of a scan of a known image. */
export interface Terms {
  readonly policy: Policy;
  /** What the configuration or a flag says of it. */
  readonly failOnIncomplete: boolean;
  /** Of the configuration, for the report. */
  readonly notices: readonly Notice[];
  readonly scanning: EngineFlags & {
    readonly limits: Limits;
    readonly platform: PlatformChoice;
    readonly fingerprintKey?: string;
    readonly rulesetOptions: RulesetOptions;
  };
}

export interface Settings extends Omit<Terms, 'scanning'> {
  readonly ruleset: Ruleset;
  readonly scanning: Terms['scanning'] & { readonly ruleset: Ruleset };
}

type Given = ImageFlags & EngineFlags & { readonly failOnIncomplete?: true };

/** Throws UnbakeError `usage`. */
export async function termsOf(given: Given): Promise<Terms> {
  // Windows of text die young: a small nursery takes a third off the memory of a scan and nothing off its speed.
  setFlagsFromString('--max-semi-space-size=4');
  setFlagsFromString('--semi-space-growth-factor=1');
  const { flags, notices } = await configured(given, process.cwd());
  const limits = parseLimits(flags.limit ?? []);
  const platform = parsePlatform(flags.platform);
  const policy = await policyOf(flags);
  const rulesetOptions = rulesetOptionsOf(flags);
  return {
    policy,
    failOnIncomplete: flags.failOnIncomplete === true,
    notices,
    scanning: { limits, platform, rulesetOptions, ...engine(flags), ...fingerprintKey() },
  };
}

/** Throws UnbakeError `usage`. */
export async function settingsOf(given: Given): Promise<Settings> {
  const terms = await termsOf(given);
  const { loadGuardedRuleset } = await import('../scan/workers/guarded-ruleset.ts');
  const ruleset = await loadGuardedRuleset(terms.scanning.rulesetOptions, terms.scanning.limits);
  return { ...terms, ruleset, scanning: { ...terms.scanning, ruleset } };
}

function engine({ jobs, inflate }: EngineFlags): EngineFlags {
  return { ...(jobs === undefined ? {} : { jobs }), ...(inflate === undefined ? {} : { inflate }) };
}
