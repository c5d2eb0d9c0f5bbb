// A folder under a temporary name, put in the place of nothing, of an empty folder, or of an earlier one that is then removed.
import { chmod, mkdir, readdir, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isSystemError, messageOf, UnbakeError } from '../model/error.ts';
import { printable } from '../model/printable.ts';
import type { Janitor } from './janitor.ts';
import { removeAll, type Staged, staging, temporaryNameFor } from './staging.ts';
import { syncFolder } from './write-bytes.ts';
import { writeError } from './write-error.ts';
import { type WriteTarget, writeTargetOf } from './write-target.ts';

export interface FolderPlan {
  readonly target: WriteTarget;
  /** Private: its owner's alone (0700), from the beginning. Otherwise as the umask says, or as the folder that stood there. */
  readonly isPrivate: boolean;
  /** Fills the folder, which exists. */
  fill(path: string): Promise<void>;
  /** Present when a folder that is not empty may be replaced. Called right before that happens: it throws when the folder has changed. */
  readonly checkReplaced?: () => Promise<void>;
}

/**
 * Throws UnbakeError `usage` when something else is at the target. No portable call exchanges two folders: for a moment the target has
 * no name, and whoever dies in that moment has it put back by the janitor.
 */
export async function stagedFolder({ target, isPrivate, fill, checkReplaced }: FolderPlan): Promise<Staged> {
  const { typed } = target;
  const isReplaced = await isOccupied(target);
  if (isReplaced && checkReplaced === undefined) throw occupied(typed);
  const temporary = temporaryNameFor(target.path);
  const earlier = `${temporary}-earlier`;
  return staging({
    belongings: { temporary, ...(isReplaced ? { exchange: { target: target.path, earlier } } : {}) },
    typed,
    async write() {
      await mkdir(temporary, isPrivate ? 0o700 : 0o777).catch(refused(typed));
      await fill(temporary);
      await syncFolder(temporary);
    },
    async put(janitor) {
      if (target.kind === 'folder' && !isPrivate) await chmod(temporary, target.stats.mode & 0o777).catch(refused(typed));
      if (isReplaced) {
        await checkReplaced?.();
        await exchange(temporary, target.path, earlier, typed, janitor);
      } else {
        await rename(temporary, target.path).catch(refused(typed));
      }
      await syncFolder(dirname(target.path));
      if (isReplaced) await removeEarlier(earlier, typed);
    },
  });
}

/** Throws what staging a new folder there would throw, before anything is done for it. */
export async function assertFree(typed: string): Promise<void> {
  if (await isOccupied(await writeTargetOf(typed))) throw occupied(typed);
}

async function isOccupied({ kind, typed, path }: WriteTarget): Promise<boolean> {
  if (kind === 'file' || kind === 'stream')
    throw new UnbakeError('usage', `${printable(typed)} is no folder`, { hint: 'name a folder that does not exist yet' });
  return kind === 'folder' && (await readdir(path).catch(refused(typed))).length > 0;
}

function occupied(typed: string): UnbakeError {
  return new UnbakeError('usage', `the folder ${printable(typed)} is not empty`, { hint: 'name a folder that does not exist yet, or an empty one' });
}

async function exchange(temporary: string, target: string, earlier: string, typed: string, janitor: Janitor): Promise<void> {
  await rename(target, earlier).catch(refused(typed));
  try {
    await rename(temporary, target);
  } catch (cause) {
    try {
      await rename(earlier, target);
    } catch {
      // The only copy of what stood there must not look like a leftover.
      janitor.dismiss();
      throw new UnbakeError('io', `something else was put at ${printable(typed)} meanwhile: what stood there before is now ${printable(earlier)}`, {
        hint: 'move it back yourself',
        cause,
      });
    }
    throw refusal(typed, cause);
  }
}

async function removeEarlier(earlier: string, typed: string): Promise<void> {
  try {
    await removeAll(earlier);
  } catch (cause) {
    throw new UnbakeError('io', `${printable(typed)} is in place, but what stood there before is still on the disk: ${messageOf(cause)}`, {
      hint: 'remove it yourself',
      cause,
    });
  }
}

function refused(typed: string): (cause: unknown) => never {
  return (cause) => {
    throw refusal(typed, cause);
  };
}

function refusal(typed: string, cause: unknown): UnbakeError {
  if (!isSystemError(cause, 'ENOTEMPTY', 'EEXIST')) return writeError(typed, cause);
  return new UnbakeError('io', `something else was put at ${printable(typed)} meanwhile`, { hint: 'name a folder that does not exist yet', cause });
}
