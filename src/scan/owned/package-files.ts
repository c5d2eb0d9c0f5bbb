// Which files of a layer a package put there, from the databases of package managers in the same layer. Their bytes are kept while the
// layer streams by, and read only when a file with a finding asks: a layer without findings pays for nothing else.
import { messageOf } from '../../model/error.ts';
import { printablePath } from '../../model/entry.ts';
import { Database } from '../../view/format/sqlite/database.ts';
import { readApkInstalled } from './apk.ts';
import type { Claim, ClaimSink } from './claim.ts';
import { readDpkgStatus, readMd5sums } from './dpkg.ts';
import { npmClaim, type NpmVersions, readNpmLock } from './npm.ts';
import { readRecord } from './python-record.ts';
import { readRpmHeader } from './rpm-header.ts';

/** Bytes of all databases of one layer that are kept: a desktop has 40 MiB. */
export const mostDatabaseBytes = 64 * 2 ** 20;

const kinds = {
  dpkgStatus: /^var\/lib\/dpkg\/(?:status|status\.d\/[^/]+(?<!\.md5sums))$/,
  md5sums: /^var\/lib\/dpkg\/(?:info|status\.d)\/[^/]+\.md5sums$/,
  apk: /^(?:usr\/)?lib\/apk\/db\/installed$/,
  rpm: /^(?:var\/lib|usr\/lib\/sysimage|usr\/share)\/rpm\/rpmdb\.sqlite$/,
  otherRpm: /^(?:var\/lib|usr\/lib\/sysimage|usr\/share)\/rpm\/Packages(?:\.db)?$/,
  record: /\.dist-info\/RECORD$/,
  // Where a package came from, when that was no index (PEP 610): it may be the image's own program.
  directUrl: /\.dist-info\/direct_url\.json$/,
  npm: /(?:^|\/)node_modules\/\.package-lock\.json$/,
} as const;
const isMerged = /^(?:bin|sbin|lib|lib32|lib64|libx32)\//;
type DatabaseKind = keyof typeof kinds;

interface Kept {
  readonly path: string;
  readonly bytes: Buffer;
}

export class PackageFiles {
  readonly #kept = new Map<DatabaseKind, Kept[]>();
  readonly #problems: string[] = [];
  #bytes = 0;

  /**
   * Whether a file of so many bytes is part of a database, so that its body is to be given to `add`: then room is kept for it. What is one
   * and cannot be taken is told in `problems`. Paths are those of entries: normalised, one character a byte.
   */
  wants(path: string, size: number): boolean {
    const kind = kindOf(path);
    if (kind === undefined) return false;
    if (kind === 'otherRpm') {
      this.#problems.push(`${printablePath(path)} is a database of rpm in an older form than SQLite: which files belong to packages is not known`);
      return false;
    }
    if (this.#bytes + size > mostDatabaseBytes) {
      const limit = mostDatabaseBytes / 2 ** 20;
      this.#problems.push(`${printablePath(path)} is left out: the databases of packages are larger than ${limit} MiB together`);
      return false;
    }
    this.#bytes += size;
    return true;
  }

  /** `bytes` are the whole body of a file that was wanted. They are kept, not copied. */
  add(path: string, bytes: Buffer): void {
    const kind = kindOf(path);
    if (kind === undefined) return;
    const kept = this.#kept.get(kind) ?? [];
    this.#kept.set(kind, kept);
    kept.push({ path, bytes });
  }

  /** What packages say of these files, for those of which they say anything. Reads all databases: ask once, for all files of the layer. */
  claimsOn(paths: ReadonlySet<string>): ReadonlyMap<string, readonly Claim[]> {
    const claims = new Map<string, Claim[]>();
    const add: ClaimSink = (path, claim) => {
      if (!paths.has(path)) return;
      const already = claims.get(path);
      if (already === undefined) claims.set(path, [claim]);
      else already.push(claim);
    };
    const sink: ClaimSink = (path, claim) => {
      add(path, claim);
      // Databases still name /bin and /lib where these are links to /usr/bin and /usr/lib, under which the archive has the file.
      if (isMerged.test(path)) add(`usr/${path}`, claim);
    };
    const versions = new Map<string, string>();
    this.#each('dpkgStatus', ({ bytes }) => readDpkgStatus(bytes.toString('latin1'), versions, sink));
    this.#each('md5sums', ({ path, bytes }) => readMd5sums(path, bytes.toString('latin1'), versions, sink));
    this.#each('apk', ({ bytes }) => readApkInstalled(bytes.toString('latin1'), sink));
    this.#each('rpm', ({ path, bytes }) => this.#readRpm(path, bytes, sink));
    const own = new Set((this.#kept.get('directUrl') ?? []).map(({ path }) => folderOf(path)));
    this.#each('record', ({ path, bytes }) => {
      if (!own.has(folderOf(path))) readRecord(path, bytes.toString('latin1'), sink);
    });
    const npmVersions: NpmVersions = new Map();
    this.#each('npm', ({ path, bytes }) => readNpmLock(path, bytes.toString('utf8'), npmVersions));
    for (const path of paths) {
      const claim = claims.has(path) ? undefined : npmClaim(path, npmVersions);
      if (claim !== undefined) sink(path, claim);
    }
    return claims;
  }

  /** What was not taken or, behind `claimsOn`, could not be read: one sentence each. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  #each(kind: DatabaseKind, read: (kept: Kept) => void): void {
    for (const kept of this.#kept.get(kind) ?? []) {
      try {
        read(kept);
      } catch (cause) {
        this.#problems.push(`${printablePath(kept.path)} cannot be read as a database of packages: ${messageOf(cause)}`);
      }
    }
  }

  #readRpm(path: string, bytes: Buffer, sink: ClaimSink): void {
    const database = new Database(bytes);
    const table = database.table('Packages');
    let unread = 0;
    for (const row of table === undefined ? [] : database.rows(table)) {
      const header = row.find((value) => Buffer.isBuffer(value));
      if (header === undefined || !readRpmHeader(header, sink)) unread++;
    }
    if (unread > 0) this.#problems.push(`${printablePath(path)}: ${unread} packages of it cannot be read`);
    if (database.problem !== undefined) this.#problems.push(`${printablePath(path)}: ${database.problem}`);
  }
}

function kindOf(path: string): DatabaseKind | undefined {
  // Most files of a layer are none of it, and are told so by one look at their end.
  if (!/(?:md5sums|status|installed|RECORD|\.json|sqlite|Packages(?:\.db)?|status\.d\/[^/]+)$/.test(path)) return undefined;
  return (Object.keys(kinds) as DatabaseKind[]).find((kind) => kinds[kind].test(path));
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
