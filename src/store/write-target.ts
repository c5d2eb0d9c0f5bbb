// Where a path that is to be written leads: symbolic links are followed to their end, as the shell's `>` does, also to what is not there yet.
import { constants, type Stats } from 'node:fs';
import { lstat, open, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { isSystemError, UnbakeError } from '../model/error.ts';
import { printable } from '../model/printable.ts';
import { writeError } from './write-error.ts';

/** `path` is absolute and free of links; `typed` is what messages call it. */
export type WriteTarget = { readonly typed: string; readonly path: string } & (
  | { readonly kind: 'new' }
  | { readonly kind: 'file' | 'folder'; readonly stats: Stats }
  /** A device, a named pipe, or what a process has open: written into, never replaced. */
  | { readonly kind: 'stream'; readonly stats: Stats }
);

const mostLinks = 40;

/** Throws UnbakeError `usage` when the folder around it is missing, `io` when it may not be written. Nothing is changed. */
export async function writeTargetOf(typed: string): Promise<WriteTarget> {
  try {
    let path = isAbsolute(typed) ? typed : `${process.cwd()}/${typed}`;
    for (let links = 0; links < mostLinks; links++) {
      const parent = await realpath(dirname(path));
      const own = join(parent, basename(path));
      const stats = await statsOf(own);
      if (stats === undefined) return { kind: 'new', typed, path: own };
      if (stats.isDirectory()) return { kind: 'folder', typed, path: own, stats };
      // Such links only look like links: the path that they show may not exist.
      if (stats.isSymbolicLink() && /^\/proc\/[^/]+(?:\/task\/[^/]+)?\/fd$/.test(parent)) {
        return { kind: 'stream', typed, path: own, stats: await stat(own) };
      }
      if (!stats.isSymbolicLink()) {
        if (!stats.isFile()) return { kind: 'stream', typed, path: own, stats };
        // Only a rename is needed, but a file that may not be written is not meant to be.
        await (await open(own, constants.O_WRONLY)).close();
        return { kind: 'file', typed, path: own, stats };
      }
      const link = await readlink(own);
      path = isAbsolute(link) ? link : `${parent}/${link}`;
    }
  } catch (cause) {
    throw writeError(typed, cause);
  }
  throw new UnbakeError('usage', `${printable(typed)} cannot be written: its symbolic links lead in a circle`, { hint: 'choose another path' });
}

async function statsOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (thrown) {
    if (isSystemError(thrown, 'ENOENT')) return undefined;
    throw thrown;
  }
}
