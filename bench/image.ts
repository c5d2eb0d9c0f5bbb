// What the images of the benchmarks are put together from (scan-image.ts, clean-image.ts): a Debian root, files of installed packages, an
// application with its node_modules, logs of a seed. Each is a tar in bench/.work; an image is written once with gzip and once with zstd.
import { spawnSync } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, renameSync, rmSync, writeFileSync, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { randomNumbers } from '../test/support/random.ts';
import { writeLayout } from './layout.ts';

/** Everything that is built lies here. */
export const work = new URL('.work/', import.meta.url).pathname;
const project = new URL('../', import.meta.url).pathname;

export interface BenchImage {
  /** Folders of the two layouts. */
  readonly layouts: Readonly<Record<'gzip' | 'zstd', string>>;
  /** Paths of the layers, in the order of `layers`: as gzip, as zstd, as they were before. */
  readonly gzipLayers: readonly string[];
  readonly zstdLayers: readonly string[];
  readonly tars: readonly string[];
  /** Bytes of all layers. */
  readonly bytes: number;
  readonly gzipBytes: number;
  readonly zstdBytes: number;
  /** Secrets that were put in. */
  readonly planted: number;
  readonly layers: readonly string[];
}

/** A layer as an uncompressed tar in the work folder. */
export interface TarLayer {
  readonly name: string;
  readonly tar: string;
  readonly planted?: number;
}

/** Images of Debian have neither the packages that were fetched nor the lists of apt; `bench` is where packages.ts works. */
const notInImages = ['./dev/*', './var/cache/apt/*', './var/lib/apt/lists/*', './bench'];

/** debootstrap where it works, otherwise the files of the installed packages. `file` is the tar's name in the work folder. */
export function debianLayer(file: string, leftOut: readonly string[] = []): TarLayer | undefined {
  const tar = join(work, file);
  const name = 'Debian root (debootstrap, minbase)';
  if (existsSync(tar)) return { name, tar };
  const root = debianRoot();
  if (root !== undefined) {
    must('tar', ['-C', root, ...[...notInImages, ...leftOut].map((pattern) => `--exclude=${pattern}`), '--sort=name', '-cf', `${tar}.part`, '.']);
    renameSync(`${tar}.part`, tar);
    return { name, tar };
  }
  const files = installedFiles();
  if (files === undefined) return undefined;
  tarOfFiles(files, tar);
  return { name: 'files of the installed Debian packages', tar };
}

/** The folder of a new Debian; undefined where it cannot be made (it takes debootstrap, root and the network). */
export function debianRoot(): string | undefined {
  const root = join(work, 'root');
  const isThere = () => existsSync(join(root, 'etc/debian_version'));
  if (isThere()) return root;
  run('debootstrap', ['--variant=minbase', 'stable', root]);
  if (isThere()) return root;
  rmSync(root, { recursive: true, force: true });
  return undefined;
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

/** The tar of all that is in a folder, which is removed then. The same files give the same bytes. */
export function tarOfFolder(folder: string, tar: string): void {
  must('tar', ['-C', folder, '--sort=name', '--mtime=2024-01-02', '--owner=0', '--group=0', '--numeric-owner', '-cf', `${tar}.part`, '.']);
  renameSync(`${tar}.part`, tar);
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
export async function writeLayouts(layers: readonly TarLayer[], name: string): Promise<BenchImage> {
  const gzip = await writeLayout(join(work, `${name}-gzip`), 'gzip', layers);
  const zstd = await writeLayout(join(work, `${name}-zstd`), 'zstd', layers);
  return {
    layouts: { gzip: gzip.folder, zstd: zstd.folder },
    gzipLayers: gzip.layers.map(({ path }) => path),
    zstdLayers: zstd.layers.map(({ path }) => path),
    tars: layers.map(({ tar }) => tar),
    bytes: gzip.layers.reduce((sum, { tarBytes }) => sum + tarBytes, 0),
    gzipBytes: gzip.layers.reduce((sum, { size }) => sum + size, 0),
    zstdBytes: zstd.layers.reduce((sum, { size }) => sum + size, 0),
    planted: layers.reduce((sum, layer) => sum + (layer.planted ?? 0), 0),
    layers: layers.map((layer) => layer.name),
  };
}

async function write(stream: WriteStream, text: string): Promise<void> {
  if (!stream.write(text)) await once(stream, 'drain');
}

/** Runs a program: what it printed; undefined when it is not there or failed. */
export function run(program: string, args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'ignore'] });
  return status === 0 ? stdout : undefined;
}

/** Runs a program that has to work; tar alone may say 1. */
export function must(program: string, args: readonly string[]): void {
  // tar says 1 when a file changed while it was read.
  const { status, error, stderr } = spawnSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  if (error !== undefined || (status !== 0 && status !== 1)) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}`);
}
