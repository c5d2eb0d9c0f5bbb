// The flags of the commands that scan layers: how many at the same time, and what inflates them. The report is the same whatever they say.
import { type Command, InvalidArgumentError } from 'commander';
import type { ScanOptions } from '../scan/scan-options.ts';
import { option } from './option.ts';

export type EngineFlags = Pick<ScanOptions, 'jobs' | 'inflate'>;

export function withEngineFlags(command: Command): Command {
  return command
    .addOption(option('--jobs <n>', 'scan so many layers at the same time (default: as many as there are processor cores)').argParser(jobs))
    .addOption(
      option('--inflate <engine>', "what inflates gzip layers: core, or node's zlib, which takes more time and gives the same").choices([
        'core',
        'node',
      ]),
    );
}

function jobs(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is not a whole number from 1 to 9999.');
}
