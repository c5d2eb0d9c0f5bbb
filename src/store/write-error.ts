// What the operating system says when it refuses to write, in words that tell which path and what to do.
import { dirname } from 'node:path';
import { isSystemError, messageOf, UnbakeError } from '../model/error.ts';
import { printable } from '../model/printable.ts';

/** `typed` is what the user named, not a temporary name. Errors of ours pass as they are. */
export function writeError(typed: string, cause: unknown): UnbakeError {
  if (cause instanceof UnbakeError) return cause;
  const name = printable(typed);
  if (isSystemError(cause, 'ENOENT')) {
    const parent = printable(dirname(typed));
    return new UnbakeError('usage', `${name} cannot be written: the folder ${parent} does not exist`, {
      hint: 'make it first, with mkdir -p',
      cause,
    });
  }
  if (isSystemError(cause, 'ENOTDIR')) {
    return new UnbakeError('usage', `${name} cannot be written: a part of its path is no folder`, { hint: 'choose another path', cause });
  }
  return new UnbakeError('io', `${name} cannot be written: ${reasonOf(cause)}`, { hint: hintFor(cause), cause });
}

/** For files of ours in a folder that the user did not name. */
export function temporaryFileError(folder: string, cause: unknown): UnbakeError {
  if (cause instanceof UnbakeError) return cause;
  return new UnbakeError('io', `a temporary file cannot be written in ${printable(folder)}: ${reasonOf(cause)}`, {
    hint: 'make room there, or set TMPDIR to a folder that is larger and can be written',
    cause,
  });
}

/** What the system says, without the call and the temporary path that stand behind its comma. */
export function reasonOf(cause: unknown): string {
  return printable(messageOf(cause).replace(/, [\s\S]*$/, ''));
}

function hintFor(cause: unknown): string {
  if (isSystemError(cause, 'ENOSPC', 'EDQUOT', 'EFBIG')) return 'make room there, or write to another disk';
  if (isSystemError(cause, 'EACCES', 'EPERM', 'EROFS')) return 'it is written beside its place first: choose a folder that you may write to';
  if (isSystemError(cause, 'EBUSY', 'EXDEV')) return 'it may be a mount point: write to a path inside it';
  if (isSystemError(cause, 'ENAMETOOLONG')) return 'choose a shorter name';
  return 'write to another path';
}
