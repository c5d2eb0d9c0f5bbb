// `npm run bench [-- --rounds N]`: scans the benchmark's image, beside the least that anybody has to do to see all bytes of its layers:
// `gzip -dc LAYERS | sha256sum`. All of it in each round, one after the other, so that a busy machine disturbs all of it alike.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchImage } from './image.ts';
import { machine, type Run, spread, timed, timedUnbake } from './measure.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } });
const rounds = Number(values.rounds);
const image = await benchImage();
const folder = mkdtempSync(join(tmpdir(), 'unbake-bench-'));

try {
  const reference = () => timed('gzip -dc "$@" | sha256sum > /dev/null', image.gzipLayers);
  const scan = (kind: 'gzip' | 'zstd') => {
    const report = join(folder, 'report.json');
    const run = timedUnbake(['scan', `oci:${image.layouts[kind]}`, '--no-rc', '--quiet', '-f', 'json', '-o', report], join(folder, 'peak'));
    const { findings } = JSON.parse(readFileSync(report, 'utf8')) as { findings: { place: { path?: string } }[] };
    const inLogs = findings.filter(({ place }) => place.path?.startsWith('/var/log/app/')).length;
    if (inLogs < image.planted) throw new Error(`${inLogs} findings in the logs, where ${image.planted} secrets were planted`);
    return run;
  };
  const done: Record<'scan, gzip layers' | 'scan, zstd layers' | 'gzip -dc | sha256sum', Run>[] = [];
  for (let round = 0; round < rounds; round++) {
    done.push({ 'scan, gzip layers': scan('gzip'), 'scan, zstd layers': scan('zstd'), 'gzip -dc | sha256sum': reference() });
    process.stderr.write(`round ${round + 1} of ${rounds}\n`);
  }

  const megabytes = image.bytes / 1e6;
  process.stdout.write(
    `${machine()}. ${megabytes.toFixed(0)} MB of tar in ${image.layers.length} layers (${image.layers.join(', ')}), ${(image.gzipBytes / 1e6).toFixed(0)} MB as gzip. Medians of ${rounds} round${rounds === 1 ? '' : 's'} [ranges].\n\n`,
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
