// What is kept of a container on disk: one folder, called like it, so that a name is taken by the rename that brings the folder.
import { randomBytes } from 'node:crypto';
import { type Dirent } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PublishedPort } from '../../model/container.ts';
import { type Digest, isDigest } from '../../model/digest.ts';
import { isSystemError, messageOf, UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';
import type { Home } from '../home.ts';
import { identityOf, isAlive, type ProcessIdentity } from '../identity.ts';

/** Written once, before anything of the container exists. Holds no value of the environment and no argument: they may be secrets. */
export interface ContainerRecord {
  readonly schemaVersion: 1;
  /** 64 hexadecimal digits. */
  readonly id: string;
  readonly image: string;
  readonly imageDigest: Digest;
  readonly configDigest: Digest;
  /** diffIds, lowest first: layers that must stay unpacked. */
  readonly layers: readonly Digest[];
  readonly command: string;
  readonly createdAt: string;
  readonly ports: readonly PublishedPort[];
  readonly network: 'none' | 'host' | 'bridge';
  readonly stopSignal: string;
  /** Seconds. */
  readonly stopTimeout: number;
  readonly isRemovedAfter: boolean;
  readonly hasHealthcheck: boolean;
  /** Below the root of each cgroup hierarchy; '' where there is none. */
  readonly cgroup: string;
  /** Absolute path of the OCI runtime. */
  readonly runtime: string;
  readonly isRootless: boolean;
  readonly creator: ProcessIdentity;
}

/** A record and where it is. */
export interface KeptContainer {
  readonly name: string;
  readonly folder: string;
  readonly record: ContainerRecord;
}

const recordFile = 'container.json';
const nameForm = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/;

/** Throws UnbakeError `usage`: the form is docker's. */
export function assertContainerName(name: string): void {
  if (nameForm.test(name)) return;
  throw new UnbakeError('usage', `--name ${printable(name)} is no name for a container`, {
    hint: 'use letters, digits, _, . and -, a letter or digit first, at most 128 of them',
  });
}

export function newContainerId(): string {
  return randomBytes(32).toString('hex');
}

/** Takes the name: throws UnbakeError `conflict` when it is taken, whoever was faster. */
export async function createContainer(home: Home, name: string, record: ContainerRecord): Promise<KeptContainer> {
  const folder = join(home.containers, name);
  const made = join(home.containers, `.created-${record.id}`);
  await mkdir(made, { mode: 0o700 });
  try {
    for (const inner of ['private', 'upper', 'work', 'layers']) await mkdir(join(made, inner), { mode: 0o700 });
    await writeFile(join(made, recordFile), `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });
    // Renaming a folder onto one that holds anything fails.
    await rename(made, folder);
  } catch (cause) {
    await rm(made, { recursive: true, force: true });
    if (!isSystemError(cause, 'ENOTEMPTY', 'EEXIST')) {
      throw new UnbakeError('io', `the folder of container ${name} cannot be made in ${printable(home.containers)}: ${messageOf(cause)}`, { cause });
    }
    throw new UnbakeError('conflict', `the name ${name} is taken by another container`, {
      hint: `choose another --name, or remove that one: unbake rm -f ${name}`,
      cause,
    });
  }
  return { name, folder, record };
}

/** All containers, the newest first. A folder without a record that can be read is told by its name, in `broken`. */
export async function keptContainers(home: Home): Promise<{ readonly containers: readonly KeptContainer[]; readonly broken: readonly string[] }> {
  const containers: KeptContainer[] = [];
  const broken: string[] = [];
  for (const { name } of await foldersIn(home.containers)) {
    if (name.startsWith('.')) continue;
    const folder = join(home.containers, name);
    const record = await readRecord(folder);
    if (record !== undefined) containers.push({ name, folder, record });
    else if ((await foldersIn(home.containers)).some((entry) => entry.name === name)) broken.push(name);
  }
  containers.sort((a, b) => (a.record.createdAt < b.record.createdAt ? 1 : -1));
  return { containers, broken };
}

/** By name, id, or the beginning of an id. Throws UnbakeError `not-found`, and `usage` when several begin so. */
export async function findContainer(home: Home, reference: string): Promise<KeptContainer> {
  if (nameForm.test(reference)) {
    const folder = join(home.containers, reference);
    const record = await readRecord(folder);
    if (record !== undefined) return { name: reference, folder, record };
  }
  const { containers } = await keptContainers(home);
  const found = /^[0-9a-f]+$/.test(reference) ? containers.filter(({ record }) => record.id.startsWith(reference)) : [];
  if (found.length === 1) return found[0];
  if (found.length > 1) throw new UnbakeError('usage', `${reference} is the beginning of ${found.length} container IDs`, { hint: 'give more of it' });
  throw new UnbakeError('not-found', `there is no container ${printable(reference)}`, { hint: 'unbake ps -a lists all of them' });
}

/** Takes name and folder away at once, then deletes. */
export async function deleteContainer({ folder, name, record }: KeptContainer, home: Home): Promise<void> {
  const gone = join(home.containers, `.removed-${record.id}-${randomBytes(4).toString('hex')}`);
  try {
    await rename(folder, gone);
  } catch (cause) {
    // Somebody else was faster.
    if (isSystemError(cause, 'ENOENT')) return;
    throw new UnbakeError('io', `container ${name} cannot be removed: ${messageOf(cause)}`, { cause });
  }
  await removeTree(gone);
}

/** Removes what commands left that were killed while they made or removed a container. */
export async function sweepContainers(home: Home): Promise<void> {
  for (const { name } of await foldersIn(home.containers)) {
    const folder = join(home.containers, name);
    if (name.startsWith('.removed-')) await removeTree(folder);
    else if (name.startsWith('.created-')) {
      const record = await readRecord(folder);
      if (record === undefined || !isAlive(record.creator)) await removeTree(folder);
    }
  }
}

/** Also what is below directories that their owner may not write to. */
export async function removeTree(folder: string): Promise<void> {
  const options = { recursive: true, force: true, maxRetries: 3 } as const;
  try {
    await rm(folder, options);
  } catch (cause) {
    if (!isSystemError(cause, 'EACCES', 'EPERM')) throw ioError(folder, cause);
    await openUp(folder);
    await rm(folder, options).catch((again: unknown) => {
      throw ioError(folder, again);
    });
  }
}

async function openUp(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true })) if (entry.isDirectory()) await openUp(join(folder, entry.name));
}

function ioError(folder: string, cause: unknown): UnbakeError {
  return new UnbakeError('io', `${printable(folder)} cannot be removed: ${messageOf(cause)}`, { hint: 'unbake prune tries it again', cause });
}

async function foldersIn(folder: string): Promise<readonly Dirent[]> {
  return (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory());
}

async function readRecord(folder: string): Promise<ContainerRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(join(folder, recordFile), 'utf8')) as ContainerRecord;
    return record.schemaVersion === 1 && isDigest(record.imageDigest) && /^[0-9a-f]{64}$/.test(record.id) ? record : undefined;
  } catch {
    return undefined;
  }
}

/** The running command, as the maker of a container. */
export function ourIdentity(): ProcessIdentity {
  return identityOf(process.pid)!;
}
