// OCI layouts of files: tars are compressed into blobs, or blobs that are there already are linked; config, manifest and index are written.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip, createZstdCompress } from 'node:zlib';
import { blob, created, descriptorOf, hex, mediaTypes } from '../test/support/image.ts';

export type Kind = 'gzip' | 'zstd';

/** A layer that lies in a file. */
export interface PackedLayer {
  readonly path: string;
  readonly kind: Kind;
  readonly digest: string;
  readonly size: number;
  readonly diffId: string;
  readonly tarBytes: number;
  readonly name: string;
}

export interface Layout {
  readonly folder: string;
  readonly layers: readonly PackedLayer[];
}

/** Compresses each tar, gzip at level 6 and zstd at level 3, into a new layout; an older one in that folder is removed. */
export async function writeLayout(folder: string, kind: Kind, layers: readonly { readonly name: string; readonly tar: string }[]): Promise<Layout> {
  const blobs = newBlobs(folder);
  const packed: PackedLayer[] = [];
  for (const { name, tar } of layers) packed.push({ name, ...(await pack(createReadStream(tar, { highWaterMark: 2 ** 20 }), kind, blobs)) });
  writeDocuments(folder, packed);
  return { folder, layers: packed };
}

/** A layout of blobs that lie elsewhere on the same file system: it holds hard links to them. */
export function linkLayout(folder: string, layers: readonly PackedLayer[]): Layout {
  const blobs = newBlobs(folder);
  const linked = layers.map((layer) => ({ ...layer, path: join(blobs, hex(layer.digest)) }));
  for (const [index, { path }] of linked.entries()) if (!existsSync(path)) linkSync(layers[index].path, path);
  writeDocuments(folder, linked);
  return { folder, layers: linked };
}

/** Compresses one stream into the folder of blobs, where it gets the name of its digest. Memory does not grow with it. */
export async function pack(tar: AsyncIterable<Buffer>, kind: Kind, blobs: string): Promise<Omit<PackedLayer, 'name'>> {
  const plain = counting();
  const packed = counting();
  const part = join(blobs, 'part');
  await pipeline(tar, plain.through, kind === 'gzip' ? createGzip({ level: 6 }) : createZstdCompress(), packed.through, createWriteStream(part));
  const digest = packed.digest();
  const path = join(blobs, hex(digest));
  renameSync(part, path);
  return { path, kind, digest, size: packed.size(), diffId: plain.digest(), tarBytes: plain.size() };
}

function newBlobs(folder: string): string {
  const blobs = join(folder, 'blobs/sha256');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(blobs, { recursive: true });
  return blobs;
}

function writeDocuments(folder: string, layers: readonly PackedLayer[]): void {
  const put = (content: { readonly bytes: Buffer; readonly digest: string }) =>
    writeFileSync(join(folder, 'blobs/sha256', hex(content.digest)), content.bytes);
  const config = blob({
    created,
    os: 'linux',
    architecture: 'amd64',
    config: { Env: ['PATH=/usr/bin'] },
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(({ name }) => ({ created, created_by: `COPY ${name}` })),
  });
  const descriptors = layers.map(({ kind, digest, size }) => ({ mediaType: `${mediaTypes.layer}+${kind}`, digest, size }));
  const manifest = blob({ schemaVersion: 2, mediaType: mediaTypes.manifest, config: descriptorOf(config, mediaTypes.config), layers: descriptors });
  put(config);
  put(manifest);
  writeFileSync(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [descriptorOf(manifest, mediaTypes.manifest)] };
  writeFileSync(join(folder, 'index.json'), JSON.stringify(index));
}

interface Counting {
  readonly through: (chunks: AsyncIterable<Buffer>) => AsyncGenerator<Buffer>;
  readonly digest: () => string;
  readonly size: () => number;
}

/** Passes bytes through and keeps their number and hash. */
function counting(): Counting {
  const hash = createHash('sha256');
  let size = 0;
  return {
    async *through(chunks) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        size += chunk.length;
        yield chunk;
      }
    },
    digest: () => `sha256:${hash.digest('hex')}`,
    size: () => size,
  };
}
