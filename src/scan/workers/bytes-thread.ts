// A layer that is read, hashed and decompressed by a thread of its own, while this one hashes what comes out, walks and searches it. Pays for
// a layer that is most of an image: all others together would not keep a second thread busy.
import { Worker } from 'node:worker_threads';
import { UnbakeError } from '../../model/error.ts';
import { type LayerSource, openHere, type OpenSource } from '../layer-source.ts';
import { placeOf } from './blob-place.ts';
import { type BytesTerms, sourceIn } from './layer-bytes.ts';
import { Ring } from './ring.ts';
import { workerUrl } from './worker-url.ts';

/** Needs no rules: it starts in 50 ms. */
export class BytesThread {
  #worker: Worker | undefined;

  /** To be given to `scanLayer`. What no other thread can read, or no thread can be had for, is read in this one. */
  readonly open: OpenSource = async (blob, terms, aside) => {
    const place = placeOf(blob);
    if (place === undefined) return openHere(blob, terms, aside);
    const ring = new Ring();
    const lost = new UnbakeError('unread', 'the layer could not be read to its end: the thread that read it has ended');
    let source: LayerSource;
    try {
      const { algorithm = 'sha256', limits, inflate } = terms;
      const workerData: BytesTerms = { part: 'bytes', blob: place, algorithm, limits, ring: ring.memory, ...(inflate && { inflate }) };
      this.#worker = new Worker(workerUrl(), { workerData });
      // What it dies of is of no use to who reads: it has ended.
      this.#worker.on('error', () => ring.close()).on('exit', () => ring.close());
      source = await sourceIn(ring, terms, aside, lost);
    } catch (thrown) {
      // Nothing of the layer was told yet.
      if (thrown === lost || !(thrown instanceof UnbakeError || terms.signal?.aborted === true)) return openHere(blob, terms, aside);
      throw thrown;
    }
    return source;
  };

  /** Whatever it is at, it is gone when this comes back. */
  async stop(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }
}
