// What stands around the members of an archive (extended headers, bytes between and behind them, the header of its compression) is
// kept to be searched, up to a bound; and what was lost on the way is told.
import { blobOf } from '../model/blob.ts';
import type { LooseBlob } from '../model/image.ts';
import type { Skipped } from '../model/report.ts';

const mostKept = 16 * 2 ** 20;

export class Around {
  readonly skipped: Skipped[] = [];
  readonly #pieces = new Map<string, Buffer[]>();
  #kept = 0;

  /** The bytes are copied; pieces of one name are one text. */
  add(name: string, bytes: Uint8Array): void {
    if (this.#kept > mostKept) return;
    this.#kept += bytes.length;
    if (this.#kept > mostKept) {
      this.skipped.push({ reason: 'limit', place: 'archive', detail: `only the first ${mostKept} bytes around its members were searched` });
      return;
    }
    const pieces = this.#pieces.get(name);
    if (pieces === undefined) this.#pieces.set(name, [Buffer.from(bytes)]);
    else pieces.push(Buffer.from(bytes));
  }

  texts(): LooseBlob[] {
    return [...this.#pieces].map(([name, pieces]) => ({ name, blob: blobOf(Buffer.concat(pieces)), isFragment: true }));
  }
}
