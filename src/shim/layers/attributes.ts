// Owner, mode, time and extended attributes. Those of directories, and all extended ones, are kept until the tree stands: a directory
// that may not be written to could not be filled, and each file that is put into one changes its time.
import { chmodSync, chownSync, lchownSync, lutimesSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Entry } from '../../model/entry.ts';
import { findProgram } from '../runtime.ts';
import type { LeftOut } from './left-out.ts';
import { runProgram } from './programs.ts';

export interface Ownership {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  /** Seconds since 1970; undefined: whatever it is. */
  readonly mtime: number | undefined;
}

/** What a directory gets that no entry speaks of. */
export const impliedOwnership: Ownership = { uid: 0, gid: 0, mode: 0o755, mtime: undefined };

/** Both are larger than what any file system keeps; JavaScript knows no later or earlier time. */
const farthestTime = 8.64e12;

export function timeOf({ mtime }: Pick<Entry, 'mtime'>): Date {
  // A negative number would be taken for now; a Date is not.
  return new Date(Math.max(-farthestTime, Math.min(farthestTime, mtime)) * 1000);
}

export function modeOf({ mode }: Pick<Entry, 'mode'>): number {
  return mode & 0o7777;
}

/** For everything but directories and regular files; the mode of a link does not matter. */
export function setOwnership(path: Buffer, entry: Entry, isRootless: boolean): void {
  if (!isRootless) lchownSync(path, entry.uid, entry.gid);
  if (entry.kind !== 'symlink') chmodSync(path, modeOf(entry));
  lutimesSync(path, timeOf(entry), timeOf(entry));
}

/** Of a directory that is known to be one. */
export function setDirectoryOwnership(path: Buffer, { uid, gid, mode, mtime }: Ownership, isRootless: boolean): void {
  // In this order: a change of the owner takes setuid and setgid away.
  if (!isRootless) chownSync(path, uid, gid);
  if (mtime !== undefined) utimesSync(path, timeOf({ mtime }), timeOf({ mtime }));
  chmodSync(path, mode);
}

/** Names and values of extended attributes by path; all latin1. */
export type AttributesByPath = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** What an image may bring along: never what would steer an overlay, nor the labels of a security module of another machine. */
function isWanted(name: string): boolean {
  if (/^(?:user|trusted)\.overlay\./.test(name)) return false;
  return /^(?:user|trusted)\../s.test(name) || name === 'security.capability' || /^system\.posix_acl_(?:access|default)$/.test(name);
}

/**
 * Sets them with one call of setfattr, which knows no call of ours. `prefix` is the latin1 path of the tree, a slash at its end; a file with
 * the list is made in `work`. The names of one file share one map. What is not set is counted.
 */
export function setExtendedAttributes(prefix: string, wanted: AttributesByPath, work: string, isRootless: boolean, leftOut: LeftOut): void {
  const lines: string[] = [];
  let count = 0;
  let first: string | undefined;
  const done = new Set<ReadonlyMap<string, string>>();
  for (const [path, attributes] of wanted) {
    // Another name of the same file.
    if (done.has(attributes)) continue;
    done.add(attributes);
    const names = [...attributes].filter(([name]) => isWanted(name));
    if (names.length < attributes.size) leftOut.add('attribute-unwanted', path, { count: attributes.size - names.length });
    if (names.length === 0) continue;
    first ??= path;
    count += names.length;
    lines.push(`# file: ${escaped(`${prefix}${path}`)}`);
    for (const [name, value] of names) lines.push(`${escaped(name)}=0s${Buffer.from(value, 'latin1').toString('base64')}`);
    lines.push('');
  }
  if (first === undefined) return;
  if (isRootless) return leftOut.add('attribute-rootless', first, { count });
  const setfattr = findProgram('setfattr');
  if (setfattr === undefined) return leftOut.add('attribute-program', first, { count });
  const list = join(work, 'attributes');
  writeFileSync(list, lines.join('\n') + '\n', { mode: 0o600 });
  const { isDone, complaint } = runProgram(setfattr, ['-h', `--restore=${list}`], work);
  if (!isDone) leftOut.add('attribute-failed', first, { detail: `, or one after it: ${complaint.replace(/^.*: /, '')}` });
}

/** As getfattr writes names: every byte that could mean something as three octal digits. */
function escaped(text: string): string {
  return text.replace(/[^A-Za-z0-9/._-]/gs, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`);
}
