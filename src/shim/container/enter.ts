// The way into the namespaces of a running container's supervisor, where its mounts, its process numbers and its runtime's state are.
import type { ProcessIdentity } from '../identity.ts';
import { requiredProgram } from '../runtime.ts';
import type { KeptContainer } from './record.ts';

/** A folder or file of the private file system of the container, as the machine sees it: the path needs the supervisor alive. */
export function privatePath(pid: number, folder: string, ...names: readonly string[]): string {
  return [`/proc/${pid}/root${folder}/private`, ...names].join('/');
}

/** The command line that calls the OCI runtime of the container with these arguments. Throws UnbakeError `runtime`. */
export function runtimeCommand({ folder, record }: KeptContainer, { pid }: ProcessIdentity, ...args: readonly string[]): readonly string[] {
  const nsenter = requiredProgram('nsenter', 'util-linux', 'talking to a running container');
  const user = record.isRootless ? ['--user', '--preserve-credentials'] : [];
  return [nsenter, `--target=${pid}`, ...user, '--mount', '--pid', '--', record.runtime, '--root', `${folder}/private/runtime`, ...args];
}
