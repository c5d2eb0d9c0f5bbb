// What goes into a pipe or device is staged in a temporary file first: it is looked at before it is sent, and nothing is sent when it
// is not whole.
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeAll, type Staged, staging } from './staging.ts';
import { writeNewFile } from './write-bytes.ts';
import { temporaryFileError } from './write-error.ts';

const chunkSize = 256 * 1024;

/** `pour` sends the bytes on commit. Until then they are in the system's temporary folder, for their owner alone. */
export async function stagedStream(
  typed: string,
  chunks: AsyncIterable<Uint8Array>,
  pour: (chunks: AsyncIterable<Uint8Array>) => Promise<void>,
  signal?: AbortSignal,
): Promise<Staged> {
  const folder = tmpdir();
  const temporary = join(folder, `unbake-${randomBytes(12).toString('hex')}`);
  return staging({
    belongings: { temporary },
    typed,
    write: () => writeNewFile(temporary, chunks, { mode: 0o600, toError: (cause) => temporaryFileError(folder, cause), ...(signal && { signal }) }),
    async put() {
      try {
        await pour(createReadStream(temporary, { highWaterMark: chunkSize }));
      } catch (cause) {
        if (signal?.aborted) throw cause;
        throw temporaryFileError(folder, cause);
      }
      await removeAll(temporary);
    },
  });
}
