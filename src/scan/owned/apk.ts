// The database of apk, `lib/apk/db/installed`: a block of lines with one letter each a package (apk-installed(5)).
import { printable } from '../../model/printable.ts';
import type { ClaimSink } from './claim.ts';

/** Blocks end with an empty line; `F:` names a directory, `R:` a file in it, `Z:` its digest: `Q1` SHA-1, `Q2` SHA-256, both in base64. */
export function readApkInstalled(text: string, claim: ClaimSink): void {
  let name = '';
  let version = '';
  let directory = '';
  let file: string | undefined;
  for (const line of text.split('\n')) {
    const value = line.slice(2);
    if (line === '') name = version = directory = '';
    else if (line.startsWith('P:')) name = value;
    else if (line.startsWith('V:')) version = value;
    else if (line.startsWith('F:')) directory = value;
    else if (line.startsWith('R:')) file = directory === '' ? value : `${directory}/${value}`;
    else if (line.startsWith('Z:') && file !== undefined) {
      const digest = digestOf(value);
      claim(file, { kind: 'apk', package: printable(`${name} ${version}`), ...(digest && { digest }) });
    }
    if (!line.startsWith('R:') && !line.startsWith('a:')) file = undefined;
  }
}

function digestOf(value: string): { readonly name: 'sha1' | 'sha256'; readonly hex: string } | undefined {
  const hex = Buffer.from(value.slice(2), 'base64').toString('hex');
  if (value.startsWith('Q1') && hex.length === 40) return { name: 'sha1', hex };
  return value.startsWith('Q2') && hex.length === 64 ? { name: 'sha256', hex } : undefined;
}
