// Streams of bzip2, block by block: whatever a block unfolds to, it comes in pieces, so that who reads can stop in it. The library that
// reads whole archives takes all of a small file at once, and forty bytes may stand for 46 MB.
import type { Blob } from '../../../model/blob.ts';
import { Window } from '../window.ts';
import { Bits } from './bits.ts';
import { type Block, blockAt } from './block.ts';

const pieceSize = 256 * 1024;
const blockMagic = [0x314159, 0x265359] as const;
const endMagic = [0x177245, 0x385090] as const;

export interface Bunzipping {
  readonly bytes: AsyncGenerator<Uint8Array>;
  /** Where bytes begin that are no bzip2; known when `bytes` was read to its end. */
  tailStart(): number | undefined;
}

/** `damaged` is called when it breaks, behind the last whole block. Memory: some 10 MB. */
export function bunzipping(blob: Blob, damaged: (detail: string) => void): Bunzipping {
  let tail: number | undefined;
  async function* bytes(): AsyncGenerator<Uint8Array> {
    const window = new Window(blob);
    let at = 0;
    for (;;) {
      const end = yield* stream(window, at, damaged);
      if (end === undefined) return;
      const next = await window.read(end, 4);
      if (!/^BZh[1-9]$/.test(next.toString('latin1'))) {
        if (end < blob.size) tail = end;
        return;
      }
      at = end;
    }
  }
  return { bytes: bytes(), tailStart: () => tail };
}

/** One stream. Returns where it ends; undefined when it broke. */
async function* stream(window: Window, start: number, damaged: (detail: string) => void): AsyncGenerator<Uint8Array, number | undefined> {
  const level = (await window.read(start, 4))[3] - 0x30;
  const links = new Uint32Array(level * 100_000);
  // Every byte of a block coded with the longest code, and its tables.
  const longestBlock = level * 250_000 + 64 * 1024;
  let bit = (start + 4) * 8;
  let total = 0;
  const broken = (what: string): undefined => {
    damaged(`the bzip2 stream is ${what}; at compressed byte ${Math.floor(bit / 8)}`);
    return undefined;
  };
  for (;;) {
    const from = Math.floor(bit / 8);
    const ready = await window.read(from, longestBlock);
    const bits = new Bits(ready, bit - from * 8);
    const magic = [bits.take(24), bits.take(24)];
    if (magic[0] === endMagic[0] && magic[1] === endMagic[1]) {
      const crc = bits.take32();
      if (bits.isOver) return broken('truncated');
      // The blocks were compared one by one: only their order is not known to be right.
      if (crc !== total) broken('corrupt (the checksum of all blocks does not match)');
      return from + Math.ceil(bits.offset / 8);
    }
    if (bits.isOver) return broken('truncated');
    if (magic[0] !== blockMagic[0] || magic[1] !== blockMagic[1]) return broken('corrupt (no block begins here)');
    const block = blockAt(bits, links);
    if (bits.isOver) return broken('truncated');
    if (typeof block === 'string') return broken(`corrupt (a block cannot be read: ${block})`);
    const crc = yield* unfolded(block);
    if (crc !== block.crc) return broken('corrupt (the checksum of a block does not match)');
    total = (((total << 1) | (total >>> 31)) ^ crc) >>> 0;
    bit = from * 8 + bits.offset;
  }
}

/** Four equal bytes are followed by a count of more of them. Returns the checksum of what came out. */
function* unfolded({ links, count, first }: Block): Generator<Uint8Array, number> {
  let piece = Buffer.allocUnsafeSlow(pieceSize);
  let filled = 0;
  let crc = 0xffffffff;
  let link = first;
  let last = -1;
  let equal = 0;
  for (let left = count; left > 0; left--) {
    const value = links[link] & 0xff;
    link = links[link] >>> 8;
    let times = 1;
    if (equal === 4) {
      times = value;
      equal = 0;
    } else {
      equal = value === last ? equal + 1 : 1;
      last = value;
    }
    if (filled + times > pieceSize) {
      yield piece.subarray(0, filled);
      piece = Buffer.allocUnsafeSlow(pieceSize);
      filled = 0;
    }
    for (; times > 0; times--) {
      piece[filled++] = last;
      crc = (crc << 8) ^ crcTable[(crc >>> 24) ^ last];
    }
  }
  if (filled > 0) yield piece.subarray(0, filled);
  return ~crc >>> 0;
}

/** CRC-32 with the highest bit first. */
const crcTable = Int32Array.from({ length: 256 }, (_, value) => {
  let crc = value << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc;
});
