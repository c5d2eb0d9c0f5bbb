// What became of a container, read from what its processes wrote and from whether they are alive. The truth after a crash or a reboot too.
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Container, ContainerState, Exit, Health } from '../../model/container.ts';
import { isSystemError } from '../../model/error.ts';
import type { Home } from '../home.ts';
import { bootId, isAlive, parseIdentity, type ProcessIdentity } from '../identity.ts';
import { startFailure } from './failure.ts';
import { deleteContainer, type KeptContainer, keptContainers } from './record.ts';
import { removeCgroup } from './cgroup.ts';

/** pid 1 of the container's namespaces, by the number that the machine knows it by; undefined when it is gone. */
export async function supervisorOf({ folder }: KeptContainer): Promise<ProcessIdentity | undefined> {
  return aliveIn(join(folder, 'supervisor'));
}

/** True until all processes that belong to the container are gone, and have recorded what they know. */
export async function isAttended(container: KeptContainer): Promise<boolean> {
  return (await supervisorOf(container)) !== undefined || (await aliveIn(join(container.folder, 'witness'))) !== undefined;
}

/** Reads, and where everybody was killed before they could record the end, records it. */
export async function stateOf(container: KeptContainer): Promise<ContainerState> {
  const { folder, record } = container;
  const exit = await exitOf(folder);
  if (exit !== undefined) return exit;
  if (await isAttended(container)) {
    const startedAt = await textIn(join(folder, 'started'));
    if (startedAt === undefined) return { kind: 'created' };
    const health = record.hasHealthcheck ? await healthOf(folder) : undefined;
    return { kind: 'running', startedAt: startedAt.trim(), ...(health === undefined ? {} : { health }) };
  }
  if (isAlive(record.creator) && (await textIn(join(folder, 'witness'))) === undefined) return { kind: 'created' };
  // It may have ended, and have recorded it, between the two looks.
  return (await exitOf(folder)) ?? (await recordUnseenEnd(container));
}

async function recordUnseenEnd({ folder, record }: KeptContainer): Promise<Exit> {
  const startedAt = (await textIn(join(folder, 'started')))?.trim() ?? '-';
  const why = record.creator.bootId === bootId() ? 'unseen' : 'rebooted';
  const temporary = join(folder, `exit.${process.pid}`);
  try {
    await writeFile(temporary, `137 - ${startedAt} false ${why}\n`, { mode: 0o600 });
    await rename(temporary, join(folder, 'exit'));
  } catch (thrown) {
    // The container was removed while we looked.
    if (!isSystemError(thrown, 'ENOENT')) throw thrown;
  }
  await removeCgroup(record.cgroup);
  return (await exitOf(folder)) ?? { kind: 'exited', exitCode: 137, isOutOfMemory: false };
}

/** All containers as they are now. Those that were to be removed after their end, and whose end nobody saw, are removed. */
export async function listContainers(home: Home): Promise<{ readonly containers: readonly Container[]; readonly broken: readonly string[] }> {
  const { containers: kept, broken } = await keptContainers(home);
  const containers: Container[] = [];
  for (const container of kept) {
    const state = await stateOf(container);
    if (state.kind === 'exited' && container.record.isRemovedAfter && !(await isAttended(container)) && !isAlive(container.record.creator)) {
      await deleteContainer(container, home);
    } else containers.push(containerOf(container, state));
  }
  return { containers, broken };
}

export function containerOf({ name, record }: KeptContainer, state: ContainerState): Container {
  const { id, image, imageDigest, command, createdAt, ports, network } = record;
  return { id, name, image, imageDigest, command, createdAt, ports, network, state };
}

const whyKilled: Readonly<Record<string, string>> = {
  killed: 'its supervising process was killed',
  unseen: 'all processes of the shim were killed, so nobody saw it end',
  rebooted: 'the machine was restarted while it ran',
};

/** Of the line that a script or `recordUnseenEnd` wrote: exit code, when it ended and started (`-`: unknown), out of memory, how. */
async function exitOf(folder: string): Promise<Exit | undefined> {
  const [code, finishedAt, startedAt, isOutOfMemory, how] = (await textIn(join(folder, 'exit')))?.trim().split(' ') ?? [];
  if (how === undefined) return undefined;
  const times = { ...(startedAt === '-' ? {} : { startedAt }), ...(finishedAt === '-' ? {} : { finishedAt }) };
  const ended = { kind: 'exited', ...times, exitCode: Number(code), isOutOfMemory: isOutOfMemory === 'true' } as const;
  const failure = how === 'ended' && startedAt === '-' ? startFailure((await textIn(join(folder, 'runtime.log'))) ?? '') : undefined;
  if (failure !== undefined) return { ...ended, ...failure };
  return how === 'ended' ? ended : { ...ended, error: whyKilled[how] ?? how };
}

async function healthOf(folder: string): Promise<Health> {
  try {
    const { status } = JSON.parse((await textIn(join(folder, 'health.json'))) ?? '') as { status: Health };
    return status;
  } catch {
    return 'starting';
  }
}

async function aliveIn(file: string): Promise<ProcessIdentity | undefined> {
  const identity = parseIdentity((await textIn(file)) ?? '');
  return identity !== undefined && isAlive(identity) ? identity : undefined;
}

async function textIn(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (thrown) {
    if (isSystemError(thrown, 'ENOENT', 'ENOTDIR')) return undefined;
    throw thrown;
  }
}
