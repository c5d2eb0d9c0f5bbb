// A reference to the images it leads to: the door of this room. Registries and daemons will stand beside the archives and layouts
// behind the same `OpenedStore`.
import { createReadStream } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { isSystemError, messageOf, UnbakeError } from '../model/error.ts';
import type { OpenedStore } from '../model/image.ts';
import type { Limits } from '../model/limits.ts';
import type { PlatformChoice } from '../model/platform.ts';
import { printable } from '../model/printable.ts';
import type { Reference } from '../model/reference.ts';
import { magicLength, sniffCompression } from '../tar/compression.ts';
import type { Aside } from '../tar/aside.ts';
import { openCompressed } from '../tar/decompress.ts';
import { Around } from './around.ts';
import { ArchiveMembers } from './archive-members.ts';
import { fileBlob } from './file-blob.ts';
import { FolderMembers } from './folder-members.ts';
import { gatherImages } from './gather.ts';
import type { Members } from './members.ts';
import { type Spooled, spool } from './spool.ts';

export interface OpenOptions {
  readonly platform: PlatformChoice;
  readonly limits: Limits;
  readonly signal?: AbortSignal;
}

/** Throws UnbakeError when the reference leads to nothing that is an image. Whoever opens a store closes it. */
export async function openStore(reference: Reference, options: OpenOptions): Promise<OpenedStore> {
  switch (reference.kind) {
    case 'registry':
    case 'docker-daemon':
    case 'containers-storage':
      throw new UnbakeError(
        'unsupported',
        `${printable(reference.typed)}: images are not read from a ${{ registry: 'registry', 'docker-daemon': 'docker daemon', 'containers-storage': 'container storage' }[reference.kind]} yet`,
        {
          hint: 'save it first: docker save IMAGE | unbake scan -, or skopeo copy SOURCE oci-archive:image.tar',
        },
      );
    case 'stdin':
      return gather(reference, await archiveIn(await spool(process.stdin, options.signal), 'standard input', options), options);
    default:
      return gather(reference, await membersAt(reference.path, options), options);
  }
}

async function gather(reference: Reference, members: Members, options: OpenOptions): Promise<OpenedStore> {
  try {
    return await gatherImages(reference, members, options);
  } catch (thrown) {
    await members.close();
    throw thrown;
  }
}

async function membersAt(path: string, options: OpenOptions): Promise<Members> {
  const name = printable(path);
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) return await FolderMembers.read(path);
    if (!stats.isFile()) return await archiveIn(await spool(createReadStream(path), options.signal), name, options);
    return await archiveIn({ file: await open(path, 'r'), size: stats.size }, name, options);
  } catch (cause) {
    if (cause instanceof UnbakeError || options.signal?.aborted) throw cause;
    if (isSystemError(cause, 'ENOENT', 'ENOTDIR')) {
      throw new UnbakeError('not-found', `${name} does not exist`, {
        hint: 'name an archive (docker save, skopeo copy), an OCI layout folder, or - for standard input; registries and daemons are not read yet',
        cause,
      });
    }
    throw new UnbakeError('io', `${name} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

/** The archive in a file, decompressed to another one first where it is compressed as a whole. */
async function archiveIn({ file, size }: Spooled, name: string, { limits, signal }: OpenOptions): Promise<Members> {
  let current: FileHandle = file;
  let currentSize = size;
  const around = new Around();
  const { skipped } = around;
  try {
    if (size === 0) throw new UnbakeError('not-an-image', `${name} is empty`);
    const blob = fileBlob(file, 0, size);
    const head = Buffer.alloc(magicLength);
    const { bytesRead } = await file.read(head, 0, magicLength, 0);
    const compression = sniffCompression(head.subarray(0, bytesRead));
    if (compression !== 'none') {
      const aside: Aside = {
        stray: async (bytes, what) => around.add(`archive: ${what}`, bytes),
        damage: (detail, offset) => skipped.push({ reason: 'damaged', place: `${name}, compressed byte ${offset}`, detail }),
        limit: (limit, detail, offset) => skipped.push({ reason: 'limit', place: `${name}, compressed byte ${offset}`, detail, limit }),
      };
      const spooled = await spool((await openCompressed(blob.open(), blob, aside, limits)).bytes, signal);
      await file.close();
      current = spooled.file;
      currentSize = spooled.size;
    }
    const members = await ArchiveMembers.read(current, currentSize, limits, around, signal);
    if (members !== undefined) return members;
    const broken = skipped[0] === undefined ? '' : ` (${skipped[0].detail})`;
    throw new UnbakeError('not-an-image', `${name} is no tar archive${broken}`, {
      hint: 'unbake reads archives of docker save, podman save, skopeo and buildah, and OCI layouts',
    });
  } catch (thrown) {
    await current.close();
    throw thrown;
  }
}
