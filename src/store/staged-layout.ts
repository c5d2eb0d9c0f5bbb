// An OCI layout under a temporary name, to be put in the place of nothing or of the layout that is there.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, UnbakeError } from '../model/error.ts';
import { defaultLimits } from '../model/limits.ts';
import { printable } from '../model/printable.ts';
import { dockerManifest } from './docker-archive.ts';
import { FolderMembers } from './folder-members.ts';
import { withKeptImages } from './kept-images.ts';
import { legacyIndex } from './legacy-archive.ts';
import { ociIndex } from './oci-layout.ts';
import type { OutputContents } from './output-contents.ts';
import { stagedFolder } from './staged-folder.ts';
import type { Staged } from './staging.ts';
import { writeError } from './write-error.ts';
import { fillLayout } from './write-layout.ts';
import { type WriteTarget, writeTargetOf } from './write-target.ts';

export interface LayoutOptions {
  /** What becomes of other images in a layout that is there: `all` are replaced, or they are kept but for those of the same names. */
  readonly replaces: 'all' | 'same names';
  readonly signal?: AbortSignal;
}

/** Throws UnbakeError `usage` for a folder that is no layout, or holds more than one: that would be lost. */
export async function stageLayout(typed: string, contents: OutputContents, { replaces, signal }: LayoutOptions): Promise<Staged> {
  const target = await writeTargetOf(typed);
  const oldIndex = target.kind === 'folder' ? await indexOf(target) : undefined;
  const whole =
    oldIndex === undefined || replaces === 'all' ? contents : await withKeptImages(contents, oldIndex, await FolderMembers.read(target.path));
  return stagedFolder({
    target,
    isPrivate: false,
    fill: (folder) => fillLayout(folder, whole, typed, signal),
    ...(oldIndex && {
      async checkReplaced() {
        if (oldIndex.equals(await readIndex(target))) return;
        throw new UnbakeError('io', `${printable(typed)} was changed by another program meanwhile`, { hint: 'run this again' });
      },
    }),
  });
}

/** What may stand in the folder of a layout: manifest.json and repositories are from an archive of docker, and name the earlier blobs. */
const layoutNames = ['blobs', 'oci-layout', ociIndex, dockerManifest, legacyIndex];

/** The bytes of index.json, undefined when the folder is empty. */
async function indexOf(target: WriteTarget): Promise<Buffer | undefined> {
  let names: string[];
  try {
    names = await readdir(target.path);
  } catch (cause) {
    throw writeError(target.typed, cause);
  }
  if (names.length === 0) return undefined;
  const folder = printable(target.typed);
  if (!names.includes(ociIndex)) {
    throw new UnbakeError('usage', `the folder ${folder} is not empty, and no OCI layout`, { hint: 'name a folder that does not exist yet' });
  }
  const other = names.sort().find((name) => !layoutNames.includes(name));
  if (other !== undefined) {
    throw new UnbakeError('usage', `the folder ${folder} holds ${printable(other)} beside an OCI layout: it would be lost`, {
      hint: 'move it away, or name a folder that does not exist yet',
    });
  }
  return readIndex(target);
}

async function readIndex({ path, typed }: WriteTarget): Promise<Buffer> {
  try {
    const stats = await stat(join(path, ociIndex));
    if (!stats.isFile() || stats.size > defaultLimits.manifestBytes) {
      throw new UnbakeError('usage', `${ociIndex} of ${printable(typed)} is no index: it is ${stats.isFile() ? 'too large' : 'no regular file'}`, {
        hint: 'name a folder that does not exist yet',
      });
    }
    return await readFile(join(path, ociIndex));
  } catch (cause) {
    if (cause instanceof UnbakeError) throw cause;
    throw new UnbakeError('io', `${ociIndex} of ${printable(typed)} cannot be read: ${printable(messageOf(cause))}`, { cause });
  }
}
