// What is kept of a container on disk: one folder, called like it, so that a name is taken by the rename that brings the folder.
import { randomBytes } from 'node:crypto';
import { type Dirent, existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PublishedPort } from '../../model/container.ts';
import { type Digest, isDigest } from '../../model/digest.ts';
import { isSystemError, messageOf, UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';
import type { Home } from '../home.ts';
import { identityOf, type ProcessIdentity } from '../identity.ts';
import { temporaryPath } from '../layers/temporary-folder.ts';

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
const removalMark = 'removal';
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

/** Says to the command that may still be making the container that its end is meant. */
export async function markRemoval({ folder }: KeptContainer): Promise<void> {
  // On a full disk, or when somebody else is faster, it is removed all the same.
  await writeFile(join(folder, removalMark), '').catch(() => undefined);
}

export function isBeingRemoved({ folder }: KeptContainer): boolean {
  return existsSync(join(folder, removalMark));
}

/** Takes the name: throws UnbakeError `conflict` when it is taken, whoever was faster. */
export async function createContainer(home: Home, name: string, record: ContainerRecord): Promise<KeptContainer> {
  const folder = join(home.containers, name);
  const made = temporaryPath(home.containers, 'new');
  try {
    await mkdir(made, { mode: 0o700 });
    for (const inner of ['private', 'upper', 'work', 'layers']) await mkdir(join(made, inner), { mode: 0o700 });
    await writeFile(join(made, recordFile), `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });
    // Room for the end, written over in place: the disk may be full by then.
    await writeFile(join(made, 'exit.new'), ' '.repeat(255), { mode: 0o600 });
    // Renaming a folder onto one that holds anything fails.
    await rename(made, folder);
  } catch (cause) {
    await rm(made, { recursive: true, force: true });
    if (!isSystemError(cause, 'ENOTEMPTY', 'EEXIST')) {
      throw new UnbakeError('io', `the folder of container ${name} cannot be made in ${printable(home.containers)}: ${messageOf(cause)}`, {
        hint: isSystemError(cause, 'ENOSPC', 'EDQUOT') ? 'unbake prune gives room back; or name another folder with --root' : undefined,
        cause,
      });
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

/** False when it was removed, even if another container has its name now. */
export async function isStillThere({ folder, record }: KeptContainer): Promise<boolean> {
  return (await readRecord(folder))?.id === record.id;
}

async function foldersIn(folder: string): Promise<readonly Dirent[]> {
  return (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory());
}

async function readRecord(folder: string): Promise<ContainerRecord | undefined> {
  try {
    const record: unknown = JSON.parse(await readFile(join(folder, recordFile), 'utf8'));
    return isRecord(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Written by us, but on a disk that may have lost power, and within reach of its owner. */
function isRecord(value: unknown): value is ContainerRecord {
  const record = (value ?? {}) as Partial<Record<keyof ContainerRecord, unknown>>;
  const isText = (...names: readonly (keyof ContainerRecord)[]) => names.every((name) => typeof record[name] === 'string');
  const creator = (record.creator ?? {}) as Partial<Record<keyof ProcessIdentity, unknown>>;
  return (
    record.schemaVersion === 1 &&
    isText('id', 'image', 'command', 'createdAt', 'network', 'stopSignal', 'cgroup', 'runtime') &&
    /^[0-9a-f]{64}$/.test(String(record.id)) &&
    [record.imageDigest, record.configDigest].every((digest) => typeof digest === 'string' && isDigest(digest)) &&
    [record.layers, record.ports].every(Array.isArray) &&
    Number.isFinite(record.stopTimeout) &&
    Number.isSafeInteger(creator.pid) &&
    typeof creator.startTime === 'string' &&
    typeof creator.bootId === 'string'
  );
}

/** The running command, as the maker of a container. */
export function ourIdentity(): ProcessIdentity {
  return identityOf(process.pid)!;
}
