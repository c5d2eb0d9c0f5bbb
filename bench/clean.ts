// `npm run bench:clean [-- --rounds N]`: what it costs to clean one secret out of an image of about 1 GB, from OCI layout to OCI layout on
// one file system, beside a scan of the same image in the same round. Fails when a blob that was not touched is not a hard link.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cleanBenchImage, secretPath } from './clean-image.ts';
import { work } from './image.ts';
import { machine, type Run, spread, timedUnbake } from './measure.ts';

type Kind = 'gzip' | 'zstd';

interface Pair {
  readonly scan: Run & { readonly peak: number };
  readonly clean: Run & { readonly peak: number };
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } });
const rounds = Number(values.rounds);
const image = await cleanBenchImage();
const folder = mkdtempSync(join(work, 'run-'));
const peakFile = join(folder, 'peak');
const reportFile = join(folder, 'report.json');

try {
  const done: Record<Kind, Pair>[] = [];
  for (let round = 0; round < rounds; round++) {
    done.push({ gzip: pair('gzip'), zstd: pair('zstd') });
    process.stderr.write(`round ${round + 1} of ${rounds}\n`);
  }
  process.stdout.write(
    `${machine()}. ${(image.bytes / 1e6).toFixed(0)} MB of tar in ${image.layers.length} layers (${image.layers.join(', ')}), ${(image.gzipBytes / 1e6).toFixed(0)} MB as gzip. Medians of ${rounds} round${rounds === 1 ? '' : 's'} [ranges].\n\n`,
  );
  process.stdout.write(
    '| layers | scan, wall s | clean, wall s | clean / scan, wall | clean / scan, CPU | scan, peak RSS MiB | clean, peak RSS MiB |\n|---|---|---|---|---|---|---|\n',
  );
  for (const kind of ['gzip', 'zstd'] as const) {
    const of = (figure: (pair: Pair) => number, digits: number) =>
      spread(
        done.map((round) => figure(round[kind])),
        digits,
      );
    const columns = [
      kind,
      of(({ scan }) => scan.wall, 1),
      of(({ clean }) => clean.wall, 1),
      of(({ scan, clean }) => clean.wall / scan.wall, 2),
      of(({ scan, clean }) => clean.cpu / scan.cpu, 2),
      of(({ scan }) => scan.peak / 2 ** 20, 0),
      of(({ clean }) => clean.peak / 2 ** 20, 0),
    ];
    process.stdout.write(`| ${columns.join(' | ')} |\n`);
  }
} finally {
  rmSync(folder, { recursive: true });
}

function pair(kind: Kind): Pair {
  const source = image.layouts[kind];
  const result = join(folder, 'result');
  const common = ['--no-rc', '--quiet', '--format', 'json'];
  const scan = timedUnbake(['scan', `oci:${source}`, ...common, '--output', reportFile], peakFile);
  const clean = timedUnbake(
    ['clean', `oci:${source}`, ...common, '--output', `oci:${result}:1`, '--finding', fingerprint(), '--report', reportFile],
    peakFile,
  );
  assertCleaned(source, result);
  rmSync(result, { recursive: true });
  return { scan, clean };
}

/** Of the secret; what else rules find in Debian and npm stays as it is. */
function fingerprint(): string {
  const { findings } = JSON.parse(readFileSync(reportFile, 'utf8')) as { findings: { fingerprint: string; place: { path?: string } }[] };
  const found = findings.find(({ place }) => place.path === secretPath);
  if (found === undefined) throw new Error(`nothing was found in ${secretPath}`);
  return found.fingerprint;
}

/** One layer is another one, the others are the same files: hard links. */
function assertCleaned(source: string, result: string): void {
  const { images, proof } = JSON.parse(readFileSync(reportFile, 'utf8')) as {
    images: { layers: { isTouched: boolean; after: { digest: string } }[] }[];
    proof: { checks: { isPassed: boolean }[] };
  };
  if (!proof.checks.every(({ isPassed }) => isPassed)) throw new Error('the proof has failed');
  const { layers } = images[0];
  if (layers.filter(({ isTouched }) => isTouched).length !== 1) throw new Error('not one layer was touched');
  const blobs = new Set(readdirSync(join(result, 'blobs/sha256')));
  for (const { isTouched, after } of layers) {
    const hex = after.digest.slice('sha256:'.length);
    if (!blobs.has(hex)) throw new Error(`${after.digest} is not in the result`);
    if (isTouched) continue;
    const [before, now] = [source, result].map((layout) => statSync(join(layout, 'blobs/sha256', hex)).ino);
    if (before !== now) throw new Error(`${after.digest} is a copy, not a link`);
  }
}
