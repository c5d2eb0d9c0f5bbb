// A gzip or zstd stream compressed anew: one member, one frame. Bytes behind its end stay.
import type { Blob } from '../../../model/blob.ts';
import { ByteReader } from '../../../tar/byte-reader.ts';
import { recompressed } from '../../../tar/compress.ts';
import { containerAt, decodingStep, decompressing } from '../compressed.ts';
import type { Way } from '../descent.ts';
import { joined, rangeOf } from '../../../model/blob-parts.ts';
import { Window } from '../window.ts';
import type { Rework, Rewriter } from './rework.ts';

const fixedHeader = 10;
const isText = 1;
const hasExtra = 4;
const hasName = 8;
const hasComment = 16;
const longestField = 64 * 1024;

export function compressedRewriter(kind: 'gzip' | 'zstd'): Rewriter {
  return (blob, way, rework) => rewriteCompressed(blob, kind, way, rework);
}

async function rewriteCompressed(blob: Blob, kind: 'gzip' | 'zstd', way: Way, rework: Rework): Promise<Blob> {
  const inner = [...way, decodingStep[kind]];
  const { bytes, tailStart } = await decompressing(blob, kind, (detail) => rework.cannot(inner, detail));
  let stream: Blob | undefined;
  if (rework.isConcerned(inner)) {
    const compressed = recompressed(await rework.stream(inner, bytes), kind);
    stream = await rework.hold(kind === 'gzip' ? withHeader(await keptHeader(blob), compressed) : compressed);
  } else await new ByteReader(bytes).drain();
  const start = tailStart();
  const head = stream ?? rangeOf(blob, 0, start ?? blob.size);
  if (start === undefined || rework.problem !== undefined) return head;
  return joined(head, await rewrittenTail(blob, start, way, rework));
}

async function rewrittenTail(blob: Blob, start: number, way: Way, rework: Rework): Promise<Blob> {
  const tail = await containerAt(blob, start);
  const plain = rangeOf(blob, start, blob.size);
  return tail !== undefined && rework.leads([...way, tail.step]) ? rework.container(plain, tail.kind, [...way, tail.step]) : plain;
}

async function* withHeader(header: Buffer, gzip: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield header;
  let skip = fixedHeader;
  for await (const chunk of gzip) {
    yield chunk.subarray(skip);
    skip = Math.max(0, skip - chunk.length);
  }
}

/**
 * The header of the first member (RFC 1952, section 2.3) with its time, system, name and comment. The extra field is left out: those that
 * are in use (bgzip, dictzip, eStargz) tell where the compressed bytes stand; and so is the checksum of the header.
 */
async function keptHeader(blob: Blob): Promise<Buffer> {
  const head = await new Window(blob).read(0, fixedHeader + 2 + 0xffff + 2 * longestField);
  const flags = head[3];
  let at = fixedHeader;
  if ((flags & hasExtra) !== 0 && head.length >= at + 2) at += 2 + head.readUInt16LE(at);
  let kept = 0;
  const fields: Buffer[] = [];
  for (const flag of [hasName, hasComment]) {
    if ((flags & flag) === 0) continue;
    const nul = head.indexOf(0, at);
    if (nul < 0) break;
    fields.push(head.subarray(at, nul + 1));
    kept |= flag;
    at = nul + 1;
  }
  const fixed = Buffer.from(head.subarray(0, fixedHeader));
  fixed[3] = (flags & isText) | kept;
  return Buffer.concat([fixed, ...fields]);
}

/** The gzip form is taken apart: raw deflated data for a zip. Memory: two chunks. */
export async function* deflated(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const trailer = 8;
  let skip = fixedHeader;
  let held: Uint8Array = Buffer.alloc(0);
  for await (const chunk of recompressed(bytes, 'gzip')) {
    const body = Buffer.concat([held, chunk.subarray(skip)]);
    skip = Math.max(0, skip - chunk.length);
    const ready = Math.max(0, body.length - trailer);
    if (ready > 0) yield body.subarray(0, ready);
    held = body.subarray(ready);
  }
}
