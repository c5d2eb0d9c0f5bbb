// The image that the benchmark scans: five layers, about 1.4 GB of tar. A Debian root, packages of apt, Python libraries, an npm application,
// and logs with the secrets that have to be found. A small one for work in progress holds the root and the logs.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { awsKeyId, githubToken, jwt, slackToken } from '../test/support/planted.ts';
import { type BenchImage, debianLayer, type TarLayer, tarOfFolder, work, writeLayouts, writeLogs } from './image.ts';
import { npmLayer } from './npm-layer.ts';
import { pythonLayer, systemLayer } from './packages.ts';

const logBytes = 100 * 2 ** 20;
/** One secret in so many lines. */
const linesPerSecret = 50_000;

/** Builds what is not there yet; the description of the finished image is kept beside it. */
export async function scanImage(size: 'whole' | 'small'): Promise<BenchImage> {
  const name = size === 'whole' ? 'scan' : 'scan-small';
  const description = join(work, `${name}.json`);
  if (existsSync(description)) return JSON.parse(readFileSync(description, 'utf8')) as BenchImage;
  mkdirSync(work, { recursive: true });
  const root = debianLayer('root.tar');
  const layers = size === 'whole' ? [root, systemLayer(), pythonLayer(), npmLayer(), await logLayer()] : [root, await logLayer()];
  const image = await writeLayouts(
    layers.filter((layer) => layer !== undefined),
    name,
  );
  writeFileSync(description, JSON.stringify(image, undefined, 2));
  return image;
}

/** Access logs, traces and JSON lines of a seed, with a few secrets of each kind in them. */
async function logLayer(): Promise<TarLayer> {
  const folder = join(work, 'scan-logs');
  const tar = join(work, 'scan-logs.tar');
  let planted = 0;
  const secretAt = (line: number) => {
    if (line % linesPerSecret !== 0) return undefined;
    const secret = [githubToken, awsKeyId, slackToken, jwt][planted % 4](`bench ${planted}`);
    planted++;
    return secret;
  };
  await writeLogs(join(folder, 'var/log/app'), { files: 8, bytes: logBytes, seed: 20_240_102, secretAt });
  tarOfFolder(folder, tar);
  return { name: 'logs', tar, planted };
}
