// Everything that one round of the benchmark runs, row by row: scans by the built program, and the programs that they are compared with.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { blockSize } from '../test/support/raw-tar.ts';
import { grownImages } from './growth.ts';
import { emptyEntries, keywordText, zeros } from './hard-layers.ts';
import type { BenchImage } from './image.ts';
import type { Kind } from './layout.ts';
import { type Run, timed, timedProgram } from './measure.ts';

/** The groups that `--only` takes. Each has all that its ratios need. */
export const rows = ['gzip', 'zstd', 'entries', 'hits', 'zeros', 'growth'] as const;
export type Row = (typeof rows)[number];

export interface Step {
  /** As `targets.ts` calls it. */
  readonly name: string;
  readonly title: string;
  readonly run: () => Run;
}

export interface Steps {
  readonly steps: readonly Step[];
  /** Sentences about what cannot be measured here. */
  readonly skipped: readonly string[];
}

/** What a scan has to read and to find. */
interface Held {
  /** Of all tars. */
  readonly bytes: number;
  /** Secrets in the logs. */
  readonly planted?: number;
}

interface Report {
  readonly findings: readonly { readonly place: { readonly path?: string } }[];
  readonly coverage: { readonly bytes: number };
}

const project = new URL('../', import.meta.url).pathname;
const program = join(project, 'bin/unbake');
const inflateScript = join(project, 'bench/inflate-only.ts');
/** `bin/unbake` takes the Node that the path names. */
const path = { PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
const oneThread = ['--jobs', '1', '--no-cache'];
/** What a machine of two cores does anyway. */
const twoWorkers = cpus().length > 2 ? ['--jobs', '2'] : [];

/** Builds the images of the rows and gives their steps. `folder` is for what they write. */
export async function stepsOf(row: Row, image: BenchImage, folder: string, isQuick: boolean): Promise<Steps> {
  const scan = (layout: string, flags: readonly string[], held: Held = image) => scanned(layout, flags, held, folder);
  const inflate = (kind: Kind, layers: readonly string[], bytes: number) => () => inflated(kind, layers, bytes);
  switch (row) {
    case 'gzip': {
      const layers = image.gzipLayers;
      const { layouts } = image;
      const found = references(layers, folder);
      return {
        steps: [
          ...found.steps,
          { name: 'zlib', title: '`node:zlib`, inflate only', run: inflate('gzip', layers, image.bytes) },
          { name: 'scan 1', title: 'scan, 1 thread', run: () => scan(layouts.gzip, oneThread) },
          { name: 'scan 2', title: 'scan, 2 workers, nothing cached', run: () => (forget(folder), scan(layouts.gzip, twoWorkers)) },
          { name: 'cached', title: 'scan, cached', run: () => scan(layouts.gzip, twoWorkers) },
        ],
        skipped: found.skipped,
      };
    }
    case 'zstd':
      return all([
        { name: 'zstd', title: 'zstd: Node, inflate only', run: inflate('zstd', image.zstdLayers, image.bytes) },
        { name: 'zstd scan 1', title: 'zstd: scan, 1 thread', run: () => scan(image.layouts.zstd, oneThread) },
        { name: 'zstd scan 2', title: 'zstd: scan, 2 workers', run: () => scan(image.layouts.zstd, [...twoWorkers, '--no-cache']) },
      ]);
    case 'entries': {
      const entries = await emptyEntries(300_000);
      return all([{ name: 'entries', title: '300,000 entries', run: () => scan(entries.folder, [...twoWorkers, '--no-cache'], entries) }]);
    }
    case 'hits': {
      const megabytes = isQuick ? 4 : 128;
      const keywords = keywordsOfRules();
      const once = await keywordText(keywords, megabytes * 2 ** 20);
      const twice = await keywordText(keywords, 2 * megabytes * 2 ** 20);
      return all([
        { name: 'hits zlib', title: `${megabytes} MiB of keywords: inflate only`, run: inflate('gzip', [once.layer], once.bytes) },
        { name: 'hits', title: `${megabytes} MiB of keywords: scan, 1 thread`, run: () => scan(once.folder, oneThread, once) },
        { name: 'hits twice', title: `${2 * megabytes} MiB of keywords: scan, 1 thread`, run: () => scan(twice.folder, oneThread, twice) },
      ]);
    }
    case 'zeros': {
      const gibibytes = isQuick ? 0.125 : 2;
      const nothing = await zeros(gibibytes * 2 ** 30);
      return all([
        { name: 'zeros zlib', title: `${gibibytes} GiB of zeros: inflate only`, run: inflate('gzip', [nothing.layer], nothing.bytes) },
        { name: 'zeros', title: `${gibibytes} GiB of zeros: scan, 1 thread`, run: () => scan(nothing.folder, oneThread, nothing) },
      ]);
    }
    case 'growth': {
      const times = isQuick ? [1, 2] : [1, 2, 4, 8];
      const folders = await grownImages(image, times);
      const steps = times.map((count, index) => ({
        name: `${count} times`,
        title: `${count} x the image: scan, 1 thread`,
        run: () => scan(folders[index], oneThread, grown(image, count)),
      }));
      const most = Math.max(...times);
      const run = () => scan(folders.at(-1)!, [...twoWorkers, '--no-cache'], grown(image, most));
      return all([...steps, { name: 'most times, 2 workers', title: `${most} x the image: scan, 2 workers`, run }]);
    }
  }
}

/** What anybody would take: gunzip, the fastest gunzip there is, and a search for fixed strings. */
function references(layers: readonly string[], folder: string): Steps {
  const has = (name: string) => spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined;
  const steps: Step[] = [{ name: 'gzip', title: '`gzip -dc`', run: () => timedProgram('gzip', ['-dc', ...layers], join(folder, 'peak')) }];
  const skipped: string[] = [];
  if (has('igzip')) steps.push({ name: 'igzip', title: '`igzip -dc`', run: () => timedProgram('igzip', ['-dc', ...layers], join(folder, 'peak')) });
  else skipped.push('igzip is not installed (Debian: isal): nothing is compared with it.');
  if (has('rg')) {
    const list = join(folder, 'keywords');
    const keywords = keywordsOfRules().filter((keyword) => keyword.length >= 5);
    const step = Math.floor(keywords.length / 200);
    writeFileSync(list, Array.from({ length: 200 }, (_, index) => `${keywords[index * step]}\n`).join(''));
    const line = 'gzip -dc "${@:2}" | rg -a -c -F -f "$1" > /dev/null';
    steps.push({ name: 'rg', title: '`gzip -dc \\| rg -a -c -F`, 200 keywords', run: () => timed(line, [list, ...layers]) });
  } else skipped.push('rg is not installed (Debian: ripgrep): nothing is compared with it.');
  return { steps, skipped };
}

function all(steps: readonly Step[]): Steps {
  return { steps, skipped: [] };
}

function keywordsOfRules(): readonly string[] {
  const { stdout, status } = spawnSync(program, ['rules', 'list', '-f', 'json', '--no-rc', '--no-config'], {
    encoding: 'utf8',
    env: { ...process.env, ...path },
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error('unbake rules list failed: run `npm run build` first');
  return [...new Set((JSON.parse(stdout) as { keywords?: string[] }[]).flatMap(({ keywords }) => keywords ?? []))].toSorted();
}

/** Each copy of a layer has one header more. */
function grown({ bytes, planted, layers }: BenchImage, times: number): Held {
  return { bytes: times * (bytes + layers.length * blockSize), planted };
}

function forget(folder: string): void {
  rmSync(join(folder, 'cache'), { recursive: true, force: true });
}

/** All rules, both digests of every layer, into a JSON report. Throws when not all bytes were read, or a secret that was planted is not in it. */
function scanned(layout: string, flags: readonly string[], { bytes, planted = 0 }: Held, folder: string): Run {
  const report = join(folder, 'report.json');
  rmSync(report, { force: true });
  mkdirSync(join(folder, 'cache'), { recursive: true });
  const args = ['scan', `oci:${layout}`, '--no-rc', '--no-config', '--quiet', '--format', 'json', '--output', report, ...flags];
  const run = timedProgram(program, args, join(folder, 'peak'), { ...path, UNBAKE_CACHE_DIR: join(folder, 'cache') });
  if (!existsSync(report)) throw new Error(`no report was written; is it built? bin/unbake ${args.join(' ')}`);
  const { findings, coverage } = JSON.parse(readFileSync(report, 'utf8')) as Report;
  if (coverage.bytes !== bytes) throw new Error(`${coverage.bytes} bytes were read, not ${bytes}`);
  const inLogs = findings.filter(({ place }) => place.path?.startsWith('/var/log/app/')).length;
  if (inLogs < planted) throw new Error(`${inLogs} findings in the logs, where ${planted} secrets were planted`);
  return run;
}

function inflated(kind: Kind, layers: readonly string[], bytes: number): Run {
  const { stdout, stderr, status } = spawnSync(process.execPath, [inflateScript, kind, ...layers], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const run = JSON.parse(stdout) as Run & { readonly bytes: number };
  if (run.bytes !== bytes) throw new Error(`${run.bytes} bytes were inflated, not ${bytes}`);
  return { wall: run.wall, cpu: run.cpu };
}
