// Finds where the last lines of a log begin, reading it backwards.
import type { FileHandle } from 'node:fs/promises';

const blockSize = 64 * 1024;
const newline = 0x0a;
const brace = 0x7d;

/**
 * The offset at which the last `count` records begin: 0 when there are fewer. Only lines that end in `}` count: one that a crash has torn does
 * not. Reads about as much as those lines take.
 */
export async function lastLinesOffset(handle: FileHandle, count: number): Promise<number> {
  const { size } = await handle.stat();
  if (count <= 0) return size;
  const block = Buffer.alloc(blockSize);
  let lines = 0;
  // The end of the file ends a line too.
  let isLineEnd = true;
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - blockSize);
    await readWhole(handle, block.subarray(0, end - start), start);
    for (let index = end - start - 1; index >= 0; index--) {
      if (block[index] === newline) {
        if (lines === count) return start + index + 1;
        isLineEnd = true;
      } else if (isLineEnd) {
        if (block[index] === brace) lines++;
        isLineEnd = false;
      }
    }
    end = start;
  }
  return 0;
}

async function readWhole(handle: FileHandle, into: Buffer, position: number): Promise<void> {
  for (let read = 0; read < into.length;) {
    const { bytesRead } = await handle.read(into, read, into.length - read, position + read);
    // The file has become shorter: what is not there is no newline.
    if (bytesRead === 0) return void into.fill(0, read);
    read += bytesRead;
  }
}
