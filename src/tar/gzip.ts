// One gzip member (RFC 1952): its header's free fields are content too, and its checksum and length are compared here, after
// the data was given, because node's own gunzip gives nothing of a small member whose trailer is wrong.
import { crc32, createInflateRaw } from 'node:zlib';
import { Inflate, Z_SYNC_FLUSH } from 'pako';
import type { Decompression } from './aside.ts';
import { throughZlib } from './zlib-stream.ts';

const chunkSize = 256 * 1024;
const longestField = 1024 * 1024;

export async function* gunzipped(decompression: Decompression): AsyncGenerator<Uint8Array, boolean> {
  const { reader, aside } = decompression;
  const start = reader.offset;
  if (!(await readHeader(decompression))) {
    aside.damage('the gzip header is truncated', start);
    return false;
  }
  const bodyStart = reader.offset;
  let crc = 0;
  let length = 0;
  const inflating = throughZlib(createInflateRaw({ chunkSize }), reader);
  let step = await inflating.next();
  while (!step.done) {
    crc = crc32(step.value, crc);
    length += step.value.length;
    yield step.value;
    step = await inflating.next();
  }
  const { error, starved } = step.value;
  if (error !== undefined) {
    const broken = yield* restBeforeBreak(decompression, bodyStart, length);
    const detail = starved ? 'the gzip stream is truncated' : `the gzip stream is corrupt (${error.message})`;
    aside.damage(`${detail}, after ${broken.length} uncompressed bytes`, broken.offset);
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

/**
 * node:zlib loses what it inflated in the call that met the break, so the member is inflated once more by a library that
 * keeps it, and what was not given yet follows. Returns where the break is, in compressed bytes, and the length of all output.
 */
async function* restBeforeBreak(
  { blob }: Decompression,
  bodyStart: number,
  given: number,
): AsyncGenerator<Uint8Array, { offset: number; length: number }> {
  const ready: Uint8Array[] = [];
  let length = 0;
  const keep = (chunk: Uint8Array): void => {
    const before = length;
    length += chunk.length;
    if (length > given) ready.push(chunk.slice(Math.max(0, given - before)));
  };
  const inflate = new Inflate({ raw: true, chunkSize });
  // Declared private; it is where the output of the call that met the break is left.
  const state = () => (inflate as unknown as { strm: { output: Uint8Array; next_out: number; total_in: number } }).strm;
  inflate.onData = (chunk) => keep(chunk as Uint8Array);
  inflate.onEnd = () => undefined;
  let isWhole = true;
  for await (const chunk of blob.open(bodyStart)) {
    // Small pieces: each yields what it holds, so that memory stays bounded on a stream that expands a thousandfold.
    for (let start = 0; isWhole && start < chunk.length; start += 16 * 1024) {
      isWhole = inflate.push(chunk.subarray(start, start + 16 * 1024), Z_SYNC_FLUSH) && inflate.err === 0;
      yield* ready.splice(0);
    }
    if (!isWhole) break;
  }
  if (!isWhole && state().next_out > 0) keep(state().output.subarray(0, state().next_out));
  yield* ready.splice(0);
  return { offset: bodyStart + state().total_in, length };
}
