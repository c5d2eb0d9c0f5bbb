// manifest.json of a vault: all that is in it and where it belongs, and never a value: what a runtime needs to put things back goes by it.
import { printablePath } from '../../model/entry.ts';
import { vaultFormat, vaultSchemaVersion } from '../../model/vault.ts';
import type { VaultContents } from './contents.ts';
import type { StoredFile } from './files.ts';
import { withoutUnprintable } from './unprintable.ts';
import type { StoredVariable } from './values.ts';

/**
 * Paths are absolute. One that is not UTF-8 is shown escaped, and its bytes are in `pathBytes` as base64. A file that is mounted in some
 * of its images only stands there twice, with the images of each kind. Of several variables of one name and image the last counts.
 */
export function manifestText(
  { images, version }: VaultContents,
  files: readonly StoredFile[],
  variables: readonly StoredVariable[],
  recipients: readonly string[],
): string {
  const suffix = recipients.length === 0 ? '' : '.age';
  const manifest = {
    format: vaultFormat,
    schemaVersion: vaultSchemaVersion,
    version,
    encrypted: recipients.length === 0 ? false : recipients,
    images: images.map(({ name, platform, oldDigest, newDigest, newConfigDigest }) => ({ name, platform, oldDigest, newDigest, newConfigDigest })),
    files: files.flatMap((stored) => fileEntries(stored, suffix)),
    variables: variables.map(({ name, file, isInEnvFile, images }) => ({ name, file: file + suffix, isInEnvFile, images })),
  };
  const codeUnits = (character: string) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join('');
  return `${withoutUnprintable(JSON.stringify(manifest, undefined, 2), codeUnits)}\n`;
}

function fileEntries({ file, from, target, mountedIn }: StoredFile, suffix: string): unknown[] {
  const mounted = from.images.filter((image) => mountedIn.includes(image));
  const kept = from.images.filter((image) => !mountedIn.includes(image));
  const entry = (isMounted: boolean, images: readonly number[]) => ({
    file: file + suffix,
    path: target ?? printablePath(from.path),
    pathBytes: target === undefined ? Buffer.from(`/${from.path}`, 'latin1').toString('base64') : undefined,
    mode: (from.mode & 0o7777).toString(8).padStart(4, '0'),
    uid: from.uid,
    gid: from.gid,
    mtime: from.mtime,
    size: from.size,
    layer: from.layer,
    layerDigest: from.layerDigest,
    treatment: from.treatment,
    isMounted,
    images,
  });
  return [...(mounted.length > 0 ? [entry(true, mounted)] : []), ...(kept.length > 0 || mounted.length === 0 ? [entry(false, kept)] : [])];
}
