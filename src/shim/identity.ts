// Which process a number means: numbers come again, together with the time of its start and the boot of the machine they do not (proc(5)).
import { readFileSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks between the boot and the start of the process. */
  readonly startTime: string;
  readonly bootId: string;
}

/** Of a process that is alive; undefined when there is none, or only what is left of it until its parent looks. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  try {
    return parseIdentity(`${bootId()}\n${readFileSync(`/proc/${pid}/stat`, 'latin1')}`);
  } catch {
    return undefined;
  }
}

export function isAlive({ pid, startTime, bootId: boot }: ProcessIdentity): boolean {
  const now = identityOf(pid);
  return now !== undefined && now.startTime === startTime && now.bootId === boot;
}

/** The boot ID, and the line of /proc/PID/stat on the next: as the scripts of a container write them. Undefined for anything else. */
export function parseIdentity(text: string): ProcessIdentity | undefined {
  const [boot = '', stat = ''] = text.split('\n');
  // The name of the program stands in brackets and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const pid = Number.parseInt(stat, 10);
  const [state] = fields;
  const startTime = fields[19];
  if (!Number.isSafeInteger(pid) || startTime === undefined || boot === '' || state === 'Z' || state === 'X') return undefined;
  return { pid, startTime, bootId: boot };
}

export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
}
