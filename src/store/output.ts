// Images on their way out: written whole under a temporary name, looked at there by whoever asked for them, and then put in place.
// Whatever happens, a kill included, nobody sees a half-written image and nothing of ours is left.
import { UnbakeError } from '../model/error.ts';
import { recompressed } from '../tar/compress.ts';
import type { OutputContents } from './output-contents.ts';
import type { OutputTarget } from './output-target.ts';
import { pourIntoStandardOutput } from './pour.ts';
import { stageFile } from './staged.ts';
import { type LayoutOptions, stageLayout } from './staged-layout.ts';
import { stagedStream } from './staged-stream.ts';
import type { Staged } from './staging.ts';
import { archiveBytes } from './write-archive.ts';

export type { OutputContents } from './output-contents.ts';
export { type OutputForm, type OutputTarget, parseOutput } from './output-target.ts';

export interface StagedOutput extends Pick<Staged, 'commit' | 'discard'> {
  /** A reference to the whole result under its temporary name, to be opened and proved before it is committed: an absolute path. */
  readonly reference: string;
}

/**
 * Writes everything under a temporary name beside the target, for standard output in the system's temporary folder. Errors are
 * UnbakeErrors that name the target: `io`, `usage`, and `damaged` for a blob that is not what its digest says. `replaces` is for a layout
 * that is there, by default `same names`.
 */
export async function stageOutput(
  target: OutputTarget,
  contents: OutputContents,
  { signal, replaces = 'same names' }: Partial<LayoutOptions> = {},
): Promise<StagedOutput> {
  const staged = await stagedFor(target, contents, { replaces, ...(signal && { signal }) });
  return { reference: staged.path, commit: () => staged.commit(), discard: () => staged.discard() };
}

function stagedFor(target: OutputTarget, contents: OutputContents, options: LayoutOptions): Promise<Staged> {
  const { signal } = options;
  switch (target.kind) {
    case 'oci':
      return stageLayout(target.path, contents, options);
    case 'docker-archive':
    case 'oci-archive':
      return stageFile(target.path, recompressed(archiveBytes(contents, target.kind), target.compression), {
        mode: 0o644,
        ...(signal && { signal }),
      });
    case 'stdout': {
      if (process.stdout.isTTY) {
        throw new UnbakeError('usage', 'an image is not written to a terminal', { hint: 'send it to a file or program: > FILE, or | docker load' });
      }
      return stagedStream('standard output', archiveBytes(contents, target.form), (chunks) => pourIntoStandardOutput(chunks, signal), signal);
    }
  }
}
