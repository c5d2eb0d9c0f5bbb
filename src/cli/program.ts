// From words to a command: the overview is made of what commands.ts says, and only the command that is called, or whose help is asked
// for, is loaded with its flags.
import { setFlagsFromString } from 'node:v8';
import { Command, CommanderError } from 'commander';
import { exitCodes } from '../judge/exit-code.ts';
import { isSystemError } from '../model/error.ts';
import { commandEntries } from './commands.ts';
import { failWith } from './fail.ts';

/** Runs one command line, as `process.argv` has it behind the script. Errors are printed, and `process.exitCode` is set. */
export async function runProgram(version: string, args: readonly string[]): Promise<void> {
  keepHeapSmall();
  // Whoever reads may have seen enough (`| head`); a full disk is told by whoever writes, and by the exit code.
  process.stdout.on('error', (error) => {
    if (!isSystemError(error, 'EPIPE')) process.exitCode ||= exitCodes.unreadable;
  });
  const program = await programFor(calledName(args), version);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (thrown) {
    // Commander has printed its own sentence; help and version are no errors.
    if (thrown instanceof CommanderError) process.exitCode = thrown.exitCode === 0 ? 0 : usageExitCode(program);
    else process.exitCode = failWith(thrown);
    // Work that was interrupted may still be at it; nothing of it is on disk.
    if (process.exitCode === exitCodes.interrupted) process.exit();
  }
}

/**
 * Nearly all that a scan allocates dies at once, and V8 by itself lets the heap grow to twice or three times what lives, in each thread. A
 * young generation that grows sooner keeps what waits for its rules out of the old one.
 */
function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=50');
  setFlagsFromString('--semi-space-growth-factor=4');
}

/** What must be the name of a command, if anything is: the first word that is no flag, or the one behind `help`. Flags of ours take no value. */
export function calledName(args: readonly string[]): string | undefined {
  const [first, second] = args.filter((arg) => arg === '-' || !arg.startsWith('-'));
  return first === 'help' ? second : first;
}

/** All commands, the called one with its flags and code, the others with what the overview says of them. */
export async function programFor(called: string | undefined, version: string): Promise<Command> {
  const terms = new Map(commandEntries.map(({ name, usage }) => [name, `${name} ${usage}`.trim()]));
  const program = new Command('unbake')
    .description(
      'Finds the passwords, keys and tokens baked into container images, in every layer, deleted files included, and takes them out again.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .enablePositionalOptions()
    .configureHelp({ subcommandTerm: (command) => terms.get(command.name()) ?? 'help [command]' });
  for (const { name, summary, load } of commandEntries) {
    const command = name === called ? await load(version) : new Command(name);
    program.addCommand(command.description(summary));
  }
  for (const command of [program, ...program.commands, ...program.commands.flatMap((child) => child.commands)]) {
    command
      .exitOverride()
      .showHelpAfterError(`(unbake ${command === program ? '' : 'COMMAND '}--help tells the ${command === program ? 'commands and ' : ''}flags)`)
      .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'unbake: ')) });
  }
  return program;
}

/** The numbers below 125 belong to the program that `run` and `exec` would have started. */
function usageExitCode(program: Command): number {
  return ['run', 'exec'].includes(program.args[0]) ? 125 : exitCodes.usage;
}
