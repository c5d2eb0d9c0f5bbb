// Ends containers: asked politely first, then not.
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Exit } from '../../model/container.ts';
import { UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';
import type { Home } from '../home.ts';
import { programPath } from '../runtime.ts';
import { runtimeCommand } from './enter.ts';
import { deleteContainer, type KeptContainer } from './record.ts';
import { isAttended, stateOf, supervisorOf } from './state.ts';

/** Sends a signal to the main process; false when it is not running. Throws UnbakeError `runtime` when the runtime refuses the signal. */
export async function signalContainer(container: KeptContainer, signal: string): Promise<boolean> {
  const supervisor = await supervisorOf(container);
  if (supervisor === undefined || (await stateOf(container)).kind !== 'running') return false;
  const [program, ...args] = runtimeCommand(container, supervisor, 'kill', container.record.id, signal);
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8', env: { PATH: programPath, LC_ALL: 'C' } });
  if (status === 0) return true;
  if ((await stateOf(container)).kind !== 'running') return false;
  throw new UnbakeError('runtime', `${printable(signal)} could not be sent to container ${container.name}: ${printable(stderr.trim()).slice(-300)}`);
}

/** Its stop signal, up to `timeout` seconds (default: its own), and then the end of all its processes. Returns when everything is gone. */
export async function stopContainer(container: KeptContainer, timeout = container.record.stopTimeout): Promise<Exit | undefined> {
  if (await signalContainer(container, container.record.stopSignal)) {
    const deadline = Date.now() + timeout * 1000;
    // A negative timeout waits for ever, as docker's does.
    while ((timeout < 0 || Date.now() < deadline) && (await stateOf(container)).kind === 'running') await sleep(20);
    if (await signalContainer(container, 'KILL')) await endOf(container, 5000);
  }
  if (!(await endOf(container, 5000))) await killContainer(container);
  const state = await stateOf(container);
  return state.kind === 'exited' ? state : undefined;
}

/** At once: the kernel ends what is below pid 1 of the container's namespace. Returns when everything is gone. */
export async function killContainer(container: KeptContainer): Promise<void> {
  const supervisor = await supervisorOf(container);
  if (supervisor !== undefined) {
    try {
      process.kill(supervisor.pid, 'SIGKILL');
    } catch {
      // Gone in between.
    }
  }
  if (await endOf(container, 10_000)) return;
  throw new UnbakeError('runtime', `the processes of container ${container.name} do not end`, {
    hint: 'a process may hang in the kernel: ps -eo pid,stat,wchan,cmd tells',
  });
}

/** Throws UnbakeError `conflict` for a container that runs, unless it is to be killed. */
export async function removeContainer(home: Home, container: KeptContainer, options: { readonly isForced: boolean }): Promise<void> {
  const state = await stateOf(container);
  if (state.kind !== 'exited') {
    if (!options.isForced) {
      throw new UnbakeError('conflict', `container ${container.name} is ${state.kind === 'running' ? 'running' : 'being made'}`, {
        hint: `stop it first: unbake stop ${container.name}, or unbake rm -f ${container.name}`,
      });
    }
    await killContainer(container);
  }
  await endOf(container, 10_000);
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
