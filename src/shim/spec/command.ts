// Which program a container runs, where, and how it is asked to end: the image's word, changed by the flags as docker does.
import { UnbakeError } from '../../model/error.ts';
import type { RunImage } from '../../model/run-image.ts';
import type { RunRequest } from './request.ts';

/**
 * Entrypoint and command. Arguments of the command line replace the image's Cmd; `--entrypoint` replaces its Entrypoint and drops its Cmd, an empty one drops both.
 * Throws UnbakeError `usage` when nothing is left.
 */
export function commandOf(image: Pick<RunImage, 'entrypoint' | 'cmd'>, request: Pick<RunRequest, 'args' | 'entrypoint'>): readonly string[] {
  const cmd = request.args.length === 0 && request.entrypoint === undefined ? image.cmd : request.args;
  const entrypoint = request.entrypoint === undefined ? image.entrypoint : [request.entrypoint];
  const isReset = entrypoint.length === 1 && entrypoint[0] === '';
  const command = isReset ? cmd : [...entrypoint, ...cmd];
  if (command.length > 0) return command;
  throw new UnbakeError('usage', 'no command specified: the image names none', { hint: 'give one behind the image, or with --entrypoint' });
}

export function workingDirOf(image: Pick<RunImage, 'workingDir'>, request: Pick<RunRequest, 'workdir'>): string {
  return request.workdir ?? (image.workingDir === '' ? '/' : image.workingDir);
}

/** `SIGNAME` or a number. */
export function stopSignalOf(image: Pick<RunImage, 'stopSignal'>, request: Pick<RunRequest, 'stopSignal'>): string {
  return request.stopSignal ?? image.stopSignal ?? 'SIGTERM';
}
