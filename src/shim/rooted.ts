// Paths of an image on the machine that runs it: resolved as if the tree were the whole file system, without entering it. For trees that
// nobody changes meanwhile: a container that runs could put a link in place between the look and the use.
import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, readSync, type Stats } from 'node:fs';
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
const mostLinks = 255;

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
    const target = readlinkSync(at, 'latin1');
    real.pop();
    if (target.startsWith('/')) real.length = 0;
    waiting.push(...namesOf(target).reverse());
  }
  return { path: bytesOf(real), stats };
}

/**
 * The content of a regular file of the image; undefined when it is not there, or is anything else. Throws UnbakeError `limit` when it is
 * larger than `atMost` bytes, and as `resolveInRoot` does.
 */
export function readFileInRoot(root: string, path: string, atMost: number): Buffer | undefined {
  const found = resolveInRoot(root, path, { follow: true });
  if (found.stats?.isFile() !== true) return undefined;
  let file: number | undefined;
  try {
    // Not blocking: what was a file a moment ago may be a fifo now.
    file = openSync(found.path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if (!fstatSync(file).isFile()) return undefined;
    const content = Buffer.alloc(Math.min(atMost, fstatSync(file).size) + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < content.length; length += read) read = readSync(file, content, length, content.length - length, null);
    if (length > atMost) throw new UnbakeError('limit', `the file ${printablePath(path)} of the image is larger than ${atMost} bytes`);
    return content.subarray(0, length);
  } catch (cause) {
    if (cause instanceof UnbakeError) throw cause;
    throw new UnbakeError('io', `the file ${printablePath(path)} of the image cannot be read: ${printable(messageOf(cause))}`, { cause });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function namesOf(path: string): string[] {
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
