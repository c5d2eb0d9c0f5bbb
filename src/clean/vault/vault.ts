// The vault: what cleaning took out of images, kept so that it can be put back at run time. Here it becomes the list of its files.
import { type Blob, blobOf } from '../../model/blob.ts';
import { decryptScript, encrypted, encrypterFor } from './age.ts';
import { composeText } from './compose.ts';
import type { VaultContents, VaultMember } from './contents.ts';
import { dockerScript, ownersScript } from './docker.ts';
import { storedFiles } from './files.ts';
import { kubernetesScript, kubernetesText } from './kubernetes.ts';
import { manifestText } from './manifest.ts';
import { putBackOf } from './put-back.ts';
import { readmeText } from './readme.ts';
import { envFile, storedVariables } from './values.ts';

export type { MadeBytes, VaultContents, VaultFile, VaultImage, VaultMember, VaultVariable } from './contents.ts';

/**
 * All files of a vault, none of which has been read: bodies are opened while the member is. With `recipients` (age1...) bodies and values
 * are encrypted, with `.age` behind their names. Manifest, scripts and snippets never hold a value; the snippets are for the first image.
 * Throws UnbakeError `usage` for a recipient that is none. Memory grows with the number of files, not with their size.
 */
export async function vaultMembers(contents: VaultContents, recipients: readonly string[]): Promise<readonly VaultMember[]> {
  const isEncrypted = recipients.length > 0;
  const files = storedFiles(contents.files);
  const variables = storedVariables(contents.variables);
  const env = envFile(contents.variables, variables);
  const put = putBackOf(contents, files, variables, isEncrypted);

  const scripts = [
    script('docker-run.sh', dockerScript(put)),
    script('owners.sh', ownersScript(files, isEncrypted)),
    script('kubernetes.sh', kubernetesScript(put)),
    text('compose.yaml', composeText(put)),
    text('kubernetes.yaml', kubernetesText(put)),
  ];
  const secrets = [
    ...(env === undefined ? [] : [secret('env', env)]),
    ...variables.map(({ file, content }) => secret(file, content)),
    ...files.map(({ file, from }) => secret(file, from.body)),
  ];
  const readme = text('README.md', readmeText(contents.version, isEncrypted));
  const manifest = text('manifest.json', manifestText(contents, files, variables, recipients));
  if (!isEncrypted) return [readme, manifest, ...scripts, ...secrets];

  const encrypter = await encrypterFor(recipients);
  // What decrypt.sh makes is a vault that is not encrypted, and says so.
  const decryptedManifest = secret('manifest.json', blobOf(Buffer.from(manifestText(contents, files, variables, []))));
  const toDecrypt = [decryptedManifest, ...secrets];
  return [
    readme,
    manifest,
    script('decrypt.sh', decryptScript(names(toDecrypt), names(scripts))),
    ...scripts,
    ...toDecrypt.map(({ name, content, mode }) => ({ name: `${name}.age`, content: encrypted(encrypter, content), mode })),
  ];
}

const text = (name: string, content: string) => ({ name, content, mode: 0o600 });
const script = (name: string, content: string) => ({ name, content, mode: 0o700 });
const secret = (name: string, content: Blob) => ({ name, content, mode: 0o600 });
const names = (members: readonly VaultMember[]) => members.map(({ name }) => name);
