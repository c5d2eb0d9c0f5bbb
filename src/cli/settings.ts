// What the flags of an image mean: rules, limits, platform and policy. Everything that may be wrong with them is looked at before the image is.
import { readFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { parseBaseline } from '../judge/baseline.ts';
import { type IgnoreFile, parseIgnoreFile } from '../judge/ignorefile.ts';
import { defaultFailOn, type Policy } from '../judge/judge.ts';
import { isSystemError, messageOf, UnbakeError } from '../model/error.ts';
import { type Limits, parseLimits } from '../model/limits.ts';
import { parsePlatform, type PlatformChoice } from '../model/platform.ts';
import { printable } from '../model/printable.ts';
import type { Ruleset } from '../model/rule.ts';
import { isSeverity, type Severity } from '../model/severity.ts';
import { loadRuleset } from '../rule/ruleset.ts';
import type { ImageFlags } from './image-flags.ts';

export interface Settings {
  readonly policy: Policy;
  readonly ruleset: Ruleset;
  readonly scanning: { readonly ruleset: Ruleset; readonly limits: Limits; readonly platform: PlatformChoice; readonly fingerprintKey?: string };
}

const defaultIgnoreFile = '.unbakeignore';

/** Throws UnbakeError `usage`. */
export async function settingsOf(flags: ImageFlags): Promise<Settings> {
  // Windows of text die young: a small nursery takes a third off the memory of a scan and nothing off its speed.
  setFlagsFromString('--max-semi-space-size=4');
  setFlagsFromString('--semi-space-growth-factor=1');
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
  return { policy, ruleset, scanning: { ruleset, limits, platform, ...(fingerprintKey ? { fingerprintKey } : {}) } };
}

async function policyOf(flags: ImageFlags): Promise<Policy> {
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

export async function textOf(file: string, flag: string): Promise<string> {
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
