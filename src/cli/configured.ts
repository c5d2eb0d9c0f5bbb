// The flags of a command over what the configuration says: a flag wins.
import { basename } from 'node:path';
import type { AddedRules } from '../rule/ruleset.ts';
import type { Grade } from '../rule/grading.ts';
import type { Notice } from '../model/report.ts';
import { findConfig, readConfig } from './config-file.ts';
import type { Config } from './config.ts';
import type { ImageFlags } from './image-flags.ts';

/** What a configuration can say and no flag. */
export interface ConfiguredRules {
  readonly grades?: readonly Grade[];
  readonly added?: AddedRules;
}

type Settable = Partial<Pick<ImageFlags, 'config' | 'rules' | 'enable' | 'disable' | 'failOn' | 'severity' | 'limit'>>;

export interface Configured<Flags> {
  readonly flags: Flags & ConfiguredRules & { readonly failOnIncomplete?: true };
  /** Names a configuration that was found and not asked for. */
  readonly notices: readonly Notice[];
}

/** Reads the configuration that the flags name, else that of the folder, unless they say `--no-config`. Throws UnbakeError `usage`. */
export async function configured<Flags extends Settable>(flags: Flags, folder: string): Promise<Configured<Flags>> {
  if (flags.config === false) return { flags, notices: [] };
  const path = flags.config ?? findConfig(folder);
  if (path === undefined) return { flags, notices: [] };
  const name = flags.config ?? basename(path);
  const over = merged(flags, await readConfig(path, name), name);
  if (flags.config !== undefined) return { flags: over, notices: [] };
  return { flags: over, notices: [{ place: name, detail: 'this configuration of the working folder is used; --no-config leaves it out' }] };
}

/**
 * Lists of rules add up, the flags' behind the file's, and so do `disable` and limits; `enable` takes the place of what the file enables
 * and disables: whoever names a rule wants it.
 */
function merged<Flags extends Settable>(flags: Flags, config: Config, file: string): Configured<Flags>['flags'] {
  const { folders, enable, disable, grades, added, failOn, severity, failOnIncomplete, limits } = config;
  const rules = [...folders, ...(flags.rules ?? [])];
  const limit = [...limits, ...(flags.limit ?? [])];
  const disabled = [...((flags.enable === undefined ? disable : undefined) ?? []), ...(flags.disable ?? [])];
  return {
    ...(failOn === undefined ? {} : { failOn }),
    ...(severity === undefined ? {} : { severity }),
    ...(failOnIncomplete === true ? { failOnIncomplete } : {}),
    ...(enable === undefined ? {} : { enable }),
    ...flags,
    ...(rules.length === 0 ? {} : { rules }),
    ...(limit.length === 0 ? {} : { limit }),
    ...(disabled.length === 0 ? {} : { disable: disabled }),
    ...(grades.length === 0 ? {} : { grades }),
    ...(added.length === 0 ? {} : { added: { file, rules: added } }),
  };
}
