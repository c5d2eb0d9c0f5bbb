// What an image consists of once it is to be written, and what is on disk afterwards.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { hashFor, type Digest } from '../../src/model/digest.ts';
import { blobOf } from '../../src/model/blob.ts';
import { defaultLimits } from '../../src/model/limits.ts';
import { parseReference } from '../../src/model/reference.ts';
import { openStore } from '../../src/store/open.ts';
import type { OutputContents } from '../../src/store/output.ts';
import { ociLayout } from './forms.ts';
import { assemble, type BuiltImage, type ImagePlan } from './image.ts';
import { file } from './raw-tar.ts';

/** A small image of two layers: `mark` makes it another one. */
export function imageMarked(mark: string, plan: Partial<ImagePlan> = {}): BuiltImage {
  return assemble({
    tags: ['app:1'],
    layers: [
      { entries: [file('etc/base', 'the same in all')], compression: 'gzip' },
      { entries: [file('srv/mark', mark), file('srv/more', 'x'.repeat(3000))] },
    ],
    ...plan,
  });
}

/** The images as OCI layouts name them, by tag, and as docker does. */
export function contentsOf(...images: readonly BuiltImage[]): OutputContents {
  const index = ociLayout(...images).find(({ name }) => name === 'index.json');
  assert.ok(index && 'bytes' in index);
  const blobs = images.flatMap((image) => [...image.layers.map((layer) => layer.blob), image.config, image.manifest]);
  return {
    blobs: new Map(blobs.map(({ digest, bytes }) => [digest as Digest, blobOf(bytes)])),
    index: index.bytes,
    docker: images.map((image) => ({
      config: image.config.digest as Digest,
      tags: image.plan.tags ?? [],
      layers: image.layers.map((layer) => layer.blob.digest as Digest),
    })),
  };
}

/** Opens what a reference leads to, compares every layer with its digest, and gives the digests of the configs. */
export async function configsAt(reference: string): Promise<string[]> {
  const store = await openStore(parseReference(reference), { platform: 'all', limits: defaultLimits });
  try {
    assert.deepEqual([store.skipped, store.images.flatMap(({ skipped }) => skipped)], [[], []]);
    assert.deepEqual(
      store.loose.map(({ name }) => name).filter((name) => !name.startsWith('headers of')),
      [],
      'nothing that no image leads to',
    );
    for (const { layers } of store.images) {
      for (const { blob, announced } of layers) {
        const hash = hashFor(announced.digest!);
        for await (const chunk of blob.open()) hash.update(chunk);
        assert.equal(`sha256:${hash.digest('hex')}`, announced.digest);
      }
    }
    return store.images.map((image) => image.configDigest!);
  } finally {
    await store.close();
  }
}

/** Hidden ones too, sorted. */
export function namesIn(folder: string): string[] {
  return readdirSync(folder).sort();
}
