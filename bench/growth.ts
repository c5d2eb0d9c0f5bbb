// Images of one, two, four and eight times the layers. No two layers are the same: the tar of each copy begins with an empty file of its own.
// Nothing is compressed again: that file becomes a stored block in front of the deflate stream, which stays as it is bit by bit.
import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  closeSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { hex } from '../test/support/image.ts';
import { file } from '../test/support/raw-tar.ts';
import type { BenchImage } from './image.ts';
import { linkLayout, type PackedLayer } from './layout.ts';

/** RFC 1952: what is written without a name, and the CRC and the length at the end. */
const gzipHeader = 10;
const gzipTrailer = 8;

/** Folders of the layouts, in the order of `times`. Copies are kept, hard links of them are in all layouts. */
export async function grownImages(image: BenchImage, times: readonly number[]): Promise<readonly string[]> {
  const name = `${image.layouts.gzip}-times`;
  const copies: PackedLayer[][] = [];
  for (let copy = 1; copy <= Math.max(...times); copy++) copies.push(await layersOf(image, copy, `${name}-copies`));
  return times.map((count) => linkLayout(`${name}-${count}`, copies.slice(0, count).flat()).folder);
}

async function layersOf(image: BenchImage, copy: number, folder: string): Promise<PackedLayer[]> {
  const description = join(folder, `${copy}.json`);
  if (existsSync(description)) return JSON.parse(readFileSync(description, 'utf8')) as PackedLayer[];
  mkdirSync(folder, { recursive: true });
  const first = file(`.copy-${copy}`, '');
  const layers: PackedLayer[] = [];
  for (const [index, path] of image.gzipLayers.entries()) {
    layers.push({ name: `${image.layers[index]} ${copy}`, ...(await withFirst(first, path, image.tars[index], folder)) });
  }
  writeFileSync(description, JSON.stringify(layers, undefined, 2));
  return layers;
}

/** The layer with `first` in front of its tar, in a file with the name of its digest. */
async function withFirst(first: Buffer, packed: string, tar: string, folder: string): Promise<Omit<PackedLayer, 'name'>> {
  const diffId = createHash('sha256').update(first);
  let crc = crc32(first);
  let tarBytes = first.length;
  for await (const chunk of createReadStream(tar, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
    diffId.update(chunk);
    crc = crc32(chunk, crc);
    tarBytes += chunk.length;
  }
  const digest = createHash('sha256');
  const part = join(folder, 'part');
  const deflated = createReadStream(packed, { start: gzipHeader, end: statSync(packed).size - gzipTrailer - 1, highWaterMark: 2 ** 20 });
  await pipeline(async function* () {
    for await (const chunk of pieces(headOf(packed), first, deflated, crc, tarBytes)) {
      digest.update(chunk);
      yield chunk;
    }
  }, createWriteStream(part));
  const name = `sha256:${digest.digest('hex')}`;
  const path = join(folder, hex(name));
  renameSync(part, path);
  return { path, kind: 'gzip', digest: name, size: statSync(path).size, diffId: `sha256:${diffId.digest('hex')}`, tarBytes };
}

async function* pieces(head: Buffer, first: Buffer, deflated: AsyncIterable<Buffer>, crc: number, length: number): AsyncGenerator<Buffer> {
  // RFC 1951, 3.2.4: not the last block, stored; its length and the complement. It ends on a byte, so what follows needs no shift.
  const block = Buffer.alloc(5);
  block.writeUInt16LE(first.length, 1);
  block.writeUInt16LE(first.length ^ 0xffff, 3);
  yield Buffer.concat([head, block, first]);
  yield* deflated;
  const trailer = Buffer.alloc(gzipTrailer);
  trailer.writeUInt32LE(crc, 0);
  trailer.writeUInt32LE(length % 2 ** 32, 4);
  yield trailer;
}

function headOf(packed: string): Buffer {
  const head = Buffer.alloc(gzipHeader);
  const descriptor = openSync(packed, 'r');
  readSync(descriptor, head);
  closeSync(descriptor);
  if (head[3] !== 0) throw new Error(`${packed}: the gzip header has more than ten bytes`);
  return head;
}
