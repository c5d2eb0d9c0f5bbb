// Contents of vaults for tests, and the colleague that writes a vault to disk.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { MadeBytes, VaultContents, VaultFile, VaultMember, VaultVariable } from '../../../src/clean/vault/vault.ts';
import { type Blob, blobOf, bytesOf } from '../../../src/model/blob.ts';
import { digestOf } from '../../../src/model/digest.ts';
import { Secret } from '../../../src/model/secret.ts';

const digest = (name: string) => digestOf(Buffer.from(name));

/** `path` is text; what is no UTF-8 is given as bytes. */
export function vaultFile(path: string | Buffer, change: Partial<VaultFile> & { readonly text?: string } = {}): VaultFile {
  const { text = `body of ${path.toString()}`, ...rest } = change;
  const body = Buffer.from(text);
  return {
    path: Buffer.from(path).toString('latin1'),
    mode: 0o100640,
    uid: 1234,
    gid: 2345,
    mtime: 1_700_000_000,
    size: body.length,
    body: blobOf(body),
    layer: 2,
    layerDigest: digest('layer'),
    treatment: 'drop',
    isVisible: true,
    images: [0],
    ...rest,
  };
}

export function variable(name: string, value: string, images: readonly number[] = [0]): VaultVariable {
  return { name, value: new Secret(value), images };
}

export function vaultContents(change: Partial<VaultContents> = {}): VaultContents {
  return {
    images: [
      {
        name: 'registry.example/team/Web_App:clean',
        platform: 'linux/amd64',
        oldDigest: digest('old'),
        newDigest: digest('new'),
        newConfigDigest: digest('new config'),
      },
    ],
    files: [],
    variables: [],
    version: '1.2.3',
    ...change,
  };
}

/** Paths with everything in them that shells, CSV, YAML, printf and terminals take for more than a letter. */
export const hostileNames: readonly string[] = [
  'srv/new\nline',
  "srv/it's",
  'srv/"double"',
  'srv/$HOME and ${HOME}',
  'srv/$(touch pwned)',
  'srv/`touch pwned`',
  'srv/a,b',
  'srv/a:b',
  'srv/a;b&c|d>e<f',
  'srv/back\\slash\\n',
  'srv/100%s',
  'srv/\u001b[2J\u0007',
  'srv/\u202etxt.exe',
  'srv/next\u0085line\u2028separator',
  'srv/tab\tand # hash',
  'srv/- dash: colon',
  '-n',
  '~',
  'srv/*',
  'srv/😀 ü',
  'srv/both"\u001b,\n%d\'\\',
  `srv/${`${'x'.repeat(250)}/`.repeat(15)}long`,
];

export async function contentOf(content: Blob | string | MadeBytes): Promise<Buffer> {
  if (typeof content === 'string') return Buffer.from(content);
  if (typeof content !== 'function') return bytesOf(content);
  const chunks: Uint8Array[] = [];
  for await (const chunk of content()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export async function writeVault(members: readonly VaultMember[], folder: string): Promise<void> {
  for (const { name, content, mode } of members) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, await contentOf(content), { mode, flag: 'wx' });
  }
}

export function textOf(members: readonly VaultMember[], name: string): string {
  const member = members.find((each) => each.name === name);
  if (typeof member?.content !== 'string') throw new Error(`${name} is no text of the vault`);
  return member.content;
}
