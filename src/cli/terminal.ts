// What -t takes for granted.
import { readFileSync } from 'node:fs';
import { UnbakeError } from '../model/error.ts';

/** Throws UnbakeError `usage` when standard input is no terminal, or this command does not have it: a runtime in the background spins. */
export function assertTerminal(): void {
  if (!process.stdin.isTTY) throw new UnbakeError('usage', '-t needs a terminal on standard input', { hint: 'leave -t out' });
  if (!isInBackground()) return;
  throw new UnbakeError('usage', '-t needs the terminal, and this command runs in its background', {
    hint: 'start it without &, or leave -t out; timeout needs --foreground',
  });
}

/** The process group of the terminal is another one than ours (proc(5), /proc/PID/stat). */
function isInBackground(): boolean {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return foreground !== '-1' && group !== foreground;
}
