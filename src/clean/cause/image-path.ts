// Paths in the image as far as a Dockerfile tells them: `/app/.env`, or `\0/.env` for one below a folder that is not known
// (WORKDIR of the base image, a variable without a value).
import { normalizePath } from '../../model/entry.ts';
import { unknown } from './variables-in-text.ts';

/** A path below an unknown folder begins so. */
const somewhere = unknown;

export const unknownFolder: string = somewhere;

/** Resolves a path as written, its variables put in, from a folder. */
export function resolved(folder: string, written: string): string {
  const lastUnknown = written.lastIndexOf(unknown);
  if (lastUnknown !== -1) {
    const slash = written.indexOf('/', lastUnknown);
    return below(somewhere, slash === -1 ? '' : written.slice(slash));
  }
  if (written.startsWith('/')) return `/${normalizePath(written)}`;
  return folder.startsWith(somewhere) ? below(somewhere, `${folder.slice(1)}/${written}`) : `/${normalizePath(`${folder}/${written}`)}`;
}

/** A path inside a folder, or the folder itself. */
export function below(folder: string, relative: string): string {
  const rest = normalizePath(relative);
  if (rest === '') return folder;
  return folder === '/' ? `/${rest}` : `${folder}/${rest}`;
}

/** True when `path`, an absolute one, can be what `told` tells. */
export function isAt(told: string, path: string): boolean {
  if (!told.startsWith(somewhere)) return told === path;
  return told.length > 1 && path.endsWith(told.slice(1));
}

/** What follows the folder in the path; undefined when it is not below it, `unclear` when that cannot be told. */
export function restBelow(folder: string, path: string): { readonly rest: string } | 'unclear' | undefined {
  if (folder === somewhere) return 'unclear';
  const inside = folder === '/' ? '/' : `${folder.startsWith(somewhere) ? folder.slice(1) : folder}/`;
  if (!folder.startsWith(somewhere)) return path.startsWith(inside) ? { rest: path.slice(inside.length) } : undefined;
  const at = path.indexOf(inside);
  if (at === -1) return undefined;
  return path.includes(inside, at + 1) ? 'unclear' : { rest: path.slice(at + inside.length) };
}

export function nameIn(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The folder that a path stands in, without the slash: '' of `/a` and of `a`. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
