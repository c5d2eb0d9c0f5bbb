// What became of a container, read from what its processes wrote and from whether they are alive. The truth after a crash or a reboot too.
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Container, ContainerState, Exit, Health } from '../../model/container.ts';
import type { Home } from '../home.ts';
import { bootId, isAlive } from '../identity.ts';
import { isAttended, textIn } from './attended.ts';
import { removeCgroup } from './cgroup.ts';
import { startFailure } from './failure.ts';
import { deleteContainer } from './delete.ts';
import { isStillThere, type KeptContainer, keptContainers } from './record.ts';

/** Reads, and where everybody was killed before they could record the end, records it. */
export async function stateOf(container: KeptContainer): Promise<ContainerState> {
  const { folder, record } = container;
  const exit = await exitOf(container);
  if (exit !== undefined) return exit;
  if (await isAttended(container)) {
    const startedAt = await startOf(container);
    if (startedAt === undefined) return { kind: 'created' };
    const health = record.hasHealthcheck ? await healthOf(folder) : undefined;
    return { kind: 'running', startedAt, ...(health === undefined ? {} : { health }) };
  }
  if (isAlive(record.creator) && (await textIn(join(folder, 'witness'))) === undefined) return { kind: 'created' };
  // It may have ended, and have recorded it, between the two looks.
  return (await exitOf(container)) ?? (await recordUnseenEnd(container));
}

async function recordUnseenEnd(container: KeptContainer): Promise<Exit> {
  const { folder, record } = container;
  const how = record.creator.bootId !== bootId() ? 'rebooted' : (await startOf(container)) === undefined ? 'abandoned' : 'unseen';
  const line = `${how === 'abandoned' ? 125 : 137} - false ${how} ${record.id}`;
  try {
    // What took its name meanwhile has its own end.
    if (await isStillThere(container)) {
      await writeFile(join(folder, `exit.${process.pid}`), `${line}\n`, { mode: 0o600 });
      await rename(join(folder, `exit.${process.pid}`), join(folder, 'exit'));
    }
  } catch {
    // A full disk, or the folder was removed while we looked: what we tell is true all the same.
  }
  await removeCgroup(record.cgroup);
  return parseExit(container, line);
}

/** All containers as they are now. Those that were to be removed after their end, and whose end nobody saw, are removed. */
export async function listContainers(home: Home): Promise<{ readonly containers: readonly Container[]; readonly broken: readonly string[] }> {
  const { containers: kept, broken } = await keptContainers(home);
  const containers: Container[] = [];
  for (const container of kept) {
    const state = await stateOf(container);
    if (state.kind === 'exited' && container.record.isRemovedAfter && !(await isAttended(container)) && !isAlive(container.record.creator)) {
      await deleteContainer(container, home);
    } else if (await isStillThere(container)) containers.push(containerOf(container, state));
  }
  return { containers, broken };
}

export function containerOf({ name, record }: KeptContainer, state: ContainerState): Container {
  const { id, image, imageDigest, command, createdAt, ports, network } = record;
  return { id, name, image, imageDigest, command, createdAt, ports, network, state };
}

/** The program did not end by itself, or never ran. */
const whyEnded: Readonly<Record<string, string>> = {
  killed: 'its supervising process was killed',
  orphaned: 'its OCI runtime was killed',
  abandoned: 'the command that should have started it was killed',
  failed: 'its namespaces could not be set up',
  unseen: 'all processes of the shim were killed, so nobody saw it end',
  rebooted: 'the machine was restarted while it ran',
};

/** Undefined while it has not ended. */
async function exitOf(container: KeptContainer): Promise<Exit | undefined> {
  const [line = ''] = (await textIn(join(container.folder, 'exit')))?.split('\n') ?? [];
  return line.endsWith(` ${container.record.id}`) ? parseExit(container, line) : undefined;
}

/** The line that a script or `recordUnseenEnd` wrote: exit code, when it ended (`-`: unknown), out of memory, how, whose. */
async function parseExit(container: KeptContainer, line: string): Promise<Exit> {
  const [code, finishedAt, isOutOfMemory, how] = line.split(' ');
  const startedAt = await startOf(container);
  const times = { ...(startedAt === undefined ? {} : { startedAt }), ...(finishedAt === '-' ? {} : { finishedAt }) };
  const ended = { kind: 'exited', ...times, exitCode: Number(code), isOutOfMemory: isOutOfMemory === 'true' } as const;
  if (how !== 'ended') return { ...ended, error: whyEnded[how] ?? how };
  const failure = startedAt === undefined ? startFailure((await textIn(join(container.folder, 'runtime.log'))) ?? '') : undefined;
  return { ...ended, ...failure };
}

/** When the program began to run; undefined when it has not. */
async function startOf({ folder, record }: KeptContainer): Promise<string | undefined> {
  const [time, id] = (await textIn(join(folder, 'started')))?.trim().split(' ') ?? [];
  return id === record.id ? time : undefined;
}

async function healthOf(folder: string): Promise<Health> {
  try {
    const { status } = JSON.parse((await textIn(join(folder, 'health.json'))) ?? '') as { status: Health };
    return status;
  } catch {
    return 'starting';
  }
}
