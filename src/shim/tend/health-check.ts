// One run of a health check: a program of the host that runs the test inside of the container.
import { spawn } from 'node:child_process';
import { messageOf } from '../../model/error.ts';
import type { CheckResult } from './health-state.ts';
import { MaskedBytes, type Patterns } from './masked-bytes.ts';
import { processesBelow } from './processes-below.ts';

const longestOutput = 4096;
/** A check may leave a process behind that holds its output open. Milliseconds. */
const outputAfterExit = 200;

export interface CheckOptions {
  readonly command: readonly string[];
  /** Milliseconds, at least 1. */
  readonly timeout: number;
  readonly patterns: Patterns;
  /** Breaks the check off. */
  readonly signal: AbortSignal;
}

/**
 * Never throws: what cannot be run is a failed check. When it takes too long, it and all that it started are killed, in the container too. The
 * output is the first 4 KiB of both streams, masked.
 */
export async function runCheck({ command, timeout, patterns, signal }: CheckOptions): Promise<CheckResult> {
  const start = new Date().toISOString();
  const output = new CheckOutput(patterns);
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), timeout);
  const breakOff = (): void => deadline.abort();
  signal.addEventListener('abort', breakOff, { once: true });
  let exitCode = -1;
  let failure: string | undefined;
  try {
    exitCode = await exitOf(command, output, deadline.signal);
    if (deadline.signal.aborted) failure = signal.aborted ? 'Health check was broken off' : `Health check exceeded timeout (${timeout} ms)`;
  } catch (cause) {
    failure = `Health check cannot be run: ${messageOf(cause)}`;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', breakOff);
  }
  const end = new Date().toISOString();
  return failure === undefined ? { start, end, exitCode, output: output.text() } : { start, end, exitCode: -1, output: failure };
}

/** The exit code, -1 for a program that was killed by a signal. Throws what keeps the program from being started. */
function exitOf([program, ...args]: readonly string[], output: CheckOutput, deadline: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    // Without descriptors left there are no pipes either.
    const { stdout, stderr } = child as { readonly stdout?: typeof child.stdout; readonly stderr?: typeof child.stderr };
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? -1));
    const letGo = (): void => {
      stdout?.destroy();
      stderr?.destroy();
    };
    child.on('exit', () => setTimeout(letGo, outputAfterExit).unref());
    for (const stream of [stdout, stderr]) stream?.on('data', (chunk: Buffer) => output.add(chunk));
    const kill = (): void => {
      if (child.pid === undefined) return;
      if (child.exitCode === null && child.signalCode === null) for (const pid of [...processesBelow(child.pid), -child.pid]) killIfThere(pid);
      letGo();
    };
    deadline.addEventListener('abort', kill, { once: true });
    if (deadline.aborted) kill();
  });
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

class CheckOutput {
  readonly #masked: MaskedBytes;
  #bytes = Buffer.alloc(0);

  constructor(patterns: Patterns) {
    this.#masked = new MaskedBytes(patterns);
  }

  add(chunk: Buffer): void {
    this.#keep(this.#masked.push(chunk));
  }

  /** A character that the limit cut is left out. */
  text(): string {
    this.#keep(this.#masked.end());
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.#bytes, { stream: true });
  }

  #keep(bytes: Buffer): void {
    if (this.#bytes.length < longestOutput) this.#bytes = Buffer.concat([this.#bytes, bytes]).subarray(0, longestOutput);
  }
}
