// What the scripts and snippets of a vault put back into a container: what the first image's container saw.
import { printable } from '../../model/printable.ts';
import type { VaultContents } from './contents.ts';
import type { StoredFile } from './files.ts';
import type { StoredVariable } from './values.ts';

export interface PutBack {
  /** Name of the cleaned image, for command lines; undefined when it has none that engines would take. */
  readonly reference: string | undefined;
  /** What objects made for it are called: a DNS label of at most 40 characters. */
  readonly application: string;
  readonly files: readonly (StoredFile & { readonly target: string })[];
  readonly variables: readonly StoredVariable[];
  /** Sentences for the head of each snippet: what every one of them has to leave out. */
  readonly remarks: readonly string[];
  readonly isEncrypted: boolean;
}

export function putBackOf(
  { images }: VaultContents,
  files: readonly StoredFile[],
  variables: readonly StoredVariable[],
  isEncrypted: boolean,
): PutBack {
  const mounted = files.filter(({ mountedIn }) => mountedIn.includes(0));
  const wanted = variables.filter(({ isPutBack }) => isPutBack);
  const [image] = images;
  const reference = image !== undefined && isReference(image.name) ? image.name : undefined;
  return {
    reference,
    application: applicationOf(reference ?? ''),
    files: mounted.filter((file): file is StoredFile & { target: string } => file.target !== undefined),
    variables: wanted.filter(({ isPossible }) => isPossible),
    remarks: [
      ...(images.length > 1
        ? [
            `For the first of ${images.length} images${image?.platform === undefined ? '' : `, ${printable(image.platform)}`}; manifest.json tells what belongs to the others.`,
          ]
        : []),
      ...mounted
        .filter(({ target }) => target === undefined)
        .map(({ file }) => leftOut(file, 'its path is not UTF-8, which no engine takes; manifest.json has the bytes of it')),
      ...wanted
        .filter(({ isPossible }) => !isPossible)
        .map(({ name }) => leftOut(name, 'its value has a NUL, or is longer than Linux allows: no process can have it')),
    ],
    isEncrypted,
  };
}

/** For snippets that cannot look for themselves; it holds wherever they stand. */
export const decryptFirst =
  'Where decrypt.sh stands beside this file, the vault is encrypted: run  sh decrypt.sh KEY_FILE  (age -d -i KEY_FILE), and work in the folder that it names.';

/** A sentence on what a snippet cannot say. */
export function leftOut(what: string, why: string): string {
  return `Left out: ${printable(what)}: ${why}.`;
}

/** Hosts, paths, tags and digests have no other characters, and none of them begins like an option. */
function isReference(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._:@/-]{0,499}$/.test(name);
}

function applicationOf(reference: string): string {
  const repository = reference.replace(/@.*$/, '').replace(/:[^:/]*$/, '');
  const label = repository
    .slice(repository.lastIndexOf('/') + 1)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-|-$/g, '');
  return label === '' ? 'app' : label;
}
