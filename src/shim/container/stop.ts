// Ends containers: asked politely first, then not.
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Exit } from '../../model/container.ts';
import { isSystemError, UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';
import type { Home } from '../home.ts';
import { programPath } from '../runtime.ts';
import { isAttended, supervisorOf, witnessOf } from './attended.ts';
import { deleteContainer } from './delete.ts';
import { runtimeCommand } from './enter.ts';
import { type KeptContainer, markRemoval } from './record.ts';
import { stateOf } from './state.ts';

/** Sends a signal to the main process; false when it is not running. Throws UnbakeError `runtime` when the runtime refuses the signal. */
export async function signalContainer(container: KeptContainer, signal: string): Promise<boolean> {
  const supervisor = await supervisorOf(container);
  if (supervisor === undefined || (await stateOf(container)).kind !== 'running') return false;
  const [program, ...args] = runtimeCommand(container, supervisor, 'kill', container.record.id, signal);
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8', env: { PATH: programPath, LC_ALL: 'C' } });
  if (status === 0) return true;
  // It may have ended just now, which is recorded when its output is read.
  if (!(await isRunningAfter(container, 1000))) return false;
  throw new UnbakeError('runtime', `${printable(signal)} could not be sent to container ${container.name}: ${printable(stderr.trim()).slice(-300)}`);
}

/**
 * Its stop signal, up to `timeout` seconds (default: its own), and then the end of all its processes. Returns when everything is gone.
 * Throws UnbakeError `conflict` for one that is being made.
 */
export async function stopContainer(container: KeptContainer, timeout = container.record.stopTimeout): Promise<Exit | undefined> {
  if ((await stateOf(container)).kind === 'created') throw beingMade(container);
  if (await signalContainer(container, container.record.stopSignal)) {
    // A negative timeout waits for ever, as docker's does.
    if (await isRunningAfter(container, timeout < 0 ? Infinity : timeout * 1000)) await signalContainer(container, 'KILL');
  }
  if (!(await endOf(container, 5000))) await killContainer(container);
  const state = await stateOf(container);
  return state.kind === 'exited' ? state : undefined;
}

/** At once: the kernel ends what is below pid 1 of the container's namespace. Returns when everything is gone. */
export async function killContainer(container: KeptContainer): Promise<void> {
  const patience = Date.now() + 5000;
  while (Date.now() < patience + 5000) {
    const supervisor = await supervisorOf(container);
    const witness = await witnessOf(container);
    if (supervisor === undefined && witness === undefined) return;
    // It may not be there yet.
    if (supervisor !== undefined) kill(supervisor.pid);
    // It waits for a command that does not read what became of the container.
    else if (Date.now() > patience && (await stateOf(container)).kind === 'exited') kill(witness!.pid);
    await sleep(10);
  }
  throw new UnbakeError('runtime', `the processes of container ${container.name} do not end`, {
    hint: 'a process may hang in the kernel: ps -eo pid,stat,wchan,cmd tells',
  });
}

/** Throws UnbakeError `conflict` for a container that runs, unless it is to be killed. */
export async function removeContainer(home: Home, container: KeptContainer, options: { readonly isForced: boolean }): Promise<void> {
  // Before anything of it ends, by our hands or by those of another command that removes it.
  if (options.isForced) await markRemoval(container);
  const state = await stateOf(container);
  if (state.kind !== 'exited') {
    if (!options.isForced) {
      if (state.kind === 'created') throw beingMade(container);
      throw new UnbakeError('conflict', `container ${container.name} is running`, {
        hint: `stop it first: unbake stop ${container.name}, or unbake rm -f ${container.name}`,
      });
    }
    await killContainer(container);
  }
  if (!(await endOf(container, 5000))) await killContainer(container);
  await deleteContainer(container, home);
}

/** Waits until all processes of the container are gone; false when they are not after `milliseconds`. */
async function endOf(container: KeptContainer, milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  while (await isAttended(container)) {
    if (Date.now() > deadline) return false;
    await sleep(10);
  }
  return true;
}

async function isRunningAfter(container: KeptContainer, milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  while ((await stateOf(container)).kind === 'running') {
    if (Date.now() > deadline) return true;
    await sleep(20);
  }
  return false;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (thrown) {
    // Gone in between.
    if (!isSystemError(thrown, 'ESRCH')) throw thrown;
  }
}

function beingMade({ name }: KeptContainer): UnbakeError {
  return new UnbakeError('conflict', `container ${name} is being made`, { hint: `wait until it runs, or end that: unbake rm -f ${name}` });
}
