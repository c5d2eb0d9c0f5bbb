// What the flags say of what counts, of limits, and of which rules: read without loading a rule.
import { readFile } from 'node:fs/promises';
import { parseBaseline } from '../judge/baseline.ts';
import { type IgnoreFile, parseIgnoreFile } from '../judge/ignorefile.ts';
import { defaultFailOn, type Policy } from '../judge/judge.ts';
import { isSystemError, messageOf, UnbakeError } from '../model/error.ts';
import { printable } from '../model/printable.ts';
import { isSeverity, type Severity } from '../model/severity.ts';
import type { RulesetOptions } from '../rule/ruleset.ts';
import type { ConfiguredRules } from './configured.ts';
import type { ImageFlags } from './image-flags.ts';

/** In the working folder. */
export const defaultIgnoreFile = '.unbakeignore';

/** Reads the ignore file and the baseline. Without `usesFolder` that of the working folder is passed over. Throws UnbakeError `usage`. */
export async function policyOf(
  flags: Pick<ImageFlags, 'failOn' | 'severity' | 'ignorefile' | 'baseline'>,
  { usesFolder = true }: { readonly usesFolder?: boolean } = {},
): Promise<Policy> {
  const ignoreFile = flags.ignorefile === undefined && !usesFolder ? undefined : await ignoreFileOf(flags.ignorefile);
  return {
    failOn: flags.failOn === undefined ? defaultFailOn : severityOf(flags.failOn, '--fail-on'),
    ...(flags.severity === undefined ? {} : { severity: severityOf(flags.severity, '--severity') }),
    ...(ignoreFile === undefined ? {} : { ignoreFile }),
    ...(flags.baseline === undefined ? {} : { baseline: parseBaseline(await textOf(flags.baseline, '--baseline'), flags.baseline) }),
    now: new Date(),
  };
}

/** Which rules to load. Without `rc` no configuration of secretlint is looked for. */
export function rulesetOptionsOf(
  flags: Partial<Pick<ImageFlags, 'rules' | 'rc' | 'respectInlineIgnores' | 'enable' | 'disable'>> & ConfiguredRules,
): RulesetOptions {
  return {
    ...(flags.rules === undefined ? {} : { rulesDirectories: flags.rules }),
    ...(flags.rc ? { rcDirectory: process.cwd() } : {}),
    ...(flags.respectInlineIgnores ? { respectInlineIgnores: true } : {}),
    ...(flags.enable === undefined ? {} : { enable: flags.enable }),
    ...(flags.disable === undefined ? {} : { disable: flags.disable }),
    ...(flags.added === undefined ? {} : { added: flags.added }),
    ...(flags.grades === undefined ? {} : { grades: flags.grades }),
  };
}

/** UNBAKE_FINGERPRINT_KEY, when it is set. */
export function fingerprintKey(): { readonly fingerprintKey?: string } {
  const key = process.env['UNBAKE_FINGERPRINT_KEY'];
  return key ? { fingerprintKey: key } : {};
}

/** The text of a file that a flag names. Throws UnbakeError `usage`. */
export async function textOf(file: string, flag: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new UnbakeError('usage', `${flag} ${printable(file)} cannot be read: ${messageOf(cause)}`, { cause });
  }
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

function severityOf(text: string, flag: string): Severity {
  if (isSeverity(text)) return text;
  throw new UnbakeError('usage', `${flag} ${printable(text)} is no severity`);
}
