// The one place where an error becomes words on the terminal and a number for the shell.
import { exitCodeForError } from '../judge/exit-code.ts';
import { UnbakeError } from '../model/error.ts';
import { printable } from '../model/printable.ts';

/** Prints what was thrown to standard error and returns the exit code. Errors that are not ours are bugs, and say so. */
export function failWith(thrown: unknown): number {
  if (thrown instanceof UnbakeError) {
    process.stderr.write(`unbake: ${printable(thrown.message)}\n${thrown.hint === undefined ? '' : `  ${printable(thrown.hint)}\n`}`);
    return exitCodeForError(thrown.code);
  }
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  process.stderr.write(
    `unbake: this is a bug in unbake: ${printable(message)}\n  please report it with the command that led here; UNBAKE_DEBUG=1 prints where it happened\n`,
  );
  if (process.env['UNBAKE_DEBUG'] && thrown instanceof Error) process.stderr.write(`${thrown.stack}\n`);
  return 3;
}
