// Whether a container has a program, looked up as the OCI runtime would do: so that what is missing is told in our words, not in the
// runtime's, which come to the same standard error as those of the program. A look and no promise: the container may change meanwhile.
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { printable } from '../../model/printable.ts';
import { resolveInRoot } from '../rooted.ts';
import { privatePath } from './enter.ts';

export interface NoProgram {
  /** As docker counts: 126 for what cannot be executed, 127 for what is not there. */
  readonly exitCode: 126 | 127;
  readonly error: string;
}

/** The root of the container with its volumes, as the machine sees it. `pid`: the supervisor, whose /proc numbers the container's processes. */
export function rootOfContainer(pid: number, folder: string): string {
  return `/proc/${pid}/root/proc/${Number.parseInt(readFileSync(privatePath(pid, folder, 'pid'), 'latin1'), 10)}/root`;
}

/** `name`: a path, or a name that is looked for in the PATH of `env`. Undefined: it is there, or only the runtime can tell. */
export function missingProgram(
  root: string,
  name: string,
  { env, cwd }: { readonly env: readonly string[]; readonly cwd: string },
): NoProgram | undefined {
  const path = env.findLast((entry) => entry.startsWith('PATH='))?.slice('PATH='.length) ?? '';
  const folders = name.includes('/') ? [cwd] : path.split(':');
  const found = folders.map((folder) => kindOf(root, posix.resolve(cwd, folder, name)));
  if (found.some((kind) => kind === 'program' || kind === 'unknown')) return undefined;
  if (name.includes('/') && found[0] !== 'nothing') {
    return { exitCode: 126, error: `${printable(name)} of the container is ${found[0] === 'folder' ? 'a folder' : 'not executable'}` };
  }
  return { exitCode: 127, error: `the container has no program ${printable(name)}${name.includes('/') ? '' : ` in its PATH (${printable(path)})`}` };
}

function kindOf(root: string, path: string): 'program' | 'file' | 'folder' | 'nothing' | 'unknown' {
  try {
    const { stats } = resolveInRoot(root, Buffer.from(path, 'utf8').toString('latin1'), { follow: true });
    if (stats === undefined) return 'nothing';
    if (stats.isDirectory()) return 'folder';
    return (stats.mode & 0o111) === 0 ? 'file' : 'program';
  } catch {
    return 'unknown';
  }
}
