// The flags of the commands about containers that are there: ps, logs, exec, stop, rm.
import { Command, Option } from 'commander';
import { exitCodes } from '../judge/exit-code.ts';
import { type HomeFlags, repeatable, withHomeFlag } from './home-flag.ts';
import type { ExecFlags } from './exec.ts';
import type { LogsFlags } from './logs.ts';
import { integer } from './option.ts';
import type { PsFlags } from './ps.ts';
import type { RmFlags, StopFlags } from './stop.ts';

const containers = ['<container...>', 'names, IDs, or how an ID begins'] as const;

export function psCommand(): Command {
  return withHomeFlag(
    new Command('ps')
      .option('-a, --all', 'those that have ended too')
      .option('-q, --quiet', 'IDs alone')
      .option('--no-trunc', 'cut nothing')
      .addOption(new Option('--format <format>', 'columns, or one JSON object a line').choices(['text', 'json']).default('text'))
      .action(async (flags: PsFlags) => {
        const { listAll } = await import('./ps.ts');
        await listAll(flags);
      }),
  );
}

export function logsCommand(): Command {
  return withHomeFlag(
    new Command('logs')
      .argument('<container>', 'name, ID, or how an ID begins')
      .option('-f, --follow', 'go on until the container ends')
      .option('-t, --timestamps', 'when, before each line')
      .addOption(new Option('-n, --tail <lines>', 'only the last lines').argParser(integer))
      .option('--since <time>', 'from this time on: 2026-01-02T03:04:05Z, or 10m ago as 10m')
      .option('--until <time>', 'up to this time')
      .action(async (reference: string, flags: LogsFlags) => {
        const { printLogs } = await import('./logs.ts');
        await printLogs(reference, flags);
      }),
  );
}

export function execCommand(): Command {
  return withHomeFlag(
    new Command('exec')
      .argument('<container>', 'name, ID, or how an ID begins')
      .argument('<command...>', 'program and arguments')
      .passThroughOptions()
      .option('-d, --detach', 'do not wait for it')
      .option('-i, --interactive', 'give it our standard input')
      .option('-t, --tty', 'give it our terminal')
      .addOption(repeatable('-e, --env <name=value>', 'set a variable; NAME alone takes ours'))
      .addOption(repeatable('--env-file <file>', 'variables, one NAME=value a line'))
      .option('-u, --user <user[:group]>', 'names or numbers')
      .option('-w, --workdir <path>', 'where it starts')
      .action(async (reference: string, args: readonly string[], flags: ExecFlags) => {
        const { runExec } = await import('./exec.ts');
        process.exitCode = await asDocker(() => runExec(reference, args, flags));
      }),
  );
}

/** Errors of ours are 125, whatever they are, but for ^C before there was a program: other numbers are those of the program. */
export async function asDocker(run: () => Promise<number>): Promise<number> {
  const { failWith } = await import('./fail.ts');
  try {
    return await run();
  } catch (thrown) {
    const code = failWith(thrown);
    if (code === exitCodes.interrupted) return code;
    return thrown instanceof Error && 'exitCode' in thrown ? Number(thrown.exitCode) : 125;
  }
}

export function stopCommand(): Command {
  return withHomeFlag(
    new Command('stop')
      .argument(...containers)
      .addOption(new Option('-t, --time <seconds>', 'how long to wait for a container (default: its --stop-timeout, else 10)').argParser(integer))
      .action(async (references: readonly string[], flags: StopFlags) => {
        const { stopAll } = await import('./stop.ts');
        process.exitCode = await stopAll(references, flags);
      }),
  );
}

export function rmCommand(): Command {
  return withHomeFlag(
    new Command('rm')
      .argument(...containers)
      .option('-f, --force', 'kill those that run')
      .action(async (references: readonly string[], flags: RmFlags & HomeFlags) => {
        const { removeAll } = await import('./stop.ts');
        process.exitCode = await removeAll(references, flags);
      }),
  );
}
