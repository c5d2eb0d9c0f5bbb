// The command line. Asked for its version it prints that and loads nothing; everything else is for program.ts.
import { readFileSync, writeSync } from 'node:fs';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
const [asked, ...more] = process.argv.slice(2);

if ((asked === '--version' || asked === '-V') && more.length === 0) printVersion();
else await (await import('./program.ts')).runProgram(version, process.argv.slice(2));

/** Past the stream: to make that takes a tenth of all the time. It is for a pipe that is full, or that nobody reads any more. */
function printVersion(): void {
  const line = `${version}\n`;
  try {
    writeSync(1, line);
  } catch {
    process.stdout.on('error', () => undefined).write(line);
  }
}
