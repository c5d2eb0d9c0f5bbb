// Which capabilities a container has (capabilities(7)): a small set, and what --cap-add and --cap-drop make of it.
import { UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';

/** In the kernel's order: the place is the number. */
export const allCapabilities: readonly string[] = (
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK ' +
  'IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE ' +
  'AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'
)
  .split(' ')
  .map((name) => `CAP_${name}`);

/** podman's: docker's without making devices, raw sockets and the audit log. */
export const defaultCapabilities: readonly string[] = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETPCAP',
  'CAP_NET_BIND_SERVICE',
  'CAP_SYS_CHROOT',
  'CAP_SETFCAP',
];

/** `CAP_CHOWN` for `chown`, `CHOWN` or `cap_chown`; `ALL` stays. Throws UnbakeError `usage` that names the flag and what is near. */
export function parseCapabilities(flag: '--cap-add' | '--cap-drop', names: readonly string[]): readonly string[] {
  return names.map((name) => {
    const upper = name.toUpperCase();
    if (upper === 'ALL') return upper;
    const full = upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
    if (allCapabilities.includes(full)) return full;
    const near = allCapabilities.filter((known) => isNear(known.slice(4), full.slice(4))).map((known) => known.slice(4));
    throw new UnbakeError('usage', `${flag} ${printable(name)} is not a capability`, {
      hint: near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'capabilities are listed in capabilities(7); ALL means every one',
    });
  });
}

/**
 * The capabilities after `--cap-add` and `--cap-drop`, as `parseCapabilities` gives them, in the kernel's order. `limit`: those that the machine can give, undefined
 * for all; the rest is left out, unless it is asked for by name: UnbakeError `unsupported`. A name both added and dropped is added, as with docker.
 */
export function capabilitiesAfter(added: readonly string[], dropped: readonly string[], limit?: readonly string[]): readonly string[] {
  if (added.includes('ALL') && dropped.includes('ALL')) {
    throw new UnbakeError('usage', '--cap-add ALL and --cap-drop ALL contradict each other', { hint: 'leave one out' });
  }
  const can = new Set(limit ?? allCapabilities);
  const missing = added.find((name) => name !== 'ALL' && !can.has(name));
  if (missing !== undefined) {
    throw new UnbakeError('unsupported', `--cap-add ${missing.slice(4)}: this machine does not have this capability to give`, {
      hint: 'leave it out, or run where root has it',
    });
  }
  const base = dropped.includes('ALL') ? [] : added.includes('ALL') ? allCapabilities : defaultCapabilities;
  const named = new Set(added);
  return allCapabilities.filter((name) => can.has(name) && (named.has(name) || (base.includes(name) && !dropped.includes(name))));
}

/** The names in a mask of /proc/PID/status, such as the hexadecimal number behind `CapBnd:`. */
export function capabilitiesInMask(hexadecimal: string): readonly string[] {
  const mask = BigInt(`0x${/^[0-9a-f]{1,16}$/i.test(hexadecimal.trim()) ? hexadecimal.trim() : '0'}`);
  return allCapabilities.filter((_, bit) => ((mask >> BigInt(bit)) & 1n) === 1n);
}

/** One holds the other, or they differ in a letter or two. */
function isNear(known: string, given: string): boolean {
  if (given.length < 3) return false;
  if (given.length < 30 && (known.includes(given) || given.includes(known))) return true;
  return Math.abs(known.length - given.length) <= 2 && distance(known, given) <= 2;
}

/** Letters to put in, take out or change. */
function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [at, letter] of [...left].entries()) {
    const next = [at + 1];
    for (let index = 0; index < right.length; index++) {
      next.push(Math.min(next[index]! + 1, row[index + 1]! + 1, row[index]! + (letter === right[index] ? 0 : 1)));
    }
    row = next;
  }
  return row[right.length]!;
}
