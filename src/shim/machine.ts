// What the machine is and can give: read from the kernel's own files.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { arch, cpus } from 'node:os';
import { capabilitiesInMask } from './spec/capabilities.ts';

/** The architecture in Go's spelling, which is an image's. */
export function machineArchitecture(): string {
  const names: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le', mipsel: 'mipsle' };
  const name = arch();
  return names[name] ?? name;
}

/** Emulators and the like that start programs of other machines (binfmt_misc). */
export function registeredInterpreters(): ReadonlySet<string> {
  const folder = '/proc/sys/fs/binfmt_misc';
  return new Set(existsSync(folder) ? readdirSync(folder) : []);
}

/** The capabilities that this process can hand on; undefined where the kernel does not tell. */
export function capabilityBound(): readonly string[] | undefined {
  const mask = /^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
  return mask === undefined ? undefined : capabilitiesInMask(mask);
}

export function processorCount(): number {
  return cpus().length;
}

/** False where the kernel was told not to count swap, as many were with cgroup version 1. */
export function canLimitSwap(cgroupVersion: 1 | 2): boolean {
  return cgroupVersion === 2 || existsSync('/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes');
}
