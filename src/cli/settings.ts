// What the flags of an image mean, and the configuration: rules, limits, platform and policy. Everything that may be wrong with them is looked at before the image is.
import { setFlagsFromString } from 'node:v8';
import type { Policy } from '../judge/judge.ts';
import { type Limits, parseLimits } from '../model/limits.ts';
import { parsePlatform, type PlatformChoice } from '../model/platform.ts';
import type { Notice } from '../model/report.ts';
import type { Ruleset } from '../model/rule.ts';
import { loadRuleset } from '../rule/ruleset.ts';
import { configured } from './configured.ts';
import type { ImageFlags } from './image-flags.ts';
import { fingerprintKey, policyOf, rulesetOptionsOf } from './policy.ts';

export interface Settings {
  readonly policy: Policy;
  readonly ruleset: Ruleset;
  /** What the configuration or a flag says of it. */
  readonly failOnIncomplete: boolean;
  /** Of the configuration, for the report. */
  readonly notices: readonly Notice[];
  readonly scanning: { readonly ruleset: Ruleset; readonly limits: Limits; readonly platform: PlatformChoice; readonly fingerprintKey?: string };
}

/** Throws UnbakeError `usage`. */
export async function settingsOf(given: ImageFlags & { readonly failOnIncomplete?: true }): Promise<Settings> {
  // Windows of text die young: a small nursery takes a third off the memory of a scan and nothing off its speed.
  setFlagsFromString('--max-semi-space-size=4');
  setFlagsFromString('--semi-space-growth-factor=1');
  const { flags, notices } = await configured(given, process.cwd());
  const limits = parseLimits(flags.limit ?? []);
  const platform = parsePlatform(flags.platform);
  const policy = await policyOf(flags);
  const ruleset = await loadRuleset(rulesetOptionsOf(flags));
  return {
    policy,
    ruleset,
    failOnIncomplete: flags.failOnIncomplete === true,
    notices,
    scanning: { ruleset, limits, platform, ...fingerprintKey() },
  };
}
