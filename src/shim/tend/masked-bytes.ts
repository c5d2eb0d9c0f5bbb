// Takes the values that must not be logged out of a stream of bytes, however it is cut into chunks. What may be the beginning of a value is
// held back until more bytes tell; so the memory is bounded by the longest value.

/** Values, and lines of values, by their first four bytes. */
export interface Patterns {
  readonly all: readonly Buffer[];
  readonly byStart: ReadonlyMap<number, readonly Buffer[]>;
  /** 1 where a pattern may begin, by a hash of its first four bytes: most positions are passed over with one look. */
  readonly filter: Uint8Array;
}

const shortestValue = 4;
const shortestLine = 8;
const mask = Buffer.from('***');
const nothing = Buffer.alloc(0);

/**
 * Values of 4 bytes and more, without the line ends around them, and each line of 8 bytes and more of a value that has several, because it
 * may be printed with other line ends, indented or quoted. Shorter ones are left alone: they would be found everywhere.
 */
export function patternsOf(values: Iterable<Buffer>): Patterns {
  const all = new Map<string, Buffer>();
  for (const value of values) {
    const text = value.toString('latin1').replace(/^[\r\n]+|[\r\n]+$/g, '');
    if (text.length < shortestValue) continue;
    const lines = text.split(/\r?\n/).filter((line) => line.length >= shortestLine && line.trim() !== '');
    for (const pattern of [text, ...lines]) all.set(pattern, Buffer.from(pattern, 'latin1'));
  }
  const byStart = new Map<number, Buffer[]>();
  const filter = new Uint8Array(all.size === 0 ? 0 : 1 << 16);
  for (const pattern of all.values()) {
    const start = pattern.readUInt32BE();
    filter[slotOf(start)] = 1;
    byStart.set(start, [...(byStart.get(start) ?? []), pattern]);
  }
  return { all: [...all.values()], byStart, filter };
}

function slotOf(start: number): number {
  return (start ^ (start >>> 16)) & 0xffff;
}

/** One stream: every place where a value stands, and places that overlap as one, becomes `***`. */
export class MaskedBytes {
  readonly #patterns: Patterns;
  #held: Buffer = nothing;
  /** So many of the held bytes belong to a value whose mask was given out already. */
  #covered = 0;

  constructor(patterns: Patterns) {
    this.#patterns = patterns;
  }

  /** What is known to be clean now. The result may be a part of `chunk` itself. */
  push(chunk: Buffer): Buffer {
    return this.#patterns.all.length === 0 ? chunk : this.#masked(this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]), false);
  }

  /** The rest. The beginning of a value, of 4 bytes and more, is masked too: more of it may be on its way to our successor. */
  end(): Buffer {
    return this.#masked(this.#held, true);
  }

  #masked(bytes: Buffer, isEnd: boolean): Buffer {
    const { byStart, filter } = this.#patterns;
    const pieces: Buffer[] = [];
    let copiedTo = this.#covered;
    let position = 0;
    let start = bytes.length < shortestValue ? 0 : bytes.readUInt32BE() >>> 8;
    for (; position < bytes.length; position++) {
      const hasStart = position + shortestValue <= bytes.length;
      if (hasStart) {
        start = ((start << 8) | bytes[position + 3]!) >>> 0;
        if (filter[slotOf(start)] === 0) continue;
      }
      const { length, isOpen } = longestAt(bytes, position, hasStart ? byStart.get(start) : this.#patterns.all);
      if (isOpen && !isEnd) break;
      const end = position + (isOpen && hasStart ? bytes.length - position : length);
      if (end <= copiedTo || end === position) continue;
      if (position >= copiedTo) pieces.push(bytes.subarray(copiedTo, position), mask);
      copiedTo = end;
    }
    if (copiedTo < position) pieces.push(bytes.subarray(copiedTo, position));
    this.#covered = Math.max(0, copiedTo - position);
    this.#held = position === bytes.length ? nothing : Buffer.from(bytes.subarray(position));
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }
}

/** The length of the longest pattern that stands here whole, and whether one more may, of which the bytes end too early to tell. */
function longestAt(bytes: Buffer, position: number, patterns: readonly Buffer[] = []): { length: number; isOpen: boolean } {
  const rest = bytes.length - position;
  let length = 0;
  let isOpen = false;
  for (const pattern of patterns) {
    const compared = Math.min(pattern.length, rest);
    if (bytes.compare(pattern, 0, compared, position, position + compared) !== 0) continue;
    if (compared < pattern.length) isOpen = true;
    else length = Math.max(length, compared);
  }
  return { length, isOpen };
}
