// One zstd frame (RFC 8878, section 3.1). node's decoder stops after the first frame without a word and takes some truncated
// frames for whole, so the frames and their blocks are walked here and only whole blocks are fed to it.
import { createZstdDecompress } from 'node:zlib';
import { isSkippableFrame } from './compression.ts';
import type { Decompression } from './aside.ts';
import { throughZlib } from './zlib-stream.ts';
import { zstdDecoder, zstdOptions } from './zstd-decoder.ts';

const largestBlock = 128 * 1024;
/** Frames of no more than this leave their decoder to the next one. */
const smallFrame = 2 * 1024 * 1024;

export async function* unzstded(decompression: Decompression): AsyncGenerator<Uint8Array, boolean> {
  const { reader, aside } = decompression;
  if (isSkippableFrame(await reader.peek(4))) return skipFrame(decompression);

  const frameStart = reader.offset;
  const walk = new FrameWalk(decompression);
  const head = await walk.header();
  let given = 0;
  if (head !== undefined) {
    const kept = (block: Buffer) => (decompression.isLent === true ? Buffer.from(block) : block);
    const collected = [kept(head)];
    // Read ahead of the decoder: small frames are over here, and leave it to the next one.
    let collectedBlocks = 0;
    while (!walk.isOver && collectedBlocks * largestBlock < smallFrame) {
      collected.push(kept(await walk.block()));
      collectedBlocks++;
    }
    const isSmall = walk.isOver && walk.problem === undefined;
    const next = async () => collected.shift() ?? (walk.isOver ? Buffer.alloc(0) : walk.block());
    const decoding = decoded(decompression, next, isSmall);
    let step = await decoding.next();
    try {
      for (; !step.done; step = await decoding.next()) {
        given += step.value.length;
        yield step.value;
      }
    } finally {
      if (!step.done) await decoding.return(undefined);
    }
    // Its words are not told: for the same damage they differ with what the decoder decoded before.
    if (step.value !== undefined) walk.problem ??= 'the zstd frame is corrupt';
  }
  if (walk.problem === undefined) return true;
  aside.damage(`${walk.problem}, in the frame that begins at ${frameStart}, after ${given} uncompressed bytes of it`, walk.lastBlock);
  return false;
}

/** The output of one frame, that `next` gives in pieces up to an empty one. Returns what is wrong with it, if anything is. */
async function* decoded(
  { reader, isBorrowing }: Decompression,
  next: () => Promise<Buffer>,
  isSmall: boolean,
): AsyncGenerator<Uint8Array, string | undefined> {
  const decoder = zstdDecoder();
  if (decoder === undefined) {
    const { error } = yield* throughZlib(createZstdDecompress(zstdOptions), reader, next);
    return error?.message;
  }
  let isOver = false;
  try {
    // Nothing more is taken after an error: the walk tells at which block it was.
    while (decoder.error === undefined) {
      const bytes = await next();
      isOver = bytes.length === 0;
      if (isOver) break;
      yield* decoder.write(bytes, isBorrowing);
    }
    const rest = decoder.end(isBorrowing);
    if (rest.length > 0) yield rest;
    return decoder.error;
  } finally {
    decoder.close(isSmall && isOver);
  }
}

/** Skippable frames hold tables of contents and whatever anybody put there. */
async function skipFrame({ reader, aside }: Decompression): Promise<boolean> {
  const start = reader.offset;
  const head = await reader.takeExactly(8);
  let left = head.length === 8 ? head.readUInt32LE(4) : 1;
  while (left > 0) {
    const offset = reader.offset;
    const bytes = await reader.take(left);
    if (bytes.length === 0) {
      aside.damage('a skippable frame of the zstd stream is truncated', start);
      return false;
    }
    await aside.stray(bytes, 'skippable frame of the zstd stream', offset);
    left -= bytes.length;
  }
  return true;
}

/** Takes a frame from the reader piece by piece: the header, each block, and the checksum, which may be wrong when the data is not. */
class FrameWalk {
  readonly #reader: Decompression['reader'];
  #hasChecksum = false;
  #isChecksumNext = false;
  isOver = false;
  problem: string | undefined;
  /** Offset of the block that was begun last. */
  lastBlock: number;

  constructor({ reader }: Decompression) {
    this.#reader = reader;
    this.lastBlock = reader.offset;
  }

  async header(): Promise<Buffer | undefined> {
    const ready = await this.#reader.peek(18);
    if (ready.length < 5) return this.#stop('the zstd frame header is truncated');
    const descriptor = ready[4];
    const isSingleSegment = (descriptor & 0x20) !== 0;
    this.#hasChecksum = (descriptor & 0x04) !== 0;
    const dictionaryIdSize = [0, 1, 2, 4][descriptor & 3];
    const contentSizeSize = descriptor >> 6 === 0 ? (isSingleSegment ? 1 : 0) : 1 << (descriptor >> 6);
    const size = 5 + (isSingleSegment ? 0 : 1) + dictionaryIdSize + contentSizeSize;
    if (ready.length < size) return this.#stop('the zstd frame header is truncated');
    return this.#reader.takeExactly(size);
  }

  async block(): Promise<Buffer> {
    this.lastBlock = this.#reader.offset;
    if (this.#isChecksumNext) return this.#checksum();
    const ready = await this.#reader.peek(3);
    if (ready.length < 3) return this.#stopWith('the zstd stream is truncated', ready);
    const header = ready[0] | (ready[1] << 8) | (ready[2] << 16);
    const isLast = (header & 1) !== 0;
    const type = (header >> 1) & 3;
    if (type === 3) return this.#stopWith('the zstd frame is corrupt (a block of reserved type)', Buffer.alloc(0));
    const size = 3 + (type === 1 ? 1 : header >> 3);
    const block = await this.#reader.takeExactly(size);
    if (block.length < size) return this.#stopWith('the zstd stream is truncated', block);
    this.#isChecksumNext = isLast && this.#hasChecksum;
    this.isOver = isLast && !this.#hasChecksum;
    return block;
  }

  async #checksum(): Promise<Buffer> {
    const checksum = await this.#reader.takeExactly(4);
    if (checksum.length < 4) return this.#stopWith('the zstd stream is truncated', checksum);
    this.isOver = true;
    return checksum;
  }

  #stop(problem: string): undefined {
    this.isOver = true;
    this.problem = problem;
    return undefined;
  }

  /** What stands before the break is still fed: the decoder gives what it can. */
  #stopWith(problem: string, bytes: Buffer): Buffer {
    this.#stop(problem);
    return bytes;
  }
}
