// The benchmark multiplies an image without compressing it again: the layers have to be what they say.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { grownImages } from '../../bench/growth.ts';
import { hex } from '../support/image.ts';
import { file, tar } from '../support/raw-tar.ts';
import { scratch } from '../support/scratch.ts';

interface Document {
  readonly digest: string;
}

const sha256 = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

describe('grown images', () => {
  const files = scratch();

  it('have new layers only, each a whole gzip stream with one more entry in front', async () => {
    const { folder } = files;
    const tars = [tar(file('a.txt', 'alpha '.repeat(20_000))), tar(file('b.txt', 'beta'))];
    for (const [index, bytes] of tars.entries()) {
      writeFileSync(join(folder, `${index}.tar`), bytes);
      writeFileSync(join(folder, `${index}.gz`), gzipSync(bytes));
    }
    const [once, twice] = await grownImages(
      {
        layouts: { gzip: join(folder, 'image'), zstd: join(folder, 'unused') },
        gzipLayers: [join(folder, '0.gz'), join(folder, '1.gz')],
        zstdLayers: [],
        tars: [join(folder, '0.tar'), join(folder, '1.tar')],
        bytes: tars[0].length + tars[1].length,
        gzipBytes: 0,
        zstdBytes: 0,
        planted: 0,
        layers: ['a', 'b'],
      },
      [1, 2],
    );

    const layersOf = (layout: string) => {
      const read = (digest: string) => readFileSync(join(layout, 'blobs/sha256', hex(digest)));
      const json = (digest: string) => JSON.parse(read(digest).toString());
      const [{ digest }] = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')).manifests as Document[];
      const manifest = json(digest) as { config: Document; layers: Document[] };
      const { diff_ids: diffIds } = json(manifest.config.digest).rootfs as { diff_ids: string[] };
      return manifest.layers.map((layer, index) => ({ digest: layer.digest, diffId: diffIds[index], bytes: read(layer.digest) }));
    };
    const layers = layersOf(twice);

    assert.deepEqual(layersOf(once), layers.slice(0, 2));
    assert.equal(new Set(layers.map(({ diffId }) => diffId)).size, 4);
    for (const [index, { digest, diffId, bytes }] of layers.entries()) {
      const plain = gunzipSync(bytes);
      assert.equal(digest, sha256(bytes));
      assert.equal(diffId, sha256(plain));
      assert.deepEqual(plain, Buffer.concat([file(`.copy-${index < 2 ? 1 : 2}`, ''), tars[index % 2]]));
    }
  });
});
