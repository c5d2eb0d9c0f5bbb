// The files of a cache folder that are ours, told by their names: whatever else lies there is nobody's business here.
import { createHash } from 'node:crypto';
import { lstat, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../../model/error.ts';

/** What was found in a layer; the report of a whole image, of `scan` and of the gate; that a set of rules has no mistake. */
export const cacheKinds = ['layer', 'report', 'verdict', 'rules'] as const;

export type CacheKind = (typeof cacheKinds)[number];

export interface CacheFile {
  readonly path: string;
  /** `unfinished`: a file on its way, or what a killed process has left of one. */
  readonly kind: CacheKind | 'unfinished';
  readonly size: number;
  /** When it was written or read last, in milliseconds since 1970. */
  readonly usedAt: number;
}

const ownName = new RegExp(`^(${cacheKinds.join('|')})-[0-9a-f]{64}$`);
const unfinishedName = /^\.unbake-[0-9]+-[0-9a-f]+$/;
/** Writing takes seconds. */
const oneHour = 60 * 60 * 1000;

export function cacheFileName(kind: CacheKind, key: string): string {
  return `${kind}-${createHash('sha256').update(key).digest('hex')}`;
}

/** Those that were not used for the longest time first. Throws the system's errors. */
export async function cacheFiles(folder: string): Promise<readonly CacheFile[]> {
  const files: CacheFile[] = [];
  for (const name of await readdir(folder)) {
    const kind = unfinishedName.test(name) ? 'unfinished' : (ownName.exec(name)?.[1] as CacheKind | undefined);
    if (kind === undefined) continue;
    const path = join(folder, name);
    // Another run may have been faster.
    const stats = await lstat(path).catch(() => undefined);
    if (stats?.isFile()) files.push({ path, kind, size: stats.size, usedAt: stats.mtimeMs });
  }
  return files.sort((a, b) => a.usedAt - b.usedAt);
}

/** Nobody will finish it any more. */
export function isAbandoned({ kind, usedAt }: CacheFile, now = Date.now()): boolean {
  return kind === 'unfinished' && now - usedAt > oneHour;
}

/** False when another run was faster. Throws the system's other errors. */
export async function removeCacheFile({ path }: CacheFile): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (thrown) {
    if (isSystemError(thrown, 'ENOENT')) return false;
    throw thrown;
  }
}
