// The control group of a container: which version the machine has, and the way back to a machine without one.
import { existsSync } from 'node:fs';
import { readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';

const mountPoint = '/sys/fs/cgroup';

/** 2 where all controllers are in the unified hierarchy; 1 for the legacy and the hybrid layout, whose limits are set the old way (cgroups(7)). */
export function cgroupVersion(): 1 | 2 {
  return existsSync(join(mountPoint, 'cgroup.controllers')) ? 2 : 1;
}

/** Beside all others at the root of each hierarchy: a folder of ours above it would have to be removed by somebody, while others use it. */
export function cgroupOf(id: string): string {
  return `/unbake-${id}`;
}

/** In every hierarchy; nothing happens where it is gone. Processes in it keep it. */
export async function removeCgroup(cgroup: string): Promise<void> {
  if (cgroup === '') return;
  const hierarchies = await readdir(mountPoint).catch(() => []);
  for (const folder of [join(mountPoint, cgroup), ...hierarchies.map((name) => join(mountPoint, name, cgroup))]) await removeFolders(folder);
}

async function removeFolders(folder: string): Promise<void> {
  const inner = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of inner) if (entry.isDirectory()) await removeFolders(join(folder, entry.name));
  await rmdir(folder).catch(() => undefined);
}
