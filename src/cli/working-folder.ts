// The configuration that is taken from the working folder without being named: in a stranger's folder it would be a stranger's word.
import { statSync } from 'node:fs';
import { findRc } from '../rule/rc-path.ts';
import type { ImageFlags } from './image-flags.ts';
import { defaultIgnoreFile } from './policy.ts';

export interface FolderUse {
  readonly rc: boolean;
  readonly ignoreFile: boolean;
  /** What is there and not used, and why. */
  readonly notices: readonly string[];
}

/** A file is used that is ours or root's, and that nobody else may write. */
export function useOfFolder(folder: string, flags: Partial<Pick<ImageFlags, 'rc' | 'ignorefile'>>): FolderUse {
  const why = 'belongs to another user, or others may write to it: it is not used';
  const notices: string[] = [];
  const rcPath = flags.rc === true ? findRc(folder) : undefined;
  const rc = flags.rc === true && (rcPath === undefined || isTrusted(rcPath));
  if (!rc && rcPath !== undefined) notices.push(`${rcPath} ${why}`);
  const ignoreFile = flags.ignorefile !== undefined || isTrusted(`${folder}/${defaultIgnoreFile}`);
  if (!ignoreFile) notices.push(`${defaultIgnoreFile} of the working folder ${why}; --ignorefile ${defaultIgnoreFile} uses it all the same`);
  return { rc, ignoreFile, notices };
}

function isTrusted(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined || ((stats.uid === process.geteuid?.() || stats.uid === 0) && (stats.mode & 0o002) === 0);
}
