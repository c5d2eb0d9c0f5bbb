// The OCI runtime of the machine, and the other programs that the shim lets do what Node cannot.
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { UnbakeError } from '../model/error.ts';
import { printable } from '../model/printable.ts';

const runtimes = ['runc', 'crun', 'youki'];

/** Where root's programs are, which the PATH of other users and of hooks often leaves out. */
export const programPath = [
  ...new Set([...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/bin', '/bin']),
]
  .filter((folder) => folder.startsWith('/'))
  .join(delimiter);

/** Absolute path; `chosen` is a path or a name. Throws UnbakeError `runtime`. */
export function findRuntime(chosen: string | undefined): string {
  if (chosen !== undefined) {
    const found = chosen.includes('/') ? executableAt(resolve(chosen)) : findProgram(chosen);
    if (found !== undefined) return found;
    throw new UnbakeError('runtime', `--runtime ${printable(chosen)} is no program that can be executed`, {
      hint: 'name an OCI runtime: runc, crun, youki, or its path',
    });
  }
  for (const name of runtimes) {
    const found = findProgram(name);
    if (found !== undefined) return found;
  }
  throw new UnbakeError('runtime', 'no OCI runtime was found: neither runc nor crun nor youki is in the PATH', {
    hint: 'install one (apt-get install runc), or name it: --runtime PATH',
  });
}

export function findProgram(name: string): string | undefined {
  for (const folder of programPath.split(delimiter)) {
    const found = executableAt(join(folder, name));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Throws UnbakeError `runtime` that names the Debian package of what is missing. */
export function requiredProgram(name: string, packageName: string, what: string): string {
  const found = findProgram(name);
  if (found !== undefined) return found;
  throw new UnbakeError('runtime', `${name} was not found, which ${what} needs`, { hint: `install it: apt-get install ${packageName}` });
}

function executableAt(path: string): string | undefined {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile() ? path : undefined;
  } catch {
    return undefined;
  }
}
