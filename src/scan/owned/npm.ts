// Files of npm packages, by where they lie. npm keeps the digest of a package's archive and none of single files: nothing is proved.
import { printable } from '../../model/printable.ts';
import type { Claim } from './claim.ts';

/** The package whose folder holds the file, the innermost one: `srv/app/node_modules/a/node_modules/@b/c/index.js` is of `@b/c`. */
const inPackage = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/@.][^/]*)\/(?!node_modules\/)/s;

/** The folder of the package of this file, with its slash; undefined for a file of no package. */
export function npmFolderOf(path: string): string | undefined {
  return inPackage.exec(path)?.[0];
}

/** Versions by the folder of a package, from `node_modules/.package-lock.json`; undefined: no package of a registry, but one's own. */
export type NpmVersions = Map<string, string | undefined>;

/** `path` is that of the lock file. Throws what `JSON.parse` throws. */
export function readNpmLock(path: string, text: string, versions: NpmVersions): void {
  const root = path.slice(0, -'node_modules/.package-lock.json'.length);
  const lock = JSON.parse(text) as { readonly packages?: Readonly<Record<string, unknown>> } | null;
  if (typeof lock?.packages !== 'object' || lock.packages === null) return;
  for (const [folder, value] of Object.entries(lock.packages)) {
    const { version, resolved, link } = (value ?? {}) as { readonly version?: unknown; readonly resolved?: unknown; readonly link?: unknown };
    // A folder or an archive of one's own is installed by `file:`, one of a repository by `git+ssh:`.
    const isOwn = link === true || (typeof resolved === 'string' && !/^https?:/.test(resolved));
    versions.set(`${root}${folder}/`, isOwn || typeof version !== 'string' ? undefined : version);
  }
}

export function npmClaim(path: string, versions: NpmVersions): Claim | undefined {
  const folder = npmFolderOf(path);
  if (folder === undefined || (versions.has(folder) && versions.get(folder) === undefined)) return undefined;
  const name = inPackage.exec(path)![1];
  const version = versions.get(folder);
  return { kind: 'npm', package: printable(version === undefined ? name : `${name} ${version}`) };
}
