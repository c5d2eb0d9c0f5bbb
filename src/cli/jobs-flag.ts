// The flag of the commands that scan layers: how many at the same time.
import { type Command, InvalidArgumentError } from 'commander';
import { option } from './option.ts';

export interface JobsFlag {
  readonly jobs?: number;
}

export function withJobsFlag(command: Command): Command {
  return command.addOption(
    option('--jobs <n>', 'scan so many layers at the same time (default: as many as there are processor cores)').argParser(jobs),
  );
}

function jobs(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is not a whole number from 1 to 9999.');
}
