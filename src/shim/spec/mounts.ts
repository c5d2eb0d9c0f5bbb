// What is mounted in a container: the kernel's file systems in docker's way, then what the shim and the user put in.
import type { OciMount } from './oci-config.ts';
import type { Network } from './request.ts';

export interface Bind {
  readonly source: string;
  readonly destination: string;
  readonly isReadOnly: boolean;
  readonly kind: 'etc' | 'volume' | 'vault';
}

export interface MountInput {
  readonly binds: readonly Bind[];
  readonly network: Network;
  readonly isRootless: boolean;
  /** Of the root file system. */
  readonly isReadOnly: boolean;
}

/** Hides what the kernel tells of the machine, or lets root do to it. Paths that are not there are passed over by the runtime. */
export function maskedPaths(cpuCount: number): readonly string[] {
  return [
    '/proc/acpi',
    '/proc/asound',
    '/proc/interrupts',
    '/proc/kcore',
    '/proc/keys',
    '/proc/latency_stats',
    '/proc/sched_debug',
    '/proc/scsi',
    '/proc/timer_list',
    '/proc/timer_stats',
    '/sys/devices/virtual/powercap',
    '/sys/firmware',
    ...Array.from({ length: cpuCount }, (_, index) => `/sys/devices/system/cpu/cpu${index}/thermal_throttle`),
  ];
}

export const readonlyPaths: readonly string[] = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

/**
 * In the order of `binds`, but what lies in a folder after what is mounted on that folder. A volume takes the place of a standard mount or of a file of `etc` at the
 * same path, as docker has it.
 */
export function mountsOf({ binds, network, isRootless, isReadOnly }: MountInput): readonly OciMount[] {
  const taken = new Set(binds.filter(({ kind }) => kind === 'volume').map(({ destination }) => destination));
  const standard = standardMounts(network, isRootless).filter(
    ({ destination }) => !taken.has(destination) && !(taken.has('/dev') && destination.startsWith('/dev/')),
  );
  const put = binds.filter(({ kind, destination }) => kind !== 'etc' || !taken.has(destination));
  return [...standard, ...put.toSorted((left, right) => depthOf(left) - depthOf(right)).map((bind) => bindMount(bind, isReadOnly))];
}

function standardMounts(network: Network, isRootless: boolean): readonly OciMount[] {
  return [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      // The group tty has no number in a namespace with one user.
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', ...(isRootless ? [] : ['gid=5'])],
    },
    // sysfs shows the network namespace, so it can be mounted only by who owns that: not by a rootless container in the machine's.
    isRootless && network === 'host'
      ? { destination: '/sys', type: 'bind', source: '/sys', options: ['rbind', 'nosuid', 'noexec', 'nodev', 'ro'] }
      : { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
    { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro', 'nosuid', 'noexec', 'nodev'] },
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
    { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=67108864'] },
  ];
}

function bindMount({ source, destination, isReadOnly, kind }: Bind, isRootReadOnly: boolean): OciMount {
  const ro = isReadOnly || (kind === 'etc' && isRootReadOnly) ? ['ro'] : [];
  const options = kind === 'vault' ? ['bind', 'private', 'nosuid', 'nodev', 'noexec', ...ro] : ['rbind', 'rprivate', ...ro];
  return { destination, type: 'bind', source, options };
}

function depthOf({ destination }: Bind): number {
  return destination.split('/').length;
}
