// The manifest of a vault, as `clean --vault` writes it and `run --vault` reads it: what is there and where it belongs, and no value.
// When it is read it is anybody's text.
import { type Digest, parseDigest } from './digest.ts';
import { normalizePath } from './entry.ts';
import { UnbakeError } from './error.ts';
import { arrayField, field, isTrue, type JsonNode, numberField, parseJson, stringField } from './json.ts';
import { defaultLimits } from './limits.ts';

export const vaultFormat = 'unbake-vault';
/** A higher one breaks readers. */
export const vaultSchemaVersion = 1;

export interface VaultedImage {
  readonly name: string;
  readonly platform?: string;
  /** Of the cleaned image: its manifest, as it was written. */
  readonly newDigest: Digest;
  /** Its config, which stays the same where an engine writes another manifest. */
  readonly newConfigDigest?: Digest;
}

export interface VaultedFile {
  /** Its name inside the vault. */
  readonly file: string;
  /** Normalised path in the image, latin1 bytes as in `Entry.path`. */
  readonly path: string;
  readonly mode: number;
  /** As the image had them: not every number is an owner. */
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** Before encryption. */
  readonly size: number;
  /** Those whose containers saw it: indices into `images`. */
  readonly images: readonly number[];
}

export interface VaultedVariable {
  readonly name: string;
  readonly file: string;
  readonly images: readonly number[];
}

export interface VaultManifest {
  readonly isEncrypted: boolean;
  readonly images: readonly VaultedImage[];
  /** That containers saw: others are in the vault too, and nobody misses them. */
  readonly files: readonly VaultedFile[];
  readonly variables: readonly VaultedVariable[];
}

const where = 'manifest.json of the vault';
const longestPath = 4095;

/** Throws UnbakeError `damaged` with the field that is wrong, `unsupported` for a version that is not known here. */
export function parseVaultManifest(bytes: Uint8Array): VaultManifest {
  const root = parseJson(bytes, where, defaultLimits);
  if (stringField(root, 'format') !== vaultFormat) throw wrong('format', `"${vaultFormat}"`);
  const version = numberField(root, 'schemaVersion');
  if (version !== vaultSchemaVersion) {
    throw new UnbakeError('unsupported', `the vault has version ${version ?? 'unknown'}, and this unbake reads version ${vaultSchemaVersion}`, {
      hint: 'use the unbake that wrote it, or a newer one',
    });
  }
  const images = arrayField(root, 'images', where).map((node, index) => parseImage(node, `images[${index}]`));
  return {
    isEncrypted: field(root, 'encrypted')?.kind === 'array',
    images,
    files: arrayField(root, 'files', where).flatMap((node, index) =>
      isTrue(node, 'isMounted') ? [parseFile(node, `files[${index}]`, images.length)] : [],
    ),
    variables: arrayField(root, 'variables', where).map((node, index) => {
      const at = `variables[${index}]`;
      return {
        name: required(stringField(node, 'name'), `${at}.name`, 'a text'),
        file: memberOf(node, 'variables', at),
        images: indices(node, images.length, at),
      };
    }),
  };
}

function parseImage(node: JsonNode, at: string): VaultedImage {
  const platform = stringField(node, 'platform');
  const config = stringField(node, 'newConfigDigest');
  return {
    name: required(stringField(node, 'name'), `${at}.name`, 'a text'),
    ...(platform === undefined ? {} : { platform }),
    newDigest: parseDigest(stringField(node, 'newDigest'), `${where}: ${at}.newDigest`),
    ...(config === undefined ? {} : { newConfigDigest: parseDigest(config, `${where}: ${at}.newConfigDigest`) }),
  };
}

function parseFile(node: JsonNode, at: string, imageCount: number): VaultedFile {
  const mode = stringField(node, 'mode') ?? '';
  if (!/^[0-7]{3,4}$/.test(mode)) throw wrong(`${at}.mode`, 'three or four octal digits');
  return {
    file: memberOf(node, 'files', at),
    path: pathOf(node, at),
    mode: Number.parseInt(mode, 8),
    // An image may claim any number, and none.
    uid: numberField(node, 'uid') ?? -1,
    gid: numberField(node, 'gid') ?? -1,
    mtime: Math.trunc(numberField(node, 'mtime') ?? 0),
    size: sizeOf(node, at),
    images: indices(node, imageCount, at),
  };
}

/** A name of one file in that folder of the vault, and nothing that leads anywhere else. */
function memberOf(node: JsonNode, folder: 'files' | 'variables', at: string): string {
  const name = stringField(node, 'file') ?? '';
  const [first, second = '', ...rest] = name.split('/');
  if (first !== folder || rest.length > 0 || !/^[A-Za-z0-9_][A-Za-z0-9._-]{0,200}$/.test(second))
    throw wrong(`${at}.file`, `${folder}/ and a plain name`);
  return name;
}

function pathOf(node: JsonNode, at: string): string {
  const encoded = stringField(node, 'pathBytes');
  const text = stringField(node, 'path') ?? '';
  const path = Buffer.from(encoded ?? text, encoded === undefined ? 'utf8' : 'base64').toString('latin1');
  const inside = path.slice(1);
  const isPath =
    path.startsWith('/') && inside !== '' && normalizePath(inside) === inside && path.length <= longestPath && !/\0|[^/]{256}/.test(path);
  if (!isPath) throw wrong(`${at}.path`, 'an absolute path as the kernel takes it, without . and ..');
  return inside;
}

function indices(node: JsonNode, imageCount: number, at: string): readonly number[] {
  return arrayField(node, 'images', `${where}: ${at}`).map((item) => {
    const index = item.kind === 'scalar' && typeof item.value === 'number' ? item.value : -1;
    if (!Number.isInteger(index) || index < 0 || index >= imageCount) throw wrong(`${at}.images`, `numbers of images, from 0 to ${imageCount - 1}`);
    return index;
  });
}

function sizeOf(node: JsonNode, at: string): number {
  const value = numberField(node, 'size');
  if (value === undefined || !Number.isSafeInteger(value) || value < 0) throw wrong(`${at}.size`, 'a number of bytes');
  return value;
}

function required<T>(value: T | undefined, at: string, expected: string): T {
  if (value === undefined) throw wrong(at, expected);
  return value;
}

function wrong(at: string, expected: string): UnbakeError {
  return new UnbakeError('damaged', `${where}: ${at} should be ${expected}`, {
    hint: 'name the folder that unbake clean --vault wrote, as it wrote it',
  });
}
