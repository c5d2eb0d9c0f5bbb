// Containers on disk without any process of theirs: what a crash, a reboot or a hand leaves.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest } from '../../../src/model/digest.ts';
import { type ContainerRecord, type KeptContainer, newContainerId, ourIdentity } from '../../../src/shim/container/record.ts';
import { homeAt, type Home } from '../../../src/shim/home.ts';
import { bootId, identityOf, type ProcessIdentity } from '../../../src/shim/identity.ts';

const digest: Digest = `sha256:${'a'.repeat(64)}`;

export const newHome = (folder: string): Promise<Home> => homeAt(join(folder, 'root'));

/** Made by this process, unless something else is said. */
export function aRecord(more: Partial<ContainerRecord> = {}): ContainerRecord {
  return {
    schemaVersion: 1,
    id: newContainerId(),
    image: 'web:1',
    imageDigest: digest,
    configDigest: digest,
    layers: [],
    command: 'httpd',
    createdAt: new Date().toISOString(),
    ports: [],
    network: 'none',
    stopSignal: 'SIGTERM',
    stopTimeout: 10,
    isRemovedAfter: false,
    hasHealthcheck: false,
    cgroup: '',
    runtime: '/usr/sbin/runc',
    isRootless: false,
    creator: ourIdentity(),
    ...more,
  };
}

/** A process that was there, and is not any more. */
export async function deadProcess(): Promise<ProcessIdentity> {
  const child = spawn('sleep', ['60']);
  const identity = identityOf(child.pid!)!;
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGKILL');
  await closed;
  return identity;
}

/** What `witness.sh` and `supervise.sh` write of themselves. */
export function writeIdentity({ folder, record }: KeptContainer, name: 'witness' | 'supervisor', identity: ProcessIdentity, id = record.id): void {
  const { pid, startTime, bootId: boot } = identity;
  const fields = ['S', 1, ...Array.from({ length: 17 }, () => 0), startTime, 0];
  writeFileSync(join(folder, name), `${boot}\n${pid} (a name) with ) in it) ${fields.join(' ')}\n${id}\n`);
}

export const anotherBoot = (identity: ProcessIdentity): ProcessIdentity => ({
  ...identity,
  bootId: bootId().replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
});
