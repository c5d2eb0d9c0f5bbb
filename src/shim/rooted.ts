// Paths of an image on the machine that runs it: resolved as if the tree were the whole file system, without entering it. For trees that
// nobody changes meanwhile: a container that runs could put a link in place between the look and the use (read-in-root.ts is for those).
import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { printablePath } from '../model/entry.ts';
import { messageOf, UnbakeError } from '../model/error.ts';
import { printable } from '../model/printable.ts';

export interface Resolved {
  /** Below the root; its parents are directories and no links, as far as they are there. */
  readonly path: Buffer;
  /** What is there now; undefined when nothing is, or a parent is missing or no directory. */
  readonly stats: Stats | undefined;
}

/** Links on the way to one path; Linux itself follows 40. */
export const mostLinks = 255;

/**
 * Where a path of the image leads: links are followed inside the root only, absolute ones start there and `..` stops there. `path` is
 * latin1, as `Entry.path`; with `follow: false` a link at its end is kept. Throws UnbakeError `damaged` for a circle of links and for a
 * name with a NUL, `io` when the system refuses a look.
 */
export function resolveInRoot(root: string, path: string, options: { readonly follow: boolean }): Resolved {
  if (path.includes('\0')) throw new UnbakeError('damaged', `the path ${printablePath(path)} of the image has a NUL in it`);
  const prefix = Buffer.from(root).toString('latin1');
  const bytesOf = (names: readonly string[]) => Buffer.from([prefix, ...names].join('/'), 'latin1');
  const real: string[] = [];
  const waiting = namesOf(path).reverse();
  let links = 0;
  let stats: Stats | undefined = look(bytesOf(real), path);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name === '..') real.pop();
    else real.push(name);
    const at = bytesOf(real);
    stats = look(at, path);
    if (stats?.isSymbolicLink() !== true || (waiting.length === 0 && !options.follow)) continue;
    if (++links > mostLinks) {
      throw new UnbakeError('damaged', `the path ${printablePath(path)} of the image leads through more than ${mostLinks} symbolic links`, {
        hint: 'they may lead in a circle: look at them with unbake scan, or in the Dockerfile',
      });
    }
    const target = targetOf(at, path);
    real.pop();
    if (target.startsWith('/')) real.length = 0;
    waiting.push(...namesOf(target).reverse());
  }
  return { path: bytesOf(real), stats };
}

export function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

function look(at: Buffer, path: string): Stats | undefined {
  try {
    return lstatSync(at, { throwIfNoEntry: false });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENAMETOOLONG' || code === 'ENOTDIR') return undefined;
    throw new UnbakeError('io', `the path ${printablePath(path)} of the image cannot be looked at: ${printable(messageOf(cause))}`, { cause });
  }
}

function targetOf(at: Buffer, path: string): string {
  try {
    return readlinkSync(at, 'latin1');
  } catch (cause) {
    throw new UnbakeError('io', `the path ${printablePath(path)} of the image cannot be looked at: ${printable(messageOf(cause))}`, { cause });
  }
}
