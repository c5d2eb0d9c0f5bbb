// A loose object of git as a container: its content is a document, named by its hash.
import type { Blob } from '../../../model/blob.ts';
import { tailStep } from '../beside.ts';
import type { Descent } from '../descent.ts';
import { innerPlace, type Place } from '../names.ts';
import { peeked } from '../peek.ts';
import { rangeOf } from '../../../model/blob-parts.ts';
import { namingHash, objectHeadOf } from './object-head.ts';
import { zlibStream } from './zlib-bytes.ts';

export async function readLoose(blob: Blob, place: Place, descent: Descent): Promise<void> {
  const { bytes, outcome } = zlibStream(blob, 0, blob.size);
  const unnamed = innerPlace(place, 'git object');
  const stream = await peeked(bytes, 32);
  const head = objectHeadOf(stream.head);
  if (head === undefined) {
    await stream.bytes.return();
    return descent.tell(place.way, 'damaged', 'the git object has no head');
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
  const whole = await descent.keep(unnamed.way, hashed());
  const result = outcome();
  const problem = 'problem' in result ? result.problem : length === head.size ? undefined : `it has ${length} bytes and announces ${head.size}`;
  // The budget may have ended it.
  if (problem !== undefined && descent.budget.reached === undefined) descent.tell(unnamed.way, 'damaged', `the git object is damaged: ${problem}`);
  if (descent.isApart && 'end' in result) await descent.plain(innerPlace(place, tailStep), rangeOf(blob, result.end, blob.size));
  const content = rangeOf(whole, head.length, whole.size);
  if (problem !== undefined) return descent.kept(unnamed, content);
  const id = hash.digest('hex');
  await descent.kept(innerPlace(place, `git object ${id}`), content, { id, type: head.type });
}
