// Whose a lock or a temporary file is: told from its process, so that what the dead leave behind is known as such.
import { readlinkSync } from 'node:fs';
import { bootId, identityOf, isAlive, type ProcessIdentity } from '../identity.ts';

export interface Holder extends ProcessIdentity {
  /** Process numbers mean something in one of these only. */
  readonly pidNamespace: string;
}

export function ownHolder(): Holder {
  const identity = identityOf(process.pid) ?? { pid: process.pid, startTime: '0', bootId: bootId() };
  return { ...identity, pidNamespace: pidNamespace() };
}

/** False also where it cannot be known: of a process that another container runs. */
export function isGone(holder: Holder): boolean {
  if (holder.bootId !== bootId()) return true;
  return holder.pidNamespace === pidNamespace() && !isAlive(holder);
}

const nameForm = /^(\d+)\.(\d+)\.([0-9a-f-]+)\.(\d+)\.[0-9a-f]+$/;

/** A new name for a file of this holder; `parseHolderName` reads it back. */
export function nameFor({ pid, startTime, bootId: boot, pidNamespace: namespace }: Holder, random: string): string {
  return `${pid}.${startTime}.${boot}.${namespace}.${random}`;
}

export function parseHolderName(name: string): Holder | undefined {
  const match = nameForm.exec(name);
  if (match === null) return undefined;
  const [, pid, startTime, boot, namespace] = match;
  return { pid: Number(pid), startTime, bootId: boot, pidNamespace: namespace };
}

function pidNamespace(): string {
  return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
}
