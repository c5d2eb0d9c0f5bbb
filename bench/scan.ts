// `npm run bench [-- --rounds N]`: scans the benchmark's image, beside the least that anybody has to do to see all bytes of its layers:
// `gzip -dc LAYERS | sha256sum`. All of it in each round, one after the other, so that a busy machine disturbs all of it alike.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchImage } from './image.ts';

interface Run {
  readonly wall: number;
  /** User and system seconds of all processes. */
  readonly cpu: number;
  /** Bytes; undefined for the reference. */
  readonly peak?: number;
}

const program = new URL('../src/cli/main.ts', import.meta.url).pathname;
const peakMemory = new URL('../test/support/peak-memory.ts', import.meta.url).href;

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } });
const rounds = Number(values.rounds);
const image = await benchImage();
const folder = mkdtempSync(join(tmpdir(), 'unbake-bench-'));

try {
  const reference = () => timed('gzip -dc "$@" | sha256sum > /dev/null', image.gzipLayers);
  const scan = (kind: 'gzip' | 'zstd') => {
    const peakFile = join(folder, 'peak');
    const report = join(folder, 'report.json');
    const run = timed(
      '"$1" --import "$2" "$3" scan "oci:$4" --no-rc --quiet -f json -o "$5"',
      [process.execPath, peakMemory, program, image.layouts[kind], report],
      { UNBAKE_TEST_PEAK_FILE: peakFile },
    );
    const { findings } = JSON.parse(readFileSync(report, 'utf8')) as { findings: { place: { path?: string } }[] };
    const inLogs = findings.filter(({ place }) => place.path?.startsWith('/var/log/app/')).length;
    if (inLogs < image.planted) throw new Error(`${inLogs} findings in the logs, where ${image.planted} secrets were planted`);
    return { ...run, peak: Number(readFileSync(peakFile, 'utf8')) };
  };
  const done: Record<'scan, gzip layers' | 'scan, zstd layers' | 'gzip -dc | sha256sum', Run>[] = [];
  for (let round = 0; round < rounds; round++) {
    done.push({ 'scan, gzip layers': scan('gzip'), 'scan, zstd layers': scan('zstd'), 'gzip -dc | sha256sum': reference() });
    process.stderr.write(`round ${round + 1} of ${rounds}\n`);
  }

  const megabytes = image.bytes / 1e6;
  process.stdout.write(
    `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}. ${megabytes.toFixed(0)} MB of tar in ${image.layers.length} layers (${image.layers.join(', ')}), ${(image.gzipBytes / 1e6).toFixed(0)} MB as gzip. Medians of ${rounds} round${rounds === 1 ? '' : 's'} [ranges].\n\n`,
  );
  process.stdout.write('| what | MB/s | wall s | CPU s | peak RSS MiB | wall, ratio | CPU, ratio |\n|---|---|---|---|---|---|---|\n');
  for (const what of ['scan, gzip layers', 'scan, zstd layers', 'gzip -dc | sha256sum'] as const) {
    const of = (figure: (run: Run, base: Run) => number, digits: number) =>
      spread(
        done.map((round) => figure(round[what], round['gzip -dc | sha256sum'])),
        digits,
      );
    const peak = done[0][what].peak === undefined ? '-' : of((run) => run.peak! / 2 ** 20, 0);
    const columns = [
      what.replace('|', '\\|'),
      of(({ wall }) => megabytes / wall, 0),
      of(({ wall }) => wall, 2),
      of(({ cpu }) => cpu, 2),
      peak,
      of((run, base) => run.wall / base.wall, 2),
      of((run, base) => run.cpu / base.cpu, 2),
    ];
    process.stdout.write(`| ${columns.join(' | ')} |\n`);
  }
} finally {
  rmSync(folder, { recursive: true });
}

/** Runs a line of bash, which counts the seconds of every process in it. */
function timed(line: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Run {
  const { stderr, error } = spawnSync('bash', ['-c', `TIMEFORMAT='%R %U %S'; time { ${line}; }`, 'bash', ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (error !== undefined) throw error;
  const [wall, user, system] = stderr.trim().split('\n').at(-1)!.split(' ').map(Number);
  if (Number.isNaN(wall + user + system)) throw new Error(stderr);
  return { wall, cpu: user + system };
}

/** `median [least-most]`. */
function spread(figures: readonly number[], digits: number): string {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  const [least, most] = [sorted[0], sorted.at(-1)!].map((figure) => figure.toFixed(digits));
  return least === most ? median.toFixed(digits) : `${median.toFixed(digits)} [${least}-${most}]`;
}
