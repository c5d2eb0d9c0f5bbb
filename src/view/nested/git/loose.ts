// A loose object of git as a container: its content is a document, named by its hash.
import type { Blob } from '../../../model/blob.ts';
import type { Descent, Way } from '../descent.ts';
import { peeked } from '../peek.ts';
import { rangeOf } from '../../../model/blob-parts.ts';
import { namingHash, objectHeadOf } from './object-head.ts';
import { zlibStream } from './zlib-bytes.ts';

export async function readLoose(blob: Blob, way: Way, descent: Descent): Promise<void> {
  const { bytes, outcome } = zlibStream(blob, 0, blob.size);
  const unnamed = [...way, 'git object'];
  const stream = await peeked(bytes, 32);
  const head = objectHeadOf(stream.head);
  if (head === undefined) {
    await stream.bytes.return();
    return descent.tell(way, 'damaged', 'the git object has no head');
  }
  const hash = namingHash(head.type, head.size);
  let length = -head.length;
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of stream.bytes) {
      // The head is part of the stream, and is hashed already.
      const from = Math.min(chunk.length, Math.max(0, -length));
      hash.update(chunk.subarray(from));
      length += chunk.length;
      yield chunk;
    }
  }
  const whole = await descent.keep(unnamed, hashed());
  const result = outcome();
  const problem = 'problem' in result ? result.problem : length === head.size ? undefined : `it has ${length} bytes and announces ${head.size}`;
  // The budget may have ended it.
  if (problem !== undefined && descent.budget.reached === undefined) descent.tell(unnamed, 'damaged', `the git object is damaged: ${problem}`);
  const named = problem === undefined ? [...way, `git object ${hash.digest('hex')}`] : unnamed;
  await descent.kept(named, rangeOf(whole, head.length, whole.size));
}
