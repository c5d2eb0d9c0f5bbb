// Files and folders that appear at their place whole or not at all.
import { chmod, chown, mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Blob } from '../model/blob.ts';
import { normalizePath } from '../model/entry.ts';
import { UnbakeError } from '../model/error.ts';
import { printable } from '../model/printable.ts';
import { pourIntoPath } from './pour.ts';
import { stagedFolder } from './staged-folder.ts';
import { stagedStream } from './staged-stream.ts';
import { type Staged, staging, temporaryNameFor } from './staging.ts';
import { syncFolder, writeNewFile } from './write-bytes.ts';
import { writeError } from './write-error.ts';
import { type WriteTarget, writeTargetOf } from './write-target.ts';

export type { Staged } from './staging.ts';

/**
 * A file under a temporary name beside what `target` leads to, or in the temporary folder when that is a device or pipe, into which
 * commit writes. `mode` is that of a new file, subject to the umask. A file that is there keeps its mode and, where that is allowed, its
 * owner; a private `mode` (nothing for group and others) is set all the same. Throws UnbakeError `io` or `usage`, and what `chunks` throw.
 */
export async function stageFile(
  target: string,
  chunks: AsyncIterable<Uint8Array> | string,
  { mode, signal }: { readonly mode: number; readonly signal?: AbortSignal },
): Promise<Staged> {
  const goal = await writeTargetOf(target);
  const bytes = typeof chunks === 'string' ? bytesOfText(chunks) : chunks;
  if (goal.kind === 'folder' || target.endsWith('/')) {
    throw new UnbakeError('usage', `${printable(target)} is a folder, and a file is to be written`, { hint: 'name a file in it' });
  }
  if (goal.kind === 'stream') {
    return stagedStream(target, bytes, (poured) => pourIntoPath(poured, goal.path, goal.stats, target, signal), signal);
  }
  const temporary = temporaryNameFor(goal.path);
  return staging({
    belongings: { temporary },
    typed: target,
    async write() {
      const toError = (cause: unknown) => writeError(target, cause);
      await writeNewFile(temporary, bytes, { mode: goal.kind === 'new' ? mode : 0o600, toError, ...(signal && { signal }) });
      await takeAfter(goal, temporary, mode);
    },
    async put() {
      try {
        await rename(temporary, goal.path);
      } catch (cause) {
        throw writeError(target, cause);
      }
      await syncFolder(dirname(goal.path));
    },
  });
}

async function takeAfter(goal: WriteTarget, temporary: string, mode: number): Promise<void> {
  if (goal.kind !== 'file') return;
  try {
    await chown(temporary, goal.stats.uid, goal.stats.gid).catch(() => undefined);
    await chmod(temporary, (mode & 0o077) === 0 ? mode : goal.stats.mode & 0o777);
  } catch (cause) {
    throw writeError(goal.typed, cause);
  }
}

export interface FolderMember {
  /** Path inside the folder, with slashes. */
  readonly name: string;
  readonly content: Blob | string | (() => AsyncIterable<Uint8Array>);
  /** Of the file, subject to the umask. */
  readonly mode: number;
}

/**
 * A folder with these files under a temporary name beside `target`, which must not exist, or be an empty folder: otherwise UnbakeError
 * `usage`. Private folders have mode 0700 from their beginning.
 */
export async function stageFolder(
  target: string,
  members: readonly FolderMember[],
  { isPrivate, signal }: { readonly isPrivate: boolean; readonly signal?: AbortSignal },
): Promise<Staged> {
  for (const { name } of members) {
    if (name !== '' && normalizePath(name) === name) continue;
    throw new UnbakeError('usage', `${printable(JSON.stringify(name))} is no path inside a folder`);
  }
  const goal = await writeTargetOf(target);
  const toError = (cause: unknown) => writeError(target, cause);
  return stagedFolder({
    target: goal,
    isPrivate,
    async fill(folder) {
      const folders = new Set<string>();
      for (const { name, content, mode } of members) {
        const path = join(folder, name);
        try {
          await mkdir(dirname(path), { recursive: true, mode: isPrivate ? 0o700 : 0o777 });
        } catch (cause) {
          throw toError(cause);
        }
        folders.add(dirname(path));
        await writeNewFile(path, bytesOfContent(content), { mode, toError, ...(signal && { signal }) });
      }
      for (const path of folders) await syncFolder(path);
    },
  });
}

function bytesOfContent(content: FolderMember['content']): AsyncIterable<Uint8Array> {
  if (typeof content === 'string') return bytesOfText(content);
  return typeof content === 'function' ? content() : content.open();
}

async function* bytesOfText(text: string): AsyncGenerator<Uint8Array> {
  if (text !== '') yield Buffer.from(text);
}
