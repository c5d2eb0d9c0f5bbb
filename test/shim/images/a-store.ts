// A store of images in a temporary folder, and what it looks like on the disk.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultLimits } from '../../../src/model/limits.ts';
import { parseReference } from '../../../src/model/reference.ts';
import type { StoredImage } from '../../../src/model/stored-image.ts';
import { type AddOptions, ImageStore } from '../../../src/shim/images/image-store.ts';
import { type OpenOptions, openStore } from '../../../src/store/open.ts';

export const openOptions: OpenOptions = { platform: 'all', limits: defaultLimits };

/** All images of an archive or folder. */
export async function load(store: ImageStore, path: string, options: AddOptions = {}): Promise<readonly StoredImage[]> {
  const opened = await openStore(parseReference(path), openOptions);
  try {
    return await store.add(opened, opened.images, options);
  } finally {
    await opened.close();
  }
}

export function storeAt(folder: string): ImageStore {
  return new ImageStore({ images: join(folder, 'images') });
}

export function blobsIn(folder: string): string[] {
  const path = join(folder, 'images/blobs/sha256');
  return existsSync(path) ? readdirSync(path).sort() : [];
}

/** What is wrong with a store: blobs that are not what their names say, that are missing or that nothing needs, and files left behind. */
export function flawsOf(folder: string): string[] {
  const images = join(folder, 'images');
  const flaws: string[] = [];
  const blobs = new Map(blobsIn(folder).map((name) => [`sha256:${name}`, readFileSync(join(images, 'blobs/sha256', name))]));
  for (const [digest, bytes] of blobs)
    if (`sha256:${createHash('sha256').update(bytes).digest('hex')}` !== digest) flaws.push(`${digest} is not what its name says`);
  const needed = new Set<string>();
  const need = (digest: string) => {
    if (!blobs.has(digest)) flaws.push(`${digest} is missing`);
    needed.add(digest);
    return blobs.get(digest)?.toString() ?? '{}';
  };
  const { manifests } = JSON.parse(readFileSync(join(images, 'index.json'), 'utf8')) as { manifests: { digest: string }[] };
  for (const { digest } of manifests) {
    const manifest = JSON.parse(need(digest)) as { config?: { digest: string }; layers?: { digest: string }[] };
    for (const each of [manifest.config, ...(manifest.layers ?? [])]) if (each !== undefined) need(each.digest);
  }
  for (const digest of blobs.keys()) if (!needed.has(digest)) flaws.push(`nothing needs ${digest}`);
  const own = join(images, '.unbake');
  for (const name of existsSync(own) ? readdirSync(own, { recursive: true, encoding: 'utf8' }) : [])
    if (name !== 'incoming') flaws.push(`${name} is left`);
  return flaws;
}
