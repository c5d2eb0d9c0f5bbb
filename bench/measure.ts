// Measures programs: seconds by the clock and of all processors, and the most memory that was resident; and how figures are shown.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

export interface Run {
  readonly wall: number;
  /** User and system seconds of all processes. */
  readonly cpu: number;
  /** Bytes; undefined where it was not asked for. */
  readonly peak?: number;
}

const program = new URL('../src/cli/main.ts', import.meta.url).pathname;
const peakMemory = new URL('../test/support/peak-memory.ts', import.meta.url).href;

/** Runs a line of bash, which counts the seconds of every process in it. Throws what it printed when it fails with another code than 0 and 1. */
export function timed(line: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Run {
  const { status, stderr, error } = spawnSync('bash', ['-c', `TIMEFORMAT='%R %U %S'; time { ${line}; }`, 'bash', ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (error !== undefined) throw error;
  const [wall, user, system] = stderr.trim().split('\n').at(-1)!.split(' ').map(Number);
  if ((status !== 0 && status !== 1) || Number.isNaN(wall + user + system)) throw new Error(stderr);
  return { wall, cpu: user + system };
}

/** Runs unbake from its source; `peakFile` is written over. */
export function timedUnbake(args: readonly string[], peakFile: string): Run & { readonly peak: number } {
  const run = timed('"$@"', [process.execPath, '--import', peakMemory, program, ...args], { UNBAKE_TEST_PEAK_FILE: peakFile });
  return { ...run, peak: Number(readFileSync(peakFile, 'utf8')) };
}

/** `median [least-most]`. */
export function spread(figures: readonly number[], digits: number): string {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  const [least, most] = [sorted[0], sorted.at(-1)!].map((figure) => figure.toFixed(digits));
  return least === most ? median.toFixed(digits) : `${median.toFixed(digits)} [${least}-${most}]`;
}

export function machine(): string {
  return `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
}
