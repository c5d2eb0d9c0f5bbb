// One command at a time changes the index of the store. The lock is a file that names its holder, and it outlives nobody: where the holder
// is dead, the next one takes its place in a file that is named for the dead one's turn, which only one can make.
import { randomBytes } from 'node:crypto';
import { link, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSystemError, UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';
import { writeError } from '../../store/write-error.ts';
import { type Holder, isGone, nameFor, ownHolder, parseHolderName } from './holder.ts';

export interface LockOptions {
  /** Milliseconds to wait for other commands. */
  readonly patience?: number;
  readonly signal?: AbortSignal;
}

const defaultPatience = 30_000;
const pollMilliseconds = 20;

/** A turn: the name of the holder with a random end, written in the file. No two are the same, ever. */
type Turn = string;

/**
 * Runs the work while nobody else has the lock of this folder, which exists. Throws UnbakeError `conflict`, with the holder's process,
 * when a living one does not give it up in time.
 */
export async function locked<T>(folder: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  const places = await acquired(folder, options);
  try {
    return await work();
  } finally {
    // The first one first: who finds it gone knows that the others mean nothing any more.
    for (const place of places) await rm(place, { force: true });
  }
}

/** The files that are to go when the lock is given back. */
async function acquired(folder: string, { patience = defaultPatience, signal }: LockOptions): Promise<readonly string[]> {
  const turn = nameFor(ownHolder(), randomBytes(8).toString('hex'));
  const own = join(folder, turn);
  const lock = join(folder, 'lock');
  const deadline = performance.now() + patience;
  try {
    await writeFile(own, turn, { flag: 'wx', mode: 0o600 });
    for (;;) {
      signal?.throwIfAborted();
      const attempt = await attempted(folder, own, lock);
      if ('places' in attempt) {
        await sweep(folder, attempt.places);
        return attempt.places;
      }
      if (performance.now() > deadline && attempt.holder !== undefined) throw busy(folder, attempt.holder, lock);
      await sleep(pollMilliseconds);
    }
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw writeError(folder, cause);
  } finally {
    await rm(own, { force: true });
  }
}

/** What the dead have left of their turns. */
async function sweep(folder: string, places: readonly string[]): Promise<void> {
  for (const name of await readdir(folder)) {
    const holder = parseHolderName(name);
    const isLeft = name.startsWith('after.') || (holder !== undefined && isGone(holder));
    if (isLeft && !places.includes(join(folder, name))) await rm(join(folder, name), { force: true });
  }
}

/** Whoever has the lock now, where that is somebody else: undefined when that changed while it was looked at. */
async function attempted(
  folder: string,
  own: string,
  lock: string,
): Promise<{ readonly places: readonly string[] } | { readonly holder: Holder | undefined }> {
  const places: string[] = [];
  const isDead = new Set<Turn>();
  let first: Turn | undefined;
  for (let place = lock; ;) {
    if (await isLinked(own, place)) {
      // The dead one's lock may have been taken over and given back since it was read: then this is a place behind nobody.
      if (first === undefined || (await turnAt(lock)) === first) return { places: [...places, place] };
      await rm(place, { force: true });
      return { holder: undefined };
    }
    const turn = await turnAt(place);
    if (turn === undefined) return { holder: undefined };
    const holder = parseHolderName(turn);
    if (holder !== undefined && !isGone(holder)) return { holder };
    if (isDead.has(turn)) return { holder: undefined };
    isDead.add(turn);
    first ??= turn;
    places.push(place);
    place = join(folder, `after.${turn}`);
  }
}

/** Files are written before they get this name: one that names no holder was lost with the machine. */
async function turnAt(place: string): Promise<Turn | undefined> {
  try {
    const text = await readFile(place, 'latin1');
    if (parseHolderName(text) !== undefined) return text;
    const { ino, mtimeMs } = await stat(place);
    return `lost-${ino}-${mtimeMs}`;
  } catch (thrown) {
    if (isSystemError(thrown, 'ENOENT')) return undefined;
    throw thrown;
  }
}

async function isLinked(own: string, place: string): Promise<boolean> {
  try {
    await link(own, place);
    return true;
  } catch (thrown) {
    if (isSystemError(thrown, 'EEXIST')) return false;
    throw thrown;
  }
}

function busy(folder: string, { pid }: Holder, lock: string): UnbakeError {
  return new UnbakeError('conflict', `the image store ${printable(folder)} is in use by process ${pid}, which does not give it up`, {
    hint: `wait for it, or end it; where no such process can be, remove ${printable(lock)}`,
  });
}
