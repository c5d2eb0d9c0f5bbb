// The configuration that is taken from the working folder without being named: in a stranger's folder it would be a stranger's word.
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { findRc } from '../rule/rc-path.ts';
import { findConfig } from './config-file.ts';
import { type ConfiguredRules, configured } from './configured.ts';
import type { ImageFlags } from './image-flags.ts';
import { defaultIgnoreFile } from './policy.ts';

export interface FolderUse<Flags> {
  /** With what the configuration says, when it is used. */
  readonly flags: Flags & ConfiguredRules & { readonly failOnIncomplete?: true };
  readonly rc: boolean;
  readonly ignoreFile: boolean;
  /** That a configuration is used; what is there and not used, and why. */
  readonly notices: readonly string[];
}

/** A file is used that is ours or root's, and that nobody else may write. Throws UnbakeError `usage` for a wrong configuration. */
export async function useOfFolder<Flags extends Partial<ImageFlags>>(folder: string, flags: Flags): Promise<FolderUse<Flags>> {
  const why = 'belongs to another user, or others may write to it: it is not used';
  const notices: string[] = [];
  const rcPath = flags.rc === true ? findRc(folder) : undefined;
  const rc = flags.rc === true && (rcPath === undefined || isTrusted(rcPath));
  if (!rc && rcPath !== undefined) notices.push(`${rcPath} ${why}`);
  const ignoreFile = flags.ignorefile !== undefined || isTrusted(`${folder}/${defaultIgnoreFile}`);
  if (!ignoreFile) notices.push(`${defaultIgnoreFile} of the working folder ${why}; --ignorefile ${defaultIgnoreFile} uses it all the same`);
  const configPath = flags.config === undefined ? findConfig(folder) : undefined;
  const isStrange = configPath !== undefined && !isTrusted(configPath);
  if (isStrange) notices.push(`${basename(configPath)} of the working folder ${why}; --config ${basename(configPath)} uses it all the same`);
  const over = await configured(isStrange ? { ...flags, config: false as const } : flags, folder);
  notices.unshift(...over.notices.map(({ place, detail }) => `${place}: ${detail}`));
  return { flags: { ...over.flags, rc }, rc, ignoreFile, notices };
}

function isTrusted(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined || ((stats.uid === process.geteuid?.() || stats.uid === 0) && (stats.mode & 0o002) === 0);
}
