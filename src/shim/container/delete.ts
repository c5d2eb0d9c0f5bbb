// Takes what is kept of a container away: its name at once, by a rename, and then the files. What is killed on the way is swept later.
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError, messageOf, UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';
import type { Home } from '../home.ts';
import { removeTreeAt } from '../layers/remove-tree.ts';
import { sweepTemporaryFolders, temporaryPath } from '../layers/temporary-folder.ts';
import { removeCgroup } from './cgroup.ts';
import { isAttendedFolder } from './attended.ts';
import { isStillThere, keptContainers, type KeptContainer } from './record.ts';

/** For a container of which no process is left. Nothing happens when it is gone, or its name another's. Throws UnbakeError `io`. */
export async function deleteContainer(container: KeptContainer, home: Home): Promise<void> {
  await removeCgroup(container.record.cgroup);
  if (await isStillThere(container)) await removeFolder(home, container.name);
}

/** Removes what commands left that were killed while they made or removed a container, and what nobody can read and nobody attends. */
export async function sweepContainers(home: Home): Promise<void> {
  try {
    sweepTemporaryFolders(home.containers);
  } catch (cause) {
    throw new UnbakeError('io', `what is left of an earlier run cannot be removed: ${printable(messageOf(cause))}`, { cause });
  }
  for (const name of (await keptContainers(home)).broken) {
    if (!(await isAttendedFolder(join(home.containers, name)))) await removeFolder(home, name);
  }
}

async function removeFolder(home: Home, name: string): Promise<void> {
  const gone = temporaryPath(home.containers, 'old');
  try {
    await rename(join(home.containers, name), gone);
    removeTreeAt(gone);
  } catch (cause) {
    // Somebody else was faster.
    if (isSystemError(cause, 'ENOENT')) return;
    throw new UnbakeError('io', `container ${printable(name)} cannot be removed: ${printable(messageOf(cause))}`, {
      hint: 'unbake prune tries it again',
      cause,
    });
  }
}
