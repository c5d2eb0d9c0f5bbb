// Removes a tree of an image: any name, any mode, and never through a link.
import { chmodSync, lstatSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { isSystemError, UnbakeError } from '../../model/error.ts';
import { runProgram } from './programs.ts';

/**
 * `path` is latin1; nothing happens when nothing is there. `removed` is told each path, children first. Folders that their owner may not
 * change are opened for it, so it works without root too. Throws errors of the system as they are.
 */
export function removeTree(path: string, removed: (path: string) => void = () => undefined): void {
  const bytes = Buffer.from(path, 'latin1');
  const stats = lstatSync(bytes, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (stats.isDirectory()) {
    if ((stats.mode & 0o700) !== 0o700) chmodSync(bytes, 0o700);
    for (const name of readdirSync(bytes, 'latin1')) removeTree(`${path}/${name}`, removed);
    rmdirSync(bytes);
  } else {
    unlinkSync(bytes);
  }
  removed(path);
}

/** The same for a path as Node has it. What a program made deeper than any path reaches goes too. */
export function removeTreeAt(path: string): void {
  try {
    removeTree(Buffer.from(path).toString('latin1'));
  } catch (thrown) {
    if (!isSystemError(thrown, 'ENAMETOOLONG')) throw thrown;
    const { isDone, complaint } = runProgram('rm', ['-rf', '--', path], '/');
    if (!isDone) throw new UnbakeError('io', `a folder that is deeper than a path may be long cannot be removed: ${complaint}`, { cause: thrown });
  }
}
