// The flags of `unbake cache`.
import { Command, Option } from 'commander';
import { byteSize, timeSpan } from './amount.ts';
import type { CacheInfoFlags, CachePruneFlags } from './cache.ts';

export function cacheCommand(): Command {
  const info = new Command('info')
    .description('Tell where the cache is, what lies in it, and how large it may become.')
    .addOption(new Option('--format <format>', 'columns, or a JSON object').choices(['text', 'json']).default('text'))
    .action(async (flags: CacheInfoFlags) => (await import('./cache.ts')).cacheInfo(flags));
  const prune = new Command('prune')
    .description('Remove what is kept of earlier scans: all of it, or what the flags say. Nothing else in the folder is touched.')
    .addOption(new Option('--older-than <time>', 'what was not used for so long, such as 36h, 7d or 4w').argParser(timeSpan))
    .addOption(
      new Option('--max-size <size>', 'until no more than this is left, such as 500MB: what was not used for longest goes').argParser(byteSize),
    )
    .action(async (flags: CachePruneFlags) => (await import('./cache.ts')).cachePrune(flags));
  return new Command('cache').addCommand(info).addCommand(prune);
}
