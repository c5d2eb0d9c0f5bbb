// The life of what is staged: written under a temporary name, then put in place or taken back. A janitor watches over it from before the
// first byte, so that a kill at any moment leaves nothing.
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UnbakeError } from '../model/error.ts';
import { printable } from '../model/printable.ts';
import { type Belongings, hireJanitor, type Janitor } from './janitor.ts';
import { reasonOf } from './write-error.ts';

export interface Staged {
  /** The temporary file or folder, complete; absolute. */
  readonly path: string;
  /** Puts it in place, once. When that fails everything is taken back, and what was at the target is there again, or the error says where it is. */
  commit(): Promise<void>;
  /** Takes everything back; the target is as it was. After a commit, or a second time, it does nothing. */
  discard(): Promise<void>;
}

export interface StagingSteps {
  readonly belongings: Belongings;
  /** What messages call the target. */
  readonly typed: string;
  /** Makes the temporary file or folder. */
  write(): Promise<void>;
  /** When it returns nothing temporary is left. */
  put(janitor: Janitor): Promise<void>;
}

/** Runs `write` and hands out the rest. When `write` throws everything is taken back. */
export async function staging({ belongings, typed, write, put }: StagingSteps): Promise<Staged> {
  const janitor = hireJanitor(belongings);
  const path = belongings.temporary;
  let isOpen = true;
  const discard = async () => {
    if (!isOpen) return;
    isOpen = false;
    await removeAll(path);
    janitor.dismiss();
  };
  const orTakeBack = async (work: Promise<void>) => {
    try {
      await work;
    } catch (thrown) {
      await discard().catch(() => undefined);
      throw thrown;
    }
  };
  await orTakeBack(write());
  return {
    path,
    discard,
    async commit() {
      if (!isOpen) throw new UnbakeError('io', `${printable(typed)} was put in place or taken back before`);
      await orTakeBack(put(janitor));
      isOpen = false;
      janitor.dismiss();
    },
  };
}

/** Removes a file or folder of ours, whatever it holds. */
export async function removeAll(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (cause) {
    throw new UnbakeError('io', `${printable(path)} cannot be removed: ${reasonOf(cause)}`, { hint: 'remove it yourself', cause });
  }
}

const longestKeptName = 200;

/** `.NAME.unbake-RANDOM` beside the target, so that a rename is all it takes; NAME is cut where the whole would be too long for a file system. */
export function temporaryNameFor(path: string): string {
  let name = basename(path);
  while (Buffer.byteLength(name) > longestKeptName) name = [...name].slice(0, -1).join('');
  return join(dirname(path), `.${name}.unbake-${randomBytes(6).toString('hex')}`);
}
