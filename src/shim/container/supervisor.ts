// The processes of a container as the command that starts them sees them: spawned, spoken to over two pipes, and left alone.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';
import { programPath } from '../runtime.ts';
import type { BoundPort } from './bind-ports.ts';
import type { KeptContainer } from './record.ts';

/** Descriptors from here on are listening sockets: shells use those below. */
export const firstSocketDescriptor = 10;

export interface SupervisorOptions {
  readonly sockets: readonly BoundPort[];
  /** `attached`: output and errors of the container come to this process too; `terminal`: it has our terminal. */
  readonly streams: 'detached' | 'attached' | 'terminal';
  /** Standard input is ours; of a detached container it is open and gives nothing. */
  readonly hasInput: boolean;
  /** The container ends when this process ends or releases it. */
  readonly isBound: boolean;
  readonly layerCount: number;
}

/** A line that the scripts say. */
export type Word =
  | { readonly kind: 'mounted' | 'merge'; readonly pid: number }
  | { readonly kind: 'started' | 'ended' }
  | { readonly kind: 'failed'; readonly why: string };

export class Supervisor {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #words: Word[] = [];
  #wake: () => void = () => undefined;
  #isSilent = false;
  /** When the last of the processes that this command started is gone. */
  readonly gone: Promise<void>;

  private constructor(child: ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
    this.gone = new Promise((resolve) => child.once('close', () => resolve()));
    let partial = '';
    const states = child.stdio[4] as Readable;
    states.setEncoding('utf8').on('data', (text: string) => {
      const lines = (partial + text).split('\n');
      partial = lines.pop()!;
      this.#words.push(...lines.map(wordOf));
      this.#wake();
    });
    states.once('close', () => {
      this.#isSilent = true;
      this.#wake();
    });
    (child.stdio[3] as Writable).on('error', () => undefined);
  }

  /** Starts the processes of a container whose folder is there. They outlive this command. Throws UnbakeError `runtime`. */
  static start({ folder, record }: KeptContainer, { sockets, streams, hasInput, isBound, layerCount }: SupervisorOptions): Supervisor {
    const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));
    const namespaces = [
      ...(record.isRootless ? ['--user', '--map-root-user'] : []),
      '--mount',
      '--pid',
      '--fork',
      '--kill-child',
      '--propagation',
      'private',
    ];
    const input = streams === 'terminal' ? 'terminal' : hasInput && streams === 'detached' ? 'open' : 'given';
    const overlayOptions = record.isRootless ? 'userxattr,' : '';
    const supervise = ['sh', script('supervise.sh'), folder, record.id, overlayOptions, String(layerCount)];
    const inner = [...supervise, record.runtime, record.cgroup, process.execPath, tendScript, input, isBound ? 'yes' : 'no'];
    const output = streams === 'detached' ? 'ignore' : 'inherit';
    const given = hasInput && streams !== 'detached' ? 'inherit' : 'ignore';
    const unused = Array.from({ length: firstSocketDescriptor - 5 }, () => 'ignore' as const);
    const passed = [given, output, output, 'pipe', 'pipe', ...unused, ...sockets.map(({ fd }) => fd)] as const;
    const nothing = openSync('/dev/null', 'r');
    const child = spawn(
      'sh',
      [script('witness.sh'), folder, record.id, record.cgroup, record.isRemovedAfter ? 'yes' : 'no', ...namespaces, '--', ...inner],
      {
        stdio: [...passed, ...coverOf(passed.length, nothing)],
        // A session of its own, so that no terminal takes it along; with a terminal it has to be in that one's session.
        detached: streams !== 'terminal',
        env: { PATH: programPath, LC_ALL: 'C' },
        cwd: '/',
      },
    );
    closeSync(nothing);
    child.once('error', () => undefined);
    if (child.pid === undefined) throw new UnbakeError('runtime', 'sh cannot be started');
    return new Supervisor(child, folder);
  }

  /** The next line; undefined when there will be none. */
  async next(): Promise<Word | undefined> {
    while (this.#words.length === 0 && !this.#isSilent) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#words.shift();
  }

  /** Where the processes wait for a word. */
  proceed(): void {
    (this.#child.stdio[3] as Writable).write('go\n');
  }

  /** Ends the talk: a container that is to be removed after its end is removed from now on. */
  release(): void {
    (this.#child.stdio[3] as Writable).end();
  }

  /** Lets this command end while the container runs on. */
  leave(): void {
    this.release();
    // Both are sockets: the other side of the first stays open as long as the container.
    (this.#child.stdio[3] as Socket).unref();
    (this.#child.stdio[4] as Socket).destroy();
    this.#child.unref();
  }

  /** Why the set-up failed, as the programs of the machine said it. */
  async complaint(): Promise<string> {
    const text = await readFile(join(this.#folder, 'setup.log'), 'utf8').catch(() => '');
    return printable(text.trim().split('\n').slice(-3).join('; ').slice(-500));
  }
}

const tendScript = fileURLToPath(new URL(`../tend/tend${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url));

/**
 * What is to stand at the descriptors from `first` on, so that none that this command was given by its caller is handed on: whoever waits
 * for the end of a pipe would wait as long as the container runs.
 */
function coverOf(first: number, nothing: number): readonly (number | 'ignore')[] {
  const given = readdirSync('/proc/self/fd')
    .map(Number)
    .filter((fd) => fd >= first && isHandedOn(fd));
  return Array.from({ length: Math.max(first - 1, ...given) + 1 - first }, (_, index) => (given.includes(first + index) ? nothing : 'ignore'));
}

/** Those that Node has opened are closed by the start of a program (open(2), O_CLOEXEC). */
function isHandedOn(fd: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1] ?? '0';
    return (Number.parseInt(flags, 8) & 0o2000000) === 0;
  } catch {
    return false;
  }
}

function wordOf(line: string): Word {
  const space = line.indexOf(' ');
  const kind = space < 0 ? line : line.slice(0, space);
  const rest = space < 0 ? '' : line.slice(space + 1);
  switch (kind) {
    case 'mounted':
    case 'merge':
      return { kind, pid: Number(rest) };
    case 'started':
    case 'ended':
      return { kind };
    default:
      return { kind: 'failed', why: kind === 'failed' ? rest : line };
  }
}

/** The mode of the terminal on standard input, and how to set it again after a program that was killed in the middle of using it. */
export function keptTerminal(): () => void {
  const run = (...args: readonly string[]) => {
    const input = openSync('/dev/tty', 'r+');
    try {
      return spawnSync('stty', args, { stdio: [input, 'pipe', 'ignore'], encoding: 'utf8' }).stdout.trim();
    } finally {
      closeSync(input);
    }
  };
  const mode = run('-g');
  return () => void run(mode);
}
