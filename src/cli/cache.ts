// `unbake cache info` and `unbake cache prune`.
import { counted } from '../model/counted.ts';
import { cacheLines, cacheTable } from '../report/cache-table.ts';
import { byteCount } from '../report/table.ts';
import { clearCache, contentsOf } from '../scan/cache/cache-contents.ts';
import { cacheFolderPath } from '../scan/cache/cache-folder.ts';
import { writeStandardOutput } from './outputs.ts';

export interface CacheInfoFlags {
  readonly format: 'text' | 'json';
}

export interface CachePruneFlags {
  /** In milliseconds. */
  readonly olderThan?: number;
  /** In bytes. */
  readonly maxSize?: number;
}

export async function cacheInfo({ format }: CacheInfoFlags): Promise<void> {
  const contents = await contentsOf(cacheFolderPath());
  await writeStandardOutput(format === 'json' ? cacheLines(contents) : cacheTable(contents, new Date()));
}

export async function cachePrune({ olderThan, maxSize }: CachePruneFlags): Promise<void> {
  const { entries, bytes } = await clearCache(cacheFolderPath(), {
    ...(olderThan === undefined ? {} : { unusedFor: olderThan }),
    ...(maxSize === undefined ? {} : { maxBytes: maxSize }),
  });
  await writeStandardOutput([
    bytes === 0 && entries === 0 ? 'Nothing to remove.\n' : `Removed in all: ${counted(entries, 'entry', 'entries')} (${byteCount(bytes)}).\n`,
  ]);
}
