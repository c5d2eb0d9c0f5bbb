// What pip and its kin keep of a package: `NAME-VERSION.dist-info/RECORD`, a table of paths and digests (packaging.python.org, "Recording
// installed projects").
import { normalizePath } from '../../model/entry.ts';
import { printable } from '../../model/printable.ts';
import type { ClaimSink } from './claim.ts';

/** `path` is that of RECORD; the paths in it count from the folder in which the dist-info folder stands. */
export function readRecord(path: string, text: string, claim: ClaimSink): void {
  const information = path.slice(0, -'.dist-info/RECORD'.length);
  const folder = information.slice(0, information.lastIndexOf('/') + 1);
  // Neither a name nor a version has a hyphen here: PEP 427 makes it an underscore.
  const label = printable(information.slice(folder.length).replace('-', ' '));
  for (const line of text.split('\n')) {
    const [, quoted, plain, digest] = /^(?:"((?:[^"]|"")*)"|([^,"]*)),sha256=([A-Za-z0-9_-]{43})=?,/.exec(line) ?? [];
    const file = quoted?.replaceAll('""', '"') ?? plain;
    if (file === undefined) continue;
    const hex = Buffer.from(digest, 'base64url').toString('hex');
    claim(normalizePath(file.startsWith('/') ? file : `${folder}${file}`), { kind: 'python', package: label, digest: { name: 'sha256', hex } });
  }
}
