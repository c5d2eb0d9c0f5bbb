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

/** As `timeout` says it. */
const timedOut = 124;

/** Runs a line of bash, which counts the seconds of every process in it. Throws what it printed when it fails with another code than 0 and 1. */
export function timed(line: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Run {
  const { status, stderr, error } = spawnSync('bash', ['-c', `TIMEFORMAT='%R %U %S'; time { ${line}; }`, 'bash', ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (error !== undefined) throw error;
  const [wall, user, system] = stderr.trim().split('\n').at(-1)!.split(' ').map(Number);
  if (status === timedOut) throw new Error(`ended after ${wall.toFixed(0)} s`);
  if ((status !== 0 && status !== 1) || Number.isNaN(wall + user + system)) throw new Error(stderr.trim());
  return { wall, cpu: user + system };
}

/** Runs unbake from its source; `peakFile` is written over. */
export function timedUnbake(args: readonly string[], peakFile: string): Run & { readonly peak: number } {
  const run = timed('"$@"', [process.execPath, '--import', peakMemory, program, ...args], { UNBAKE_TEST_PEAK_FILE: peakFile, UNBAKE_NO_CACHE: '1' });
  return { ...run, peak: Number(readFileSync(peakFile, 'utf8')) };
}

/** What takes longer is ended: it would go on for hours. */
const mostSeconds = 600;

/**
 * Like `timed`, of one program: GNU time counts the most memory that was resident in it, its threads included, where it is installed.
 * Throws when it takes more than ten minutes.
 */
export function timedProgram(program: string, args: readonly string[], peakFile: string, env: Readonly<Record<string, string>> = {}): Run {
  const bounded = ['timeout', String(mostSeconds), program, ...args];
  if (!hasGnuTime()) return timed('"$@" > /dev/null', bounded, env);
  const run = timed('/usr/bin/time -q -f %M -o "$PEAK_FILE" "$@" > /dev/null', bounded, { ...env, PEAK_FILE: peakFile });
  return { ...run, peak: Number(readFileSync(peakFile, 'utf8')) * 1024 };
}

/** Whether peaks of memory can be told. */
export function hasGnuTime(): boolean {
  return spawnSync('/usr/bin/time', ['-q', '-f', '%M', 'true'], { stdio: 'ignore' }).status === 0;
}

/** `median [least-most]`. */
export function spread(figures: readonly number[], digits: number): string {
  const [least, most] = [Math.min(...figures), Math.max(...figures)].map((figure) => figure.toFixed(digits));
  return least === most ? least : `${median(figures).toFixed(digits)} [${least}-${most}]`;
}

export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function machine(): string {
  return `${cpus().length} cores (${cpus()[0].model}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
}
