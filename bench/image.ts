// The image that the benchmark scans, made from what npm and Debian give and from a seed: a Debian root, an application with its
// node_modules, a layer of logs. Written as OCI layouts, once with gzip and once with zstd, streamed through files in bench/.work.
// The image that is cleaned (clean-image.ts) is put together from the same layers.
import { spawnSync } from 'node:child_process';
import { createHash, type Hash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  type WriteStream,
} from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip, createZstdCompress } from 'node:zlib';
import { blob, created, descriptorOf, hex, mediaTypes } from '../test/support/image.ts';
import { randomNumbers } from '../test/support/random.ts';
import { awsKeyId, githubToken, jwt, slackToken } from '../test/support/planted.ts';

/** Everything that is built lies here. */
export const work = new URL('.work/', import.meta.url).pathname;
const project = new URL('../', import.meta.url).pathname;

export interface BenchImage {
  /** Folders of the two layouts. */
  readonly layouts: Readonly<Record<'gzip' | 'zstd', string>>;
  /** Paths of the gzip layers. */
  readonly gzipLayers: readonly string[];
  /** Bytes of all layers, uncompressed and as gzip. */
  readonly bytes: number;
  readonly gzipBytes: number;
  /** Secrets in the layer of logs. */
  readonly planted: number;
  readonly layers: readonly string[];
}

/** Builds what is not there yet; the description of the finished image is kept beside it. */
export async function benchImage(): Promise<BenchImage> {
  const description = join(work, 'image.json');
  if (existsSync(description)) return JSON.parse(readFileSync(description, 'utf8')) as BenchImage;
  mkdirSync(work, { recursive: true });
  const layers = [debianLayer(), applicationLayer(), await logLayer()];
  const image = await writeLayouts(layers.filter((layer) => layer !== undefined));
  writeFileSync(description, JSON.stringify(image, undefined, 2));
  return image;
}

/** A layer as an uncompressed tar in the work folder. */
export interface TarLayer {
  readonly name: string;
  readonly tar: string;
  readonly planted?: number;
}

/** debootstrap where it works (it needs root), otherwise the files of the installed packages. `file` is the tar's name in the work folder. */
export function debianLayer(file = 'debian.tar', leftOut: readonly string[] = []): TarLayer | undefined {
  const tar = join(work, file);
  if (existsSync(tar)) return { name: 'Debian root', tar };
  const root = join(work, 'root');
  if (!existsSync(join(root, 'etc/debian_version'))) run('debootstrap', ['--variant=minbase', 'stable', root]);
  if (existsSync(join(root, 'etc/debian_version'))) {
    must('tar', ['-C', root, ...['./dev/*', ...leftOut].map((pattern) => `--exclude=${pattern}`), '-cf', `${tar}.part`, '.']);
    renameSync(`${tar}.part`, tar);
    return { name: 'Debian root (debootstrap, minbase)', tar };
  }
  rmSync(root, { recursive: true, force: true });
  const files = installedFiles();
  if (files === undefined) return undefined;
  tarOfFiles(files, tar);
  return { name: 'files of the installed Debian packages', tar };
}

/** Absolute paths, files and links, in their order; undefined where there is no dpkg. */
export function installedFiles(): readonly string[] | undefined {
  return run('sh', [
    '-c',
    'dpkg-query -f \'${binary:Package}\\n\' -W | xargs dpkg -L | sort -u | while read -r path; do if [ -f "$path" ] || [ -L "$path" ]; then echo "$path"; fi; done',
  ])
    ?.split('\n')
    .filter((path) => path !== '');
}

/** What cannot be read is left out. */
export function tarOfFiles(files: readonly string[], tar: string): void {
  writeFileSync(join(work, 'files'), files.join('\n'));
  must('tar', ['--no-recursion', '--absolute-names', '--ignore-failed-read', '-cf', `${tar}.part`, '-T', join(work, 'files')]);
  renameSync(`${tar}.part`, tar);
}

export function applicationLayer(): TarLayer {
  const tar = join(work, 'application.tar');
  if (!existsSync(tar)) {
    must('tar', ['-C', project, '--transform=s,^,srv/app/,', '-cf', `${tar}.part`, 'package.json', 'src', 'node_modules']);
    renameSync(`${tar}.part`, tar);
  }
  return { name: 'npm application', tar };
}

const logBytes = 100 * 2 ** 20;
const logFiles = 8;
/** One secret in so many lines. */
const linesPerSecret = 50_000;

/** Access logs, traces and JSON lines of a seed, with a few secrets of each kind in them. */
async function logLayer(): Promise<TarLayer> {
  const folder = join(work, 'logs');
  const tar = join(work, 'logs.tar');
  let planted = 0;
  const secretAt = (line: number) => {
    if (line % linesPerSecret !== 0) return undefined;
    const secret = [githubToken, awsKeyId, slackToken, jwt][planted % 4](`bench ${planted}`);
    planted++;
    return secret;
  };
  await writeLogs(join(folder, 'var/log/app'), { files: logFiles, bytes: logBytes, seed: 20_240_102, secretAt });
  tarOfFolder(folder, tar);
  return { name: 'logs', tar, planted };
}

export interface Logs {
  readonly files: number;
  /** In all of them together, about. */
  readonly bytes: number;
  readonly seed: number;
  /** Asked with the number of each line, from 1: a secret that is to stand behind it. */
  readonly secretAt?: (line: number) => string | undefined;
}

/** Writes `app.log.0` and so on into a folder that is made for them. */
export async function writeLogs(folder: string, { files, bytes, seed, secretAt }: Logs): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const random = randomNumbers(seed);
  let line = 0;
  for (let file = 0; file < files; file++) {
    const stream = createWriteStream(join(folder, `app.log.${file}`));
    for (let size = 0; size < bytes / files;) {
      const lines: string[] = [];
      for (let i = 0; i < 1000; i++) {
        lines.push(logLine(random));
        const secret = secretAt?.(++line);
        if (secret !== undefined) lines.push(`2024-01-02T03:04:05.678Z WARN  upstream refused, headers: {"x-token":"${secret}"}`);
      }
      const text = `${lines.join('\n')}\n`;
      size += text.length;
      await write(stream, text);
    }
    stream.end();
    await once(stream, 'finish');
  }
}

/** The tar of all that is in a folder, which is removed then. */
export function tarOfFolder(folder: string, tar: string): void {
  must('tar', ['-C', folder, '--sort=name', '--mtime=2024-01-02', '-cf', tar, '.']);
  rmSync(folder, { recursive: true });
}

function logLine(random: () => number): string {
  const pick = (...words: readonly string[]) => words[Math.floor(random() * words.length)];
  const number = (below: number) => Math.floor(random() * below);
  const id = () =>
    number(2 ** 32)
      .toString(16)
      .padStart(8, '0');
  const time = `2024-01-02T${String(number(24)).padStart(2, '0')}:${String(number(60)).padStart(2, '0')}:${String(number(60)).padStart(2, '0')}.${String(number(1000)).padStart(3, '0')}Z`;
  const path = `/${pick('api', 'static', 'users', 'orders')}/${id()}/${pick('items', 'session', 'key', 'avatar.png', 'token')}`;
  switch (number(4)) {
    case 0:
      return `10.${number(256)}.${number(256)}.${number(256)} - - [${time}] "${pick('GET', 'POST', 'PUT')} ${path} HTTP/1.1" ${pick('200', '201', '304', '404', '500')} ${number(90_000)} "-" "Mozilla/5.0 (X11; Linux x86_64)"`;
    case 1:
      return `{"time":"${time}","level":"${pick('info', 'debug', 'warn')}","trace":"${id()}${id()}","msg":"request done","path":"${path}","ms":${number(2000)}}`;
    case 2:
      return `${time} ${pick('INFO ', 'DEBUG', 'ERROR')} [worker-${number(16)}] ${pick('connection to', 'query on', 'cache miss for', 'password check of')} ${pick('db', 'redis', 'search')}-${number(9)} took ${number(900)} ms`;
    default:
      return `    at ${pick('handle', 'dispatch', 'authenticate', 'next')} (/srv/app/node_modules/${pick('express', 'koa', 'pg')}/lib/${pick('router', 'layer', 'client')}.js:${number(900)}:${number(80)})`;
  }
}

/** `name` is what the folders of the layouts begin with. */
export async function writeLayouts(layers: readonly TarLayer[], name = 'image'): Promise<BenchImage> {
  const layouts = { gzip: join(work, `${name}-gzip`), zstd: join(work, `${name}-zstd`) };
  const gzipLayers: string[] = [];
  let bytes = 0;
  let gzipBytes = 0;
  for (const kind of ['gzip', 'zstd'] as const) {
    const blobs = join(layouts[kind], 'blobs/sha256');
    rmSync(layouts[kind], { recursive: true, force: true });
    mkdirSync(blobs, { recursive: true });
    const put = (content: { bytes: Buffer; digest: string }) => writeFileSync(join(blobs, hex(content.digest)), content.bytes);
    const diffIds: string[] = [];
    const descriptors: object[] = [];
    for (const { tar } of layers) {
      const plain = counting();
      const packed = counting();
      const part = join(blobs, 'part');
      await pipeline(
        createReadStream(tar, { highWaterMark: 2 ** 20 }),
        plain.through,
        kind === 'gzip' ? createGzip({ level: 6 }) : createZstdCompress(),
        packed.through,
        createWriteStream(part),
      );
      const path = join(blobs, packed.hex());
      renameSync(part, path);
      diffIds.push(`sha256:${plain.hex()}`);
      descriptors.push({ mediaType: `${mediaTypes.layer}+${kind}`, digest: `sha256:${packed.hex()}`, size: packed.size() });
      if (kind === 'zstd') continue;
      gzipLayers.push(path);
      bytes += plain.size();
      gzipBytes += packed.size();
    }
    const config = blob({
      created,
      os: 'linux',
      architecture: 'amd64',
      config: { Env: ['PATH=/usr/bin'] },
      rootfs: { type: 'layers', diff_ids: diffIds },
      history: layers.map(({ name }) => ({ created, created_by: `COPY ${name}` })),
    });
    const manifest = blob({ schemaVersion: 2, mediaType: mediaTypes.manifest, config: descriptorOf(config, mediaTypes.config), layers: descriptors });
    put(config);
    put(manifest);
    writeFileSync(join(layouts[kind], 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
    writeFileSync(
      join(layouts[kind], 'index.json'),
      JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: [descriptorOf(manifest, mediaTypes.manifest)] }),
    );
  }
  return {
    layouts,
    gzipLayers,
    bytes,
    gzipBytes,
    planted: layers.reduce((sum, layer) => sum + (layer.planted ?? 0), 0),
    layers: layers.map(({ name }) => name),
  };
}

interface Counting {
  readonly through: (chunks: AsyncIterable<Buffer>) => AsyncGenerator<Buffer>;
  readonly hex: () => string;
  readonly size: () => number;
}

/** Passes bytes through and keeps their number and hash. */
function counting(): Counting {
  const hash: Hash = createHash('sha256');
  let size = 0;
  let digest: string | undefined;
  return {
    async *through(chunks) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        size += chunk.length;
        yield chunk;
      }
    },
    hex: () => (digest ??= hash.digest('hex')),
    size: () => size,
  };
}

async function write(stream: WriteStream, text: string): Promise<void> {
  if (!stream.write(text)) await once(stream, 'drain');
}

/** What the program printed; undefined when it is not there or failed. */
function run(program: string, args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'ignore'] });
  return status === 0 ? stdout : undefined;
}

function must(program: string, args: readonly string[]): void {
  // tar says 1 when a file changed while it was read.
  const { status, error, stderr } = spawnSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  if (error !== undefined || (status !== 0 && status !== 1)) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}`);
}
