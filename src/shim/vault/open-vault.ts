// A vault on its way back into a container: what `unbake clean --vault` took out of the image, read when it is asked for and never written
// anywhere else.
import { type Blob, bytesOf } from '../../model/blob.ts';
import { UnbakeError } from '../../model/error.ts';
import { printablePath } from '../../model/entry.ts';
import { defaultLimits } from '../../model/limits.ts';
import { printable } from '../../model/printable.ts';
import type { Notice } from '../../model/report.ts';
import { parseVaultManifest, type VaultedFile, type VaultManifest } from '../../model/vault.ts';
import { type Decrypt, decryptionWith } from './decryption.ts';
import { type ImageDigests, imagesMeant } from './images-meant.ts';
import { longestMaskedText, maskedBody, maskedText } from './masked-values.ts';
import { withMember } from './vault-folder.ts';

export interface OpenedFile {
  /** Normalised path in the image, latin1 bytes as in `Entry.path`. */
  readonly path: string;
  /** Absolute, as text; undefined when it is no UTF-8: then it cannot be mounted. */
  readonly target: string | undefined;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  readonly size: number;
  /** All bytes, `size` of them. Throws UnbakeError `damaged` when there are others. */
  read(): Promise<Buffer>;
}

export interface OpenedVault {
  /** Those that the containers of the image saw, one for each path. */
  readonly files: readonly OpenedFile[];
  readonly variables: readonly { readonly name: string; readonly value: string }[];
  /** What is in the vault and cannot be put back, and why. */
  readonly notices: readonly Notice[];
  /** Values that must not get into logs, from eight bytes on, the longest first. Reads the files that may be text. */
  masked(): Promise<readonly Buffer[]>;
}

/** Files are held in memory, here and in the container's tmpfs. */
const longestFile = 512 * 2 ** 20;
/** What Linux takes in one string of the environment, name and NUL included. */
const longestVariable = 128 * 1024;
/** Header, nonce and a mark for each 64 KiB of an age file. */
const encryptionOverhead = (size: number) => 2 ** 20 + Math.ceil(size / 65_536) * 16;

/**
 * `identities` are key files of age, for an encrypted vault. Reads the manifest and the variables, and so much of a file that it is known
 * whether a key fits. Throws UnbakeError: `not-found`, `damaged` for a manifest or member that is not what it should be, `usage` for a vault
 * of other images and for missing or wrong keys, `io`. No error tells a value.
 */
export function openVault(folder: string, image: ImageDigests, { identities }: { readonly identities: readonly string[] }): Promise<OpenedVault> {
  return openVaultMembers((name, work) => withMember(folder, name, work), image, { identities });
}

/** Runs the work with a file of the vault, by its name in it. */
export type WithMember = <T>(name: string, work: (body: Blob) => Promise<T>) => Promise<T>;

/** The same for a vault that is not, or not yet, a folder. */
export async function openVaultMembers(
  withMemberOf: WithMember,
  image: ImageDigests,
  { identities }: { readonly identities: readonly string[] },
): Promise<OpenedVault> {
  const manifest = parseVaultManifest(await withMemberOf('manifest.json', (body) => small(body, 'manifest.json')));
  const { indices, notices: ofImage } = imagesMeant(manifest, image);
  const reading = new VaultReading(withMemberOf, manifest.isEncrypted ? await decryptionFor(identities) : undefined);
  const isMeant = ({ images }: { readonly images: readonly number[] }) => images.some((index) => indices.has(index));
  const notices: Notice[] = [...ofImage];

  const files = new Map<string, OpenedFile>();
  for (const stored of manifest.files.filter(isMeant)) {
    const place = printablePath(stored.path);
    const problem = problemOf(stored);
    if (problem !== undefined) notices.push({ place, detail: problem });
    else files.set(stored.path, openedFile(stored, reading));
    if (problem === undefined && targetOf(stored.path) === undefined)
      notices.push({ place, detail: 'its path is not UTF-8, which no runtime takes' });
  }
  const probe = [...manifest.variables, ...manifest.files].find(isMeant);
  if (probe !== undefined) await reading.check(probe.file);
  const variables = await readVariables(manifest, isMeant, reading, notices);
  const opened = [...files.values()];
  return { files: opened, variables, notices, masked: () => maskedOf(opened, variables) };
}

class VaultReading {
  readonly #withMember: WithMember;
  readonly #decrypt: Decrypt | undefined;

  constructor(withMemberOf: WithMember, decrypt: Decrypt | undefined) {
    this.#withMember = withMemberOf;
    this.#decrypt = decrypt;
  }

  /** Throws what reading the member would throw for a file that is not there, and for a wrong key. */
  async check(name: string): Promise<void> {
    await this.#withMember(name, async (body) => {
      for await (const chunk of this.#decrypt?.(body) ?? body.open()) if (chunk.length > 0) return;
    });
  }

  /** The bytes of a member, at most `most`. Undefined: there are more. */
  async read(name: string, most: number): Promise<Buffer | undefined> {
    return this.#withMember(name, async (body) => {
      if (body.size > most + (this.#decrypt === undefined ? 0 : encryptionOverhead(most))) return undefined;
      const chunks: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of this.#decrypt?.(body) ?? body.open()) {
        size += chunk.length;
        if (size > most) return undefined;
        chunks.push(chunk);
      }
      return Buffer.concat(chunks);
    });
  }
}

function decryptionFor(identities: readonly string[]): Promise<Decrypt> {
  if (identities.length > 0) return decryptionWith(identities);
  throw new UnbakeError('usage', 'the vault is encrypted, and no key is given', {
    hint: 'name the file with a key (AGE-SECRET-KEY-1...): --vault-identity FILE',
  });
}

/** Why a file cannot be put back, by its owner or size. */
function problemOf({ uid, gid, size }: VaultedFile): string | undefined {
  const isOwner = (id: number) => Number.isInteger(id) && id >= 0 && id < 2 ** 32 - 1;
  if (!isOwner(uid) || !isOwner(gid)) return 'its owner is no number that the kernel takes';
  return size > longestFile ? `it has ${size} bytes: more than ${longestFile} are not held in memory` : undefined;
}

function openedFile({ file, path, mode, uid, gid, mtime, size }: VaultedFile, reading: VaultReading): OpenedFile {
  return {
    path,
    target: targetOf(path),
    mode,
    uid,
    gid,
    mtime,
    size,
    async read() {
      const body = await reading.read(file, size);
      if (body?.length === size) return body;
      throw new UnbakeError(
        'damaged',
        `${file} of the vault has ${body === undefined ? 'more than' : 'only'} ${body?.length ?? size} of its ${size} bytes`,
        {
          hint: 'the vault was changed since it was written, or only a part of it is here',
        },
      );
    },
  };
}

/** In their order; of several with one name the last counts. */
async function readVariables(
  { variables }: VaultManifest,
  isMeant: (variable: VaultManifest['variables'][number]) => boolean,
  reading: VaultReading,
  notices: Notice[],
): Promise<OpenedVault['variables']> {
  const last = new Map(variables.filter(isMeant).map((variable) => [variable.name, variable]));
  const read: { readonly name: string; readonly value: string }[] = [];
  for (const { name, file } of last.values()) {
    const notice = (detail: string) => notices.push({ place: `variable ${printable(name)}`, detail });
    if (name === '' || /[=\0]/.test(name)) {
      notice('no variable can have this name');
      continue;
    }
    const bytes = await reading.read(file, longestVariable);
    if (bytes === undefined || Buffer.byteLength(name) + bytes.length + 2 > longestVariable)
      notice('its value is longer than Linux allows: no process can have it');
    else if (bytes.includes(0)) notice('its value has a NUL: no process can have it');
    else if (!Buffer.from(bytes.toString()).equals(bytes)) notice('its value is not UTF-8, which no runtime takes');
    else read.push({ name, value: bytes.toString() });
  }
  return read;
}

async function maskedOf(files: readonly OpenedFile[], variables: OpenedVault['variables']): Promise<readonly Buffer[]> {
  const values = new Set(variables.flatMap(({ value }) => maskedText(value)));
  for (const file of files.filter(({ size }) => size <= longestMaskedText)) for (const value of maskedBody(await file.read())) values.add(value);
  return [...values].map((value) => Buffer.from(value)).toSorted((a, b) => b.length - a.length);
}

async function small(body: Blob, name: string): Promise<Buffer> {
  if (body.size <= defaultLimits.manifestBytes) return bytesOf(body);
  throw new UnbakeError('damaged', `${name} of the vault has ${body.size} bytes: none has more than ${defaultLimits.manifestBytes}`);
}

function targetOf(path: string): string | undefined {
  const bytes = Buffer.from(path, 'latin1');
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? `/${text}` : undefined;
}
