// Decompresses what stands encoded in a text, within bounds: a bomb gives its beginning only, and the bombs of one document share a budget.
import { constants, gunzipSync, inflateSync } from 'node:zlib';

/** Bytes that one run may expand to. */
const mostInflated = 4 * 2 ** 20;

/** Tries to come near to the place of a break. */
const mostRounds = 9;

/** What a document may expand to: so much, and so many times its own length. */
const budget = { bytes: 64 * 2 ** 20, ratio: 4 };

export class Inflation {
  #spent = 0;

  /** As much as can be had of the data, 4 MiB at most; undefined when that is nothing or when `seen` bytes of a document have given too much. */
  inflated(data: Buffer, content: 'gzip' | 'zlib', seen: number): Buffer | undefined {
    const decode = content === 'gzip' ? gunzipSync : inflateSync;
    let best: Buffer | undefined;
    let good = 0;
    let bad = data.length + 1;
    // What is broken or too much is decoded up to an earlier place: the decoder gives nothing of it otherwise.
    for (let round = 0, length = data.length; round < mostRounds && bad - good > 1; round++, length = (good + bad) >> 1) {
      if (this.#spent > budget.bytes + budget.ratio * seen) return best;
      try {
        best = decode(data.subarray(0, length), { maxOutputLength: mostInflated, finishFlush: constants.Z_SYNC_FLUSH });
        this.#spent += best.length;
        good = length;
      } catch (error) {
        this.#spent += (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? mostInflated : length;
        bad = length;
      }
    }
    return best === undefined || best.length === 0 ? undefined : best;
  }

  reset(): void {
    this.#spent = 0;
  }
}
