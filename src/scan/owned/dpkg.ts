// The database of dpkg: one file of MD5 sums a package, and `status` with the versions and the sums of configuration files. Images
// without a shell (distroless) have one file of each kind a package in `status.d`.
import { printable } from '../../model/printable.ts';
import type { ClaimSink } from './claim.ts';

/** `status`, or one stanza of it (deb-control(5)): gives the versions by name, and claims the configuration files. */
export function readDpkgStatus(text: string, versions: Map<string, string>, claim: ClaimSink): void {
  for (const stanza of text.split(/\n\n+/)) {
    const name = /^Package: (\S+)/m.exec(stanza)?.[1];
    const version = /^Version: (\S+)/m.exec(stanza)?.[1];
    if (name === undefined || version === undefined) continue;
    versions.set(name, version);
    const architecture = /^Architecture: (\S+)/m.exec(stanza)?.[1];
    if (architecture !== undefined) versions.set(`${name}:${architecture}`, version);
    const files = /^Conffiles:[^\n]*\n((?: [^\n]*(?:\n|$))+)/m.exec(stanza)?.[1] ?? '';
    for (const [, path, hex] of files.matchAll(/^ \/(.+) ([0-9a-f]{32})(?: obsolete)?(?: remove-on-upgrade)?$/gm)) {
      claim(path, { kind: 'dpkg', package: printable(`${name} ${version}`), digest: { name: 'md5', hex } });
    }
  }
}

/** `path` is that of the file of sums, `.../libc6:amd64.md5sums`. */
export function readMd5sums(path: string, text: string, versions: ReadonlyMap<string, string>, claim: ClaimSink): void {
  const name = path.slice(path.lastIndexOf('/') + 1, -'.md5sums'.length);
  const version = versions.get(name);
  const label = printable([name.split(':')[0], ...(version === undefined ? [] : [version])].join(' '));
  for (const line of text.split('\n')) {
    // Two characters between sum and name; a backslash before the sum tells of escapes in the name, which no package has.
    if (!/^[0-9a-f]{32} [ *]/.test(line)) continue;
    const owned = line.slice(34).replace(/^\.?\//, '');
    claim(owned, { kind: 'dpkg', package: label, digest: { name: 'md5', hex: line.slice(0, 32) } });
  }
}
