// What the commands of the shim share: where everything is kept, flags that docker takes more than once, what flags may refer to.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import type { RunSurroundings } from '../shim/spec/request.ts';
import { option } from './option.ts';

export interface HomeFlags {
  readonly root?: string;
}

export function withHomeFlag(command: Command): Command {
  return command.addOption(
    option('--root <folder>', 'where images and containers are kept (default: /var/lib/unbake for root, ~/.local/share/unbake for others)'),
  );
}

/** A flag that may be given again and again, once for each value, as docker's are. */
export function repeatable(flags: string, description: string): Option {
  return new Option(flags, description).argParser(collected);
}

/** For commands whose flags stand before their arguments: a flag with several values would take the image for one more of them. */
export function withOneValueEach(command: Command): Command {
  for (const each of command.options.filter(({ variadic }) => variadic)) {
    each.variadic = false;
    each.argParser(collected);
  }
  return command;
}

function collected(value: string, former: readonly string[] | undefined): readonly string[] {
  return [...(former ?? []), value];
}

/** What flags of containers may refer to on this machine. */
export function surroundings(): RunSurroundings {
  return {
    readText: (path) => readFile(path, 'utf8'),
    environment: process.env,
    cwd: process.cwd(),
    isThere: existsSync,
    cpuCount: availableParallelism(),
  };
}
