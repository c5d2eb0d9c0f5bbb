// Finds words with several escaped characters close together. The run is the word with what is not escaped in it, as a URL of a database is
// mostly plain text.
import type { Places } from '../../core/runs.ts';
import { wordEndTable } from './alphabet.ts';
import { type DecodedRun, type Finder, longestSlice, lookahead, sliceOverlap, type Stretch } from './decoded-run.ts';
import type { Escaping } from './escapes.ts';
import { printableShare } from './readable.ts';

/** Fewer are found in any text. */
const fewestEscapes = 4;
/** Plain characters between two escapes of one run. */
const longestGap = 64;
/** Plain characters before the first escape and behind the last one. */
const longestEnd = 256;
const longestEscape = 6;

export class EscapeRuns implements Finder {
  readonly #escaping: Escaping;
  readonly #found: (run: DecodedRun) => void;
  /** Where the next slice of a run begins that was too long for one. */
  #cutAt = -Infinity;

  constructor(escaping: Escaping, found: (run: DecodedRun) => void) {
    this.#escaping = escaping;
    this.#found = found;
  }

  /** Another document follows. */
  begin(): void {
    this.#cutAt = -Infinity;
  }

  search(stretch: Stretch, from: number, places: Places): number {
    const { bytes, isEnd } = stretch;
    if (stretch.base + from < this.#cutAt) this.#cutAt = -Infinity;
    let at = from;
    for (;;) {
      const hit = places.next(at);
      if (hit < 0) return Math.max(at, places.resume);
      const cluster = this.#clusterAt(bytes, hit);
      const isRun = cluster.count >= fewestEscapes;
      const isOpen = !isEnd && (cluster.end === bytes.length || (isRun && bytes.length - cluster.end < longestEnd));
      if (isOpen && bytes.length - hit < longestSlice - lookahead) return hit;
      if (isRun) this.#hand(stretch, hit, cluster.end);
      const isCut = isRun && (cluster.isCut || isOpen);
      at = isCut ? cluster.end - sliceOverlap : cluster.end;
      if (isCut) this.#cutAt = stretch.base + at;
    }
  }

  /** The escapes from `hit` on that stand close together, up to the end of the last; `count` is how many are of printable ASCII. */
  #clusterAt(bytes: Buffer, hit: number): { readonly count: number; readonly end: number; readonly isCut: boolean } {
    const limit = Math.min(bytes.length, hit + longestSlice);
    let count = 0;
    let end = hit;
    let at = hit;
    while (at < limit && at - end <= longestGap) {
      const escape = this.#escaping.read(bytes, at);
      if (escape !== 0) {
        const character = escape >> 4;
        if (character >= 0x20 && character < 0x7f && (escape & 15) > 2) count++;
        at += escape & 15;
        end = at;
      } else if (wordEndTable[bytes[at]] !== 0) break;
      else at++;
    }
    // Behind the last escape that was seen another one may begin.
    if (at >= bytes.length) return { count, end: bytes.length, isCut: false };
    if (at >= limit) return { count, end, isCut: true };
    return { count, end: Math.max(end, hit + 1), isCut: false };
  }

  #hand({ bytes, base }: Stretch, hit: number, clusterEnd: number): void {
    let from = hit;
    // Before the overlap with another slice there may be the rest of an escape, and nothing is new there.
    const isContinued = base + hit - this.#cutAt < longestEscape;
    while (!isContinued && from > 0 && hit - from < longestEnd && wordEndTable[bytes[from - 1]] === 0) from--;
    const decoded = Buffer.allocUnsafe(clusterEnd - from + longestEnd + 16);
    const places = new Uint32Array(decoded.length + 1);
    let length = 0;
    let at = from;
    while (at < bytes.length && at - clusterEnd < longestEnd) {
      const escape = this.#escaping.read(bytes, at);
      if (escape === 0 && wordEndTable[bytes[at]] !== 0) break;
      const next = escape === 0 ? at + 1 : at + (escape & 15);
      // Only escapes of six characters are of characters; the others may be of bytes.
      const isWide = escape >> 4 >= 0x80 && (escape & 15) === longestEscape;
      const written = isWide ? decoded.write(String.fromCharCode(escape >> 4), length) : 1;
      if (!isWide) decoded[length] = escape === 0 ? bytes[at] : escape >> 4;
      places.fill(at - from, length, length + written);
      length += written;
      at = next;
    }
    places[length] = at - from;
    if (printableShare(decoded, 0, 1, length) < 0.75) return;
    const start = base + from;
    this.#found({
      steps: [this.#escaping.name],
      bytes: decoded.subarray(0, length),
      start,
      end: base + at,
      sourceOf: (first, last) => ({ start: start + places[Math.min(first, length)], end: start + places[Math.min(last, length)] }),
    });
  }
}
