// The command line. Each command is a file beside this one and is loaded when it is called: --version and --help load none.
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { exitCodes } from '../judge/exit-code.ts';
import { isSystemError } from '../model/error.ts';
import { failWith } from './fail.ts';
import { cleanCommand } from './clean-options.ts';
import { compareCommand } from './compare-options.ts';
import { containerCommands } from './container-options.ts';
import { rulesCommand } from './rules-options.ts';
import { imageCommands } from './images-options.ts';
import { runCommand } from './run-options.ts';
import { scanCommand } from './scan-options.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };

const program = new Command('unbake')
  .description('Finds the passwords, keys and tokens baked into container images, in every layer, deleted files included, and takes them out again.')
  .version(version, '-V, --version', 'print the version')
  .helpOption('-h, --help', 'print this help')
  .helpCommand('help [command]', 'print the help of a command')
  .enablePositionalOptions()
  .addCommand(scanCommand(version))
  .addCommand(cleanCommand(version))
  .addCommand(runCommand(version))
  .addCommand(compareCommand());
for (const command of [...containerCommands(), ...imageCommands(), rulesCommand()]) program.addCommand(command);

for (const command of [program, ...program.commands, ...program.commands.flatMap((child) => child.commands)]) {
  command
    .exitOverride()
    .showHelpAfterError(`(unbake ${command === program ? '' : 'COMMAND '}--help tells the ${command === program ? 'commands and ' : ''}flags)`)
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'unbake: ')) });
}

// Whoever reads may have seen enough (`| head`); a full disk is told by whoever writes, and by the exit code.
process.stdout.on('error', (error) => {
  if (!isSystemError(error, 'EPIPE')) process.exitCode ||= exitCodes.unreadable;
});

try {
  await program.parseAsync();
} catch (thrown) {
  // Commander has printed its own sentence; help and version are no errors.
  if (thrown instanceof CommanderError) process.exitCode = thrown.exitCode === 0 ? 0 : usageExitCode();
  else process.exitCode = failWith(thrown);
  // Work that was interrupted may still be at it; nothing of it is on disk.
  if (process.exitCode === exitCodes.interrupted) process.exit();
}

/** The numbers below 125 belong to the program that `run` and `exec` would have started. */
function usageExitCode(): number {
  return ['run', 'exec'].includes(program.args[0]) ? 125 : exitCodes.usage;
}
