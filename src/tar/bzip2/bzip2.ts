// One stream of bzip2, block by block: whatever a block unfolds to, it comes in pieces, so that who reads can stop in it. Forty bytes
// may stand for 46 MB.
import type { Decompression } from '../aside.ts';
import type { ByteReader } from '../byte-reader.ts';
import { Bits } from './bits.ts';
import { type Block, blockAt } from './block.ts';

const pieceSize = 256 * 1024;
/** What comes out of one byte in front of the run-length code, at most: five stand for four of them and 255 more. */
const longestRun = 52;
const blockMagic = [0x314159, 0x265359] as const;
const endMagic = [0x177245, 0x385090] as const;

/**
 * The reader stands at 'BZh' and a level from 1 to 9; afterwards behind the last byte of the stream, unless it broke.
 * Returns false when it broke: the blocks in front were given. Memory: some 15 MB.
 */
export async function* bunzipped({ reader, aside, isBorrowing }: Decompression): AsyncGenerator<Uint8Array, boolean> {
  const level = (await reader.takeExactly(4))[3] - 0x30;
  const longest = level * 100_000;
  let room: Uint32Array = new Uint32Array(0);
  let bit = 0;
  let total = 0;
  let given = 0;
  for (;;) {
    const start = reader.offset;
    const broken = (what: string): false => {
      aside.damage(`the bzip2 stream is ${what}, after ${given} uncompressed bytes`, start);
      return false;
    };
    const bits = new Bits(await blockAhead(reader, level), bit);
    const magic = [bits.take(24), bits.take(24)];
    if (magic[0] === endMagic[0] && magic[1] === endMagic[1]) {
      const crc = bits.take32();
      if (bits.isOver) return broken('truncated');
      await reader.takeExactly(Math.ceil(bits.offset / 8));
      // The blocks were compared one by one: only their order is not known to be right. It does not hide what follows.
      if (crc !== total) aside.damage('the bzip2 checksum of all blocks does not match the data', start);
      return true;
    }
    if (bits.isOver) return broken('truncated');
    if (magic[0] !== blockMagic[0] || magic[1] !== blockMagic[1]) return broken('corrupt (no block begins here)');
    const block = blockAt(bits, room, longest);
    if (bits.isOver) return broken('truncated');
    if (typeof block === 'string') return broken(`corrupt (a block cannot be read: ${block})`);
    room = block.links;
    await reader.takeExactly(Math.floor(bits.offset / 8));
    bit = bits.offset % 8;
    const unfolding = unfolded(block, isBorrowing);
    let step = unfolding.next();
    for (; !step.done; step = unfolding.next()) {
      given += step.value.length;
      yield step.value;
    }
    const crc = step.value;
    if (crc !== block.crc) return broken('corrupt (the checksum of a block does not match)');
    total = (((total << 1) | (total >>> 31)) ^ crc) >>> 0;
  }
}

/** Enough for any block. Blocks may be small and many, so it is read far ahead, and seldom. */
async function blockAhead(reader: ByteReader, level: number): Promise<Buffer> {
  // Every byte of a block coded with the longest code, and its tables.
  const longestStored = level * 250_000 + 64 * 1024;
  const ready = await reader.peek(0);
  return ready.length >= longestStored ? ready : reader.peek(2 * longestStored);
}

/**
 * Four equal bytes are followed by a count of more of them. Returns the checksum of what came out. With `isBorrowing` each piece is valid only
 * until the next one is asked for.
 */
function* unfolded({ links, count, first }: Block, isBorrowing?: true): Generator<Uint8Array, number> {
  let piece: Buffer = Buffer.alloc(0);
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
    if (filled + times > piece.length) {
      if (filled > 0) yield piece.subarray(0, filled);
      if (isBorrowing !== true || piece.length === 0) piece = Buffer.allocUnsafeSlow(Math.min(pieceSize, 255 + left * longestRun));
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
