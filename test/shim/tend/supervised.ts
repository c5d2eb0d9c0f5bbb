// A tending process under a small supervisor, as the shim runs it: a shell that holds the descriptors and starts it again until it exits with 0.
// The test plays the container: it holds the writing ends of the fifos.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseLogRecord, type LogRecord } from '../../../src/shim/tend/log-record.ts';
import type { Listener, TendConfig } from '../../../src/shim/tend/tend-config.ts';
import { tool } from '../../support/tool.ts';

const program = new URL('../../../src/shim/tend/tend.ts', import.meta.url).pathname;
const supervisor = 'file=$1; exec 2> "$file.stderr"; shift; until "$@"; do echo again >> "$file"; done';

export interface SupervisedOptions {
  readonly masked?: readonly Buffer[];
  readonly attachedFd?: number;
  readonly listeners?: readonly Listener[];
  readonly health?: TendConfig['health'];
  readonly logFile?: string;
}

export class Supervised {
  readonly folder: string;
  readonly logFile: string;
  /** Writing ends: the container's standard output and error, and the life of its runtime. */
  readonly stdout: number;
  readonly stderr: number;
  readonly life: number;
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #open: Set<number>;

  /** `folder` must be empty. Descriptors of listeners and of the attached reader are those of this process; they may be closed afterwards. */
  constructor(folder: string, { masked = [], attachedFd, listeners = [], health, logFile }: SupervisedOptions = {}) {
    this.folder = folder;
    this.logFile = logFile ?? join(folder, 'log.json');
    const [out, err, life] = ['out', 'err', 'life'].map((name) => fifo(join(folder, name)));
    const inherited = [
      out!.reading,
      err!.reading,
      life!.reading,
      ...(attachedFd === undefined ? [] : [attachedFd]),
      ...listeners.map(({ fd }) => fd),
    ];
    const firstListener = 6 + (attachedFd === undefined ? 0 : 1);
    const config: TendConfig = {
      name: 'app',
      logFile: this.logFile,
      stdoutFd: 3,
      stderrFd: 4,
      lifeFd: 5,
      attach: { stdoutFd: attachedFd === undefined ? undefined : 6, stderrFd: undefined },
      listeners: listeners.map((listener, index) => ({ ...listener, fd: firstListener + index })),
      masked: masked.map((value) => value.toString('base64')),
      ...(health && { health }),
    };
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
    this.#child = spawn('sh', ['-c', supervisor, 'sh', join(folder, 'again'), process.execPath, program, join(folder, 'config.json')], {
      stdio: ['ignore', 'inherit', 'ignore', ...inherited],
      detached: true,
    });
    for (const { reading } of [out!, err!, life!]) closeSync(reading);
    [this.stdout, this.stderr, this.life] = [out!.writing, err!.writing, life!.writing];
    this.#open = new Set([this.stdout, this.stderr, this.life]);
    this.exited = new Promise((resolve) => this.#child.on('exit', resolve));
    running.add(this);
  }

  /** Process id of the tending process, waited for until it is one that tends. */
  async pid(): Promise<number> {
    for (;;) {
      const children = tool('sh', ['-c', `ps -o pid=,args= --ppid ${this.#child.pid} || true`]);
      const pid = /^\s*(\d+) unbake-tend app/m.exec(children)?.[1];
      if (pid !== undefined) return Number(pid);
      await sleep(5);
    }
  }

  /** How often it was started again. */
  get restarts(): number {
    const file = join(this.folder, 'again');
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0;
  }

  close(fd: number): void {
    if (this.#open.delete(fd)) closeSync(fd);
  }

  /** Ends the container; gives the exit code of the supervisor. */
  async end(): Promise<number | null> {
    for (const fd of this.#open) this.close(fd);
    return this.exited;
  }

  /** The lines of the log, those that are no record as undefined. */
  lines(): (LogRecord | undefined)[] {
    if (!existsSync(this.logFile)) return [];
    return readFileSync(this.logFile, 'utf8').split('\n').slice(0, -1).map(parseLogRecord);
  }

  get logSize(): number {
    return existsSync(this.logFile) ? statSync(this.logFile).size : 0;
  }

  /** What a stream gave, as it stands in the log. */
  text(stream: 'stdout' | 'stderr' = 'stdout'): Buffer {
    return Buffer.concat(this.lines().flatMap((record) => (record?.stream === stream ? [record.bytes] : [])));
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await sleep(5);
  }

  /** Whatever happened, nothing is left. */
  kill(): void {
    for (const fd of this.#open) this.close(fd);
    try {
      process.kill(-this.#child.pid!, 'SIGKILL');
    } catch {
      // It has ended.
    }
    running.delete(this);
  }
}

const running = new Set<Supervised>();

/** For an `afterEach` hook. */
export function killAll(): void {
  for (const each of running) each.kill();
}

function fifo(path: string): { reading: number; writing: number } {
  tool('mkfifo', [path]);
  // Opening a reading end waits for a writer, unless it is told not to.
  const reading = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { reading, writing: openSync(path, constants.O_WRONLY) };
}
