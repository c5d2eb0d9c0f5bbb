// A layer that is read, hashed and decompressed by a thread of its own, while this one hashes what comes out, walks and searches it. Pays for
// a layer that is most of an image: all others together would not keep a second thread busy.
import { Worker } from 'node:worker_threads';
import { UnbakeError } from '../../model/error.ts';
import type { OpenSource } from '../layer-source.ts';
import { placeOf } from './blob-place.ts';
import { type BytesTerms, sourceIn } from './layer-bytes.ts';
import { Ring } from './ring.ts';
import { workerUrl } from './worker-url.ts';

/** Needs no rules, so it starts in 50 ms and takes 15 MB. */
export class BytesThread {
  #worker: Worker | undefined;

  /** To be given to `scanLayer`. The blob must be one that another thread can read. */
  readonly open: OpenSource = async (blob, terms, aside) => {
    const place = placeOf(blob);
    if (place === undefined) throw new RangeError('these bytes can be read in one thread alone');
    const ring = new Ring();
    const { algorithm = 'sha256', limits, inflate } = terms;
    const workerData: BytesTerms = {
      part: 'bytes',
      blob: place,
      algorithm,
      limits,
      ring: ring.memory,
      ...(inflate === undefined ? {} : { inflate }),
    };
    let cause: Error | undefined;
    this.#worker = new Worker(workerUrl(), { workerData });
    this.#worker.on('error', (error) => (cause = error)).on('exit', () => ring.close());
    return sourceIn(ring, terms, aside, () => new UnbakeError('unread', 'the layer could not be read: the thread that read it has ended', { cause }));
  };

  /** Whatever it is at, it is gone when this comes back. */
  async stop(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }
}
