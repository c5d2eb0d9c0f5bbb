// Files of a container that runs: read name by name through open folders, so that whatever it puts in place meanwhile, nothing outside of its
// root is reached, and nothing but a regular file is opened.
import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from 'node:fs';
import { printablePath } from '../model/entry.ts';
import { isSystemError, messageOf, UnbakeError } from '../model/error.ts';
import { printable } from '../model/printable.ts';
import { mostLinks, namesOf } from './rooted.ts';

/** O_PATH (open(2)), which Node has no name for: a descriptor of whatever is there, that opens nothing. */
const pathOnly = 0o10000000;

/**
 * The content of a regular file, links followed as inside the root; undefined when it is not there, or is anything else. `path` is latin1.
 * Throws UnbakeError `limit` when it is larger than `atMost` bytes, `damaged` for a circle of links, `io`.
 */
export function readFileInRoot(root: string, path: string, atMost: number): Buffer | undefined {
  const opened: number[] = [];
  try {
    const found = locate(root, path, opened);
    if (found === undefined || !fstatSync(found).isFile()) return undefined;
    const file = openSync(`/proc/self/fd/${found}`, constants.O_RDONLY | constants.O_NONBLOCK);
    opened.push(file);
    const content = Buffer.alloc(Math.min(atMost, fstatSync(file).size) + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < content.length; length += read) read = readSync(file, content, length, content.length - length, null);
    if (length > atMost) throw new UnbakeError('limit', `the file ${printablePath(path)} of the image is larger than ${atMost} bytes`);
    return content.subarray(0, length);
  } catch (cause) {
    if (cause instanceof UnbakeError) throw cause;
    // Not there, or no longer what it was a moment ago.
    if (isSystemError(cause, 'ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'EINVAL')) return undefined;
    throw new UnbakeError('io', `the file ${printablePath(path)} of the image cannot be read: ${printable(messageOf(cause))}`, { cause });
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}

/** A descriptor of what the path leads to; undefined for a folder. All that was opened on the way is in `opened`. */
function locate(root: string, path: string, opened: number[]): number | undefined {
  const open = (at: Buffer | string, flags: number): number => {
    const descriptor = openSync(at, pathOnly | flags);
    opened.push(descriptor);
    return descriptor;
  };
  const folders = [open(root, constants.O_DIRECTORY)];
  const waiting = namesOf(path).reverse();
  let links = 0;
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name === '..') {
      if (folders.length > 1) folders.pop();
      continue;
    }
    const at = Buffer.from(`/proc/self/fd/${folders.at(-1)}/${name}`, 'latin1');
    const descriptor = open(at, constants.O_NOFOLLOW);
    const stats = fstatSync(descriptor);
    if (stats.isSymbolicLink()) {
      if (++links > mostLinks) throw new UnbakeError('damaged', `the path ${printablePath(path)} of the image leads in a circle of links`);
      const target = readlinkSync(at, 'latin1');
      if (target.startsWith('/')) folders.length = 1;
      waiting.push(...namesOf(target).reverse());
    } else if (waiting.length === 0 && !stats.isDirectory()) return descriptor;
    else if (stats.isDirectory()) folders.push(descriptor);
    else return undefined;
  }
  return undefined;
}
