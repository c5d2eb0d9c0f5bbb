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
  // The frames alone: the stack begins with the message as it was before anything in it was masked.
  const frames = thrown instanceof Error ? (thrown.stack?.match(/^ {4}at .*$/gm) ?? []) : [];
  if (process.env['UNBAKE_DEBUG']) process.stderr.write(`${frames.join('\n')}\n`);
  return 3;
}
