// A blob on its way to a new place, compared with its name.
import type { Blob } from '../model/blob.ts';
import { type Digest, hashFor, hexOf } from '../model/digest.ts';
import { UnbakeError } from '../model/error.ts';

/** The bytes of the blob. Throws UnbakeError `damaged` at their end, or as soon as they are too many, when they are not what the digest says. */
export async function* verified(digest: Digest, blob: Blob): AsyncGenerator<Uint8Array> {
  const hash = hashFor(digest);
  let size = 0;
  for await (const chunk of blob.open()) {
    size += chunk.length;
    if (size > blob.size) break;
    hash.update(chunk);
    yield chunk;
  }
  const hint = 'the image changed while it was read, or it is damaged: get it anew';
  if (size !== blob.size) {
    throw new UnbakeError(
      'damaged',
      `the blob ${digest} has ${size > blob.size ? 'more than' : 'only'} ${Math.min(size, blob.size)} of its ${blob.size} bytes`,
      { hint },
    );
  }
  const actual = hash.digest('hex');
  if (actual !== hexOf(digest)) throw new UnbakeError('damaged', `the blob ${digest} is not what its name says: its digest is ${actual}`, { hint });
}
