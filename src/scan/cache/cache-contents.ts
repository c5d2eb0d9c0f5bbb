// A look at a cache folder, and its clearing. Files that are not ours are neither counted nor touched.
import type { CacheContents } from '../../model/cache-contents.ts';
import { isSystemError, messageOf, UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';
import { type CacheFile, cacheFiles, cacheKinds, isAbandoned, removeCacheFile } from './cache-files.ts';
import { defaultMaxBytes, ownershipProblem } from './cache-folder.ts';

export interface Removal {
  /** Milliseconds: what was used since then stays. */
  readonly unusedFor?: number;
  /** So much may stay: what was not used for the longest time goes. */
  readonly maxBytes?: number;
}

export interface Removed {
  readonly entries: number;
  readonly bytes: number;
}

/** Of a folder that is not there, zeros. Throws UnbakeError `io`. */
export async function contentsOf(folder: string): Promise<CacheContents> {
  const { files, problem } = await lookInto(folder);
  const kept = files.filter(({ kind }) => kind !== 'unfinished');
  const ofKind = (kind: string) => kept.filter((file) => file.kind === kind);
  return {
    folder,
    ...(problem === undefined ? {} : { problem }),
    kinds: Object.fromEntries(cacheKinds.map((kind) => [kind, { entries: ofKind(kind).length, bytes: bytesOf(ofKind(kind)) }])),
    entries: kept.length,
    bytes: bytesOf(kept),
    maxBytes: defaultMaxBytes,
    ...(kept.length === 0 ? {} : { oldest: timeOf(kept[0]), newest: timeOf(kept.at(-1)!) }),
  };
}

/** Without limits everything, but for what another run is writing just now. Throws UnbakeError `io`, also for a folder that is not ours. */
export async function clearCache(folder: string, { unusedFor, maxBytes }: Removal): Promise<Removed> {
  const { files, problem } = await lookInto(folder);
  if (problem !== undefined) throw new UnbakeError('io', `nothing is removed: ${problem}`);
  const now = Date.now();
  const isAll = unusedFor === undefined && maxBytes === undefined;
  let left = bytesOf(files.filter(({ kind }) => kind !== 'unfinished'));
  let entries = 0;
  let bytes = 0;
  for (const file of files) {
    const { kind, size, usedAt } = file;
    const isEntry = kind !== 'unfinished';
    const goes = isAll || now - usedAt > (unusedFor ?? Infinity) || left > (maxBytes ?? Infinity);
    if (isEntry ? !goes : !isAbandoned(file, now)) continue;
    const isRemoved = await removeCacheFile(file).catch((cause: unknown) => {
      throw new UnbakeError('io', `${printable(file.path)} cannot be removed: ${messageOf(cause)}`, { cause });
    });
    if (isEntry) left -= size;
    if (!isRemoved) continue;
    if (isEntry) entries++;
    bytes += size;
  }
  return { entries, bytes };
}

async function lookInto(folder: string): Promise<{ readonly files: readonly CacheFile[]; readonly problem: string | undefined }> {
  try {
    const problem = await ownershipProblem(folder);
    return { problem, files: await cacheFiles(folder) };
  } catch (cause) {
    if (isSystemError(cause, 'ENOENT')) return { files: [], problem: undefined };
    throw new UnbakeError('io', `the cache folder ${printable(folder)} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function bytesOf(files: readonly CacheFile[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

function timeOf({ usedAt }: CacheFile): string {
  return new Date(usedAt).toISOString();
}
