// What the flags of an image mean: rules, limits, platform and policy. Everything that may be wrong with them is looked at before the image is.
import { setFlagsFromString } from 'node:v8';
import type { Policy } from '../judge/judge.ts';
import { type Limits, parseLimits } from '../model/limits.ts';
import { parsePlatform, type PlatformChoice } from '../model/platform.ts';
import type { Ruleset } from '../model/rule.ts';
import { loadRuleset } from '../rule/ruleset.ts';
import type { ImageFlags } from './image-flags.ts';
import { fingerprintKey, policyOf, rulesetOptionsOf } from './policy.ts';

export interface Settings {
  readonly policy: Policy;
  readonly ruleset: Ruleset;
  readonly scanning: { readonly ruleset: Ruleset; readonly limits: Limits; readonly platform: PlatformChoice; readonly fingerprintKey?: string };
}

/** Throws UnbakeError `usage`. */
export async function settingsOf(flags: ImageFlags): Promise<Settings> {
  // Windows of text die young: a small nursery takes a third off the memory of a scan and nothing off its speed.
  setFlagsFromString('--max-semi-space-size=4');
  setFlagsFromString('--semi-space-growth-factor=1');
  const limits = parseLimits(flags.limit ?? []);
  const platform = parsePlatform(flags.platform);
  const policy = await policyOf(flags);
  const ruleset = await loadRuleset(rulesetOptionsOf(flags));
  return { policy, ruleset, scanning: { ruleset, limits, platform, ...fingerprintKey() } };
}
