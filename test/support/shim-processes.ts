// The processes of one container by what they do, so that a test can kill them; and what is left of containers that a test knows.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Machine } from './containers.ts';

export type Role = 'witness' | 'unshare' | 'supervisor' | 'runtime' | 'tend' | 'app';
export const roles: readonly Role[] = ['witness', 'unshare', 'supervisor', 'runtime', 'tend', 'app'];

/** Those that are there now; of the app its first process. A role whose process is not there yet, or any more, is missing. */
export function processesOf(machine: Machine, name: string): ReadonlyMap<Role, number> {
  const folder = join(machine.root, 'containers', name);
  const all = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => processAt(Number(pid)));
  const found = new Map<Role, number>();
  const supervisor = all.find(({ command }) => /^sh \S*\/supervise\.sh /.test(command) && command.includes(` ${folder} `));
  for (const { pid, command } of all) {
    if (/^sh \S*\/witness\.sh /.test(command) && command.includes(` ${folder} `)) found.set('witness', pid);
    if (command.startsWith('unshare ') && command.includes(`supervise.sh ${folder} `)) found.set('unshare', pid);
    if (command.includes(`--bundle ${folder}/private `)) found.set('runtime', pid);
    if (command.startsWith(`unbake-tend ${name}`) && pidNamespaceOf(pid) === (supervisor && pidNamespaceOf(supervisor.pid))) found.set('tend', pid);
  }
  if (supervisor) found.set('supervisor', supervisor.pid);
  const runtime = found.get('runtime');
  const app = all.find(({ parent, command }) => parent === runtime && !/\binit\b/.test(command));
  if (app) found.set('app', app.pid);
  return found;
}

export function kill(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  } catch {
    // It was faster.
  }
}

/** IDs of the containers that are there. */
export function containerIds(machine: Machine): readonly string[] {
  const containers = join(machine.root, 'containers');
  if (!existsSync(containers)) return [];
  return readdirSync(containers).flatMap((name) => {
    try {
      return [(JSON.parse(readFileSync(join(containers, name, 'container.json'), 'utf8')) as { id: string }).id];
    } catch {
      return [];
    }
  });
}

/** As Machine.assertNothingLeft, but for the cgroups of others: of those that the IDs name there must be none. */
export async function assertNothingLeftOf(machine: Machine, ids: Iterable<string>): Promise<void> {
  const ours = [...ids];
  const left = () => machine.left().filter((line) => !line.startsWith('cgroup ') || ours.some((id) => line.includes(id)));
  for (let tries = 0; tries < 100 && left().length > 0; tries++) await sleep(50);
  assert.deepEqual(left(), []);
}

export async function assertPortFree(port: number): Promise<void> {
  for (const host of ['127.0.0.1', '::1']) {
    const server = createServer();
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen({ port, host, exclusive: true }, resolve));
    await new Promise((resolve) => server.close(resolve));
  }
}

function processAt(pid: number): readonly { readonly pid: number; readonly parent: number; readonly command: string }[] {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return [{ pid, parent: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]), command }];
  } catch {
    return [];
  }
}

function pidNamespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}
