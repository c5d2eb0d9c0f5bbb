// The files of a vault, read without following a link anywhere: whoever wrote the folder may have put anything there.
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blob } from '../../model/blob.ts';
import { isSystemError, messageOf, UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';
import { fileBlob } from '../../store/file-blob.ts';

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;

/**
 * Runs the work with a member: `NAME` or `FOLDER/NAME`, both plain. Throws UnbakeError `not-found`, `damaged` when it is no regular file or
 * a link leads to it, `io`.
 */
export async function withMember<T>(folder: string, name: string, work: (body: Blob) => Promise<T>): Promise<T> {
  const parts = name.split('/');
  const base = parts.pop()!;
  const opened: FileHandle[] = [];
  try {
    // The folder itself is the user's word: links to it are followed.
    opened.push(await open(folder, O_RDONLY | O_DIRECTORY));
    for (const part of parts) opened.push(await open(below(opened.at(-1)!, part), O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    // A named pipe would make us wait for its writer.
    const file = await open(below(opened.at(-1)!, base), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    opened.push(file);
    const stats = await file.stat();
    if (!stats.isFile()) throw notRegular(folder, name);
    return await work(fileBlob(file, 0, stats.size));
  } catch (cause) {
    if (cause instanceof UnbakeError) throw cause;
    if (isSystemError(cause, 'ELOOP', 'ENOTDIR', 'ENXIO')) throw notRegular(folder, name);
    const place = printable(join(folder, name));
    if (isSystemError(cause, 'ENOENT')) {
      throw new UnbakeError('not-found', `${place} does not exist`, { hint: 'name the folder that unbake clean --vault wrote' });
    }
    throw new UnbakeError('io', `${place} cannot be read: ${printable(messageOf(cause).replace(/, [\s\S]*$/, ''))}`);
  } finally {
    for (const file of opened) await file.close();
  }
}

/** A path that the kernel takes from the open folder, whatever becomes of its name meanwhile. */
function below({ fd }: FileHandle, name: string): string {
  return `/proc/self/fd/${fd}/${name}`;
}

function notRegular(folder: string, name: string): UnbakeError {
  return new UnbakeError('damaged', `${printable(join(folder, name))} is a link or no regular file: it is not read`, {
    hint: 'name the folder that unbake clean --vault wrote, as it wrote it',
  });
}
