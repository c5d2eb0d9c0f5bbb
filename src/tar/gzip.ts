// One gzip member (RFC 1952): its header's free fields are content too, and its checksum and length are compared here, after
// the data was given, because node's own gunzip gives nothing of a small member whose trailer is wrong.
import { crc32 } from 'node:zlib';
import type { Decompression } from './aside.ts';
import { type Break, inflated } from './inflated.ts';

const longestField = 1024 * 1024;

export async function* gunzipped(decompression: Decompression): AsyncGenerator<Uint8Array, boolean> {
  const { reader, aside } = decompression;
  const start = reader.offset;
  if (!(await readHeader(decompression))) {
    aside.damage('the gzip header is truncated', start);
    return false;
  }
  let crc = 0;
  let length = 0;
  const inflating = inflated(decompression);
  let step: IteratorResult<Uint8Array, Break | undefined> = await inflating.next();
  try {
    for (; !step.done; step = await inflating.next()) {
      crc = crc32(step.value, crc);
      length += step.value.length;
      yield step.value;
    }
  } finally {
    if (!step.done) await inflating.return(undefined);
  }
  if (step.value !== undefined) {
    const { message, offset } = step.value;
    const detail = message === undefined ? 'the gzip stream is truncated' : `the gzip stream is corrupt (${message})`;
    aside.damage(`${detail}, after ${length} uncompressed bytes`, offset);
    return false;
  }
  const trailerStart = reader.offset;
  const trailer = await reader.takeExactly(8);
  if (trailer.length < 8) aside.damage(`the gzip trailer is truncated: ${trailer.length} bytes of 8`, trailerStart);
  else if (trailer.readUInt32LE(0) !== crc) aside.damage('the gzip checksum (CRC-32) does not match the data', trailerStart);
  else if (trailer.readUInt32LE(4) !== length % 2 ** 32)
    aside.damage(`the gzip length does not match the data: announced ${trailer.readUInt32LE(4)}, got ${length % 2 ** 32}`, trailerStart + 4);
  // A wrong trailer does not hide the members that follow it.
  return trailer.length === 8;
}

async function readHeader({ reader, aside }: Decompression): Promise<boolean> {
  const fixed = await reader.takeExactly(10);
  if (fixed.length < 10) return false;
  const flags = fixed[3];
  if (flags & 4) {
    const size = await reader.takeExactly(2);
    const offset = reader.offset;
    const extra = await reader.takeExactly(size.length === 2 ? size.readUInt16LE(0) : 0);
    await aside.stray(extra, 'extra field of the gzip header', offset);
  }
  for (const [flag, what] of [
    [8, 'name in the gzip header'],
    [16, 'comment in the gzip header'],
  ] as const) {
    if (!(flags & flag)) continue;
    const offset = reader.offset;
    const field = await takeToNul(reader);
    if (field === undefined) return false;
    await aside.stray(field, what, offset);
  }
  if (flags & 2 && (await reader.takeExactly(2)).length < 2) return false;
  return true;
}

async function takeToNul(reader: Decompression['reader']): Promise<Buffer | undefined> {
  let seen = 0;
  for (let want = 512; ; want *= 2) {
    const ready = await reader.peek(want);
    const nul = ready.indexOf(0, seen);
    if (nul >= 0) return (await reader.takeExactly(nul + 1)).subarray(0, nul);
    if (ready.length < want || ready.length > longestField) return undefined;
    seen = ready.length;
  }
}
