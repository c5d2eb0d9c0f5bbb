// Runs one more program in a running container, with the environment and the rights of the first.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isSystemError, UnbakeError } from '../../model/error.ts';
import { programPath } from '../runtime.ts';
import type { OciProcess } from '../spec/oci-config.ts';
import { execProcess, type RuntimeConfig } from '../spec/runtime-config.ts';
import { processesBelow } from '../tend/processes-below.ts';
import { supervisorOf } from './attended.ts';
import { privatePath, runtimeCommand } from './enter.ts';
import { startFailure } from './failure.ts';
import { missingProgram, type NoProgram, rootOfContainer } from './program-in.ts';
import type { KeptContainer } from './record.ts';
import { stateOf } from './state.ts';
import { userIn } from './user-in.ts';

export interface ExecOptions {
  readonly args: readonly string[];
  /** NAME=value, over those of the container. */
  readonly env: readonly string[];
  readonly user?: string;
  readonly workdir?: string;
  readonly isTty: boolean;
  readonly isInteractive: boolean;
  readonly isDetached: boolean;
}

/** What the program returned; as docker counts, 126 and 127 when it could not be started. `error`: why, where nobody has said it yet. */
export interface Executed {
  readonly exitCode: number;
  readonly error?: string;
}

/** Standard streams are those of this process. Throws UnbakeError `conflict` when the container is not running. */
export async function execInContainer(container: KeptContainer, options: ExecOptions): Promise<Executed> {
  const { folder, record } = container;
  const supervisor = await supervisorOf(container);
  if (supervisor === undefined || (await stateOf(container)).kind !== 'running') throw notRunning(container);
  const { pid } = supervisor;
  // In the memory that the container's processes alone see, and gone with them.
  const call = `exec-${randomBytes(8).toString('hex')}`;
  const inside = (kind: string) => `${folder}/private/${call}.${kind}`;
  const outside = (kind: string) => privatePath(pid, folder, `${call}.${kind}`);
  let missing: NoProgram | undefined;
  try {
    const program = programToRun(container, pid, options);
    const root = rootOfContainer(pid, folder);
    missing = missingProgram(root, options.args[0] ?? '', program);
    if (missing !== undefined && !existsSync(root)) throw notRunning(container);
    if (missing === undefined) writeFileSync(outside('json'), JSON.stringify(program), { mode: 0o600 });
  } catch (thrown) {
    // When it ends meanwhile, its files are gone under our hands.
    throw isSystemError(thrown, 'ENOENT', 'ENOTDIR', 'ESRCH') ? notRunning(container) : thrown;
  }
  if (missing !== undefined) return missing;
  const flags = ['--log', inside('log'), '--log-format', 'json', 'exec', '--process', inside('json'), ...(options.isDetached ? ['--detach'] : [])];
  const [program, ...args] = runtimeCommand(container, supervisor, ...flags, record.id);
  const output = options.isDetached ? 'ignore' : 'inherit';
  const child = spawn(program, args, {
    stdio: [options.isInteractive ? 'inherit' : 'ignore', output, output],
    env: { PATH: programPath, LC_ALL: 'C' },
  });
  const forward = (signal: NodeJS.Signals) => signalRuntime(child, signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
  for (const signal of signals) process.on(signal, forward);
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', (cause) => reject(new UnbakeError('runtime', `nsenter cannot be started: ${cause.message}`, { cause })));
      child.once('close', (exitCode, signal) => resolve(exitCode ?? (signal === null ? 1 : 137)));
    });
    // What the runtime has to say it has said on standard error.
    return { exitCode: code === 0 ? 0 : (startFailure(textOf(outside('log')))?.exitCode ?? code) };
  } finally {
    for (const signal of signals) process.removeListener(signal, forward);
    for (const kind of ['json', 'log']) rmSync(outside(kind), { force: true });
  }
}

/** nsenter would end by it and leave the runtime, which passes signals on, behind. */
function signalRuntime(nsenter: ChildProcess, signal: NodeJS.Signals): void {
  const [runtime] = processesBelow(nsenter.pid!);
  try {
    process.kill(runtime ?? nsenter.pid!, signal);
  } catch {
    // It has ended.
  }
}

/** The process for the runtime (runtime-spec, config.md, "Process"), with the names of users looked up in the container. */
function programToRun({ folder }: KeptContainer, pid: number, { args, env, isTty, user, workdir }: ExecOptions): OciProcess {
  const config = JSON.parse(readFileSync(privatePath(pid, folder, 'config.json'), 'utf8')) as RuntimeConfig;
  return execProcess(config, {
    args,
    env,
    isTty,
    ...(user === undefined ? {} : { user: userIn(privatePath(pid, folder, 'rootfs'), user) }),
    ...(workdir === undefined ? {} : { workdir }),
  });
}

function notRunning({ name }: KeptContainer): UnbakeError {
  return new UnbakeError('conflict', `container ${name} is not running`, { hint: 'unbake ps -a tells what became of it' });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // The container has ended, and its memory with it.
    return '';
  }
}
