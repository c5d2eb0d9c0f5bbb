// The image that the benchmark cleans: about 1 GB of tar with one secret in it, a token in a file that the container sees, in a layer of
// 20 MB. Built from the layers of the scan's image, a sample of the installed Debian packages and that layer.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { githubToken } from '../test/support/planted.ts';
import { applicationLayer, type BenchImage, debianLayer, type TarLayer, tarOfFolder, work, writeLayouts, writeLogs } from './image.ts';
import { sampledPackages } from './packages.ts';

/** Where the secret stands, as a report calls it. */
export const secretPath = '/srv/shop/settings.env';

const secretLayerBytes = 20e6;

/** Builds what is not there yet; the description of the finished image is kept beside it. */
export async function cleanBenchImage(): Promise<BenchImage> {
  const description = join(work, 'clean.json');
  if (existsSync(description)) return JSON.parse(readFileSync(description, 'utf8')) as BenchImage;
  mkdirSync(work, { recursive: true });
  // debootstrap leaves the packages that it has downloaded; images of Debian do not.
  const layers = [
    debianLayer('debian-slim.tar', ['./var/cache/apt/archives/*.deb']),
    sampledPackages(join(work, 'packages.tar')),
    await secretLayer(),
    applicationLayer(),
  ];
  const image = await writeLayouts(
    layers.filter((layer) => layer !== undefined),
    'clean',
  );
  writeFileSync(description, JSON.stringify(image, undefined, 2));
  return image;
}

async function secretLayer(): Promise<TarLayer> {
  const tar = join(work, 'secret.tar');
  const folder = join(work, 'secret');
  await writeLogs(join(folder, 'srv/shop'), { files: 4, bytes: secretLayerBytes, seed: 20_240_103 });
  writeFileSync(join(folder, secretPath), `# The shop\nPORT=8080\nGITHUB_TOKEN=${githubToken('bench clean')}\nLOG_LEVEL=info\n`);
  tarOfFolder(folder, tar);
  return { name: 'the layer with the secret', tar, planted: 1 };
}
