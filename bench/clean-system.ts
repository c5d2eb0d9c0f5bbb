// `npm run bench:clean-system`: scans what has no secrets, a new Debian with the usual languages and an npm install of twenty popular
// packages, and prints each finding of severity medium or above. Fails when one of them is high, or when there is more than one medium
// in 100 MB. Both layers are kept in $UNBAKE_CLEAN_SYSTEM, or in the folder for temporary files; --fresh builds them anew.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAtLeast, severities, type Severity } from '../src/model/severity.ts';
import { type Blob, blob, created, descriptorOf, hex, mediaTypes } from '../test/support/image.ts';

const debianPackages = ['python3', 'nodejs', 'git', 'openssl', 'perl'];
const npmPackages =
  'express lodash axios react react-dom typescript webpack eslint jest vue moment chalk commander debug request uuid dotenv ws mongoose jsonwebtoken'.split(
    ' ',
  );
/** Made while a package was installed: the same in all containers of an image, so no false alarm. */
const generated = /^\/etc\/ssh\/ssh_host_\w+_key$|^\/etc\/ssl\/private\/ssl-cert-snakeoil\.key$/;
const bytesPerMedium = 100e6;

interface Found {
  readonly ruleId: string;
  readonly severity: Severity;
  readonly confidence: string;
  readonly secret: { readonly mask: string };
  readonly proved: readonly string[];
  readonly place: {
    readonly path?: string;
    readonly way?: readonly string[];
    readonly pointer?: string;
    readonly position: { readonly line: number; readonly column: number };
  };
}

interface Scanned {
  readonly findings: readonly Found[];
  readonly skipped: readonly { readonly place: string; readonly detail: string }[];
  readonly coverage: { readonly bytes: number; readonly inside: { readonly bytes: number; readonly documents: number } };
}

const folder = process.env.UNBAKE_CLEAN_SYSTEM ?? join(tmpdir(), 'unbake-clean-system');
const layout = join(folder, 'image');

function must(program: string, args: readonly string[], cwd = folder): void {
  const { status, error, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'], maxBuffer: 1 << 28 });
  if (error !== undefined || status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}`);
}

/** Makes a tar of what `fill` puts into a new folder. */
function layerOf(name: string, fill: (root: string) => void): string {
  const tar = join(folder, `${name}.tar`);
  if (existsSync(tar)) return tar;
  const root = join(folder, name);
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  fill(root);
  must('tar', ['-C', root, '--sort=name', '--exclude=./dev/*', '--exclude=./proc/*', '--exclude=./sys/*', '-cf', `${tar}.part`, '.']);
  renameSync(`${tar}.part`, tar);
  rmSync(root, { recursive: true });
  return tar;
}

async function fileBlob(path: string): Promise<{ readonly digest: string; readonly size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer);
    size += (chunk as Buffer).length;
  }
  return { digest: `sha256:${hash.digest('hex')}`, size };
}

async function buildImage(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const layers = [
    layerOf('system', (root) => {
      must('debootstrap', ['--variant=minbase', `--include=${debianPackages.join(',')}`, 'bookworm', root]);
      // As base images are made: the packages would be there twice.
      must('find', [join(root, 'var/cache/apt/archives'), '-name', '*.deb', '-delete']);
    }),
    layerOf('application', (root) => {
      const app = join(root, 'srv/app');
      mkdirSync(app, { recursive: true });
      writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'app', version: '1.0.0', private: true }));
      must('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...npmPackages], app);
    }),
  ];
  rmSync(layout, { recursive: true, force: true });
  const blobs = join(layout, 'blobs/sha256');
  mkdirSync(blobs, { recursive: true });
  const contents: { readonly digest: string; readonly size: number }[] = [];
  for (const tar of layers) {
    const content = await fileBlob(tar);
    must('ln', [tar, join(blobs, hex(content.digest))]);
    contents.push(content);
  }
  const put = (content: Blob): Blob => {
    writeFileSync(join(blobs, hex(content.digest)), content.bytes);
    return content;
  };
  const config = put(
    blob({
      created,
      os: 'linux',
      architecture: 'amd64',
      config: { Env: ['PATH=/usr/bin'] },
      rootfs: { type: 'layers', diff_ids: contents.map(({ digest }) => digest) },
      history: ['debootstrap', 'npm install'].map((created_by) => ({ created, created_by })),
    }),
  );
  const manifest = put(
    blob({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: descriptorOf(config, mediaTypes.config),
      layers: contents.map((content) => ({ mediaType: mediaTypes.layer, ...content })),
    }),
  );
  writeFileSync(join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [descriptorOf(manifest, mediaTypes.manifest)] };
  writeFileSync(join(layout, 'index.json'), JSON.stringify(index));
}

function scan(): Scanned {
  const report = join(folder, 'report.json');
  const program = new URL('../src/cli/main.ts', import.meta.url).pathname;
  const args = [program, 'scan', `oci:${layout}`, '--no-rc', '--quiet', '-f', 'json', '-o', report];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  if (status === null || status > 1) process.stderr.write(stderr);
  return JSON.parse(readFileSync(report, 'utf8')) as Scanned;
}

function pathOf({ place }: Found): string {
  return place.path === undefined ? (place.pointer ?? '') : [place.path, ...(place.way ?? [])].join('!/');
}

if (process.argv.includes('--fresh')) rmSync(folder, { recursive: true, force: true });
await buildImage();
const started = Date.now();
const { findings, skipped, coverage } = scan();
const seconds = (Date.now() - started) / 1000;
const least = process.argv.includes('--all') ? 'info' : 'medium';
for (const found of findings.filter(({ severity }) => isAtLeast(severity, least))) {
  const { severity, confidence, ruleId, proved, secret, place } = found;
  const told = proved.length === 0 ? '' : `, ${proved.join(', ')}`;
  console.log(`${severity} (${confidence}) ${ruleId}  ${pathOf(found)}:${place.position.line}:${place.position.column}  ${secret.mask}${told}`);
}
for (const { place, detail } of skipped) console.log(`not read: ${place}: ${detail}`);

const count = (severity: Severity) => findings.filter((found) => found.severity === severity).length;
console.log(severities.map((severity) => `${severity} ${count(severity)}`).join(', '));
const { bytes, inside } = coverage;
console.log(
  `${(bytes / 1e6).toFixed(0)} MB, and ${(inside.bytes / 1e6).toFixed(0)} MB in ${inside.documents} documents inside of files, ${seconds.toFixed(1)} s`,
);
const alarms = findings.filter((found) => isAtLeast(found.severity, 'high') && !generated.test(pathOf(found)));
const mostMedium = Math.floor(bytes / bytesPerMedium);
const isClean = alarms.length === 0 && count('medium') <= mostMedium;
console.log(`high or above: ${alarms.length} (none allowed); medium: ${count('medium')} (${mostMedium} allowed): ${isClean ? 'met' : 'missed'}`);
process.exitCode = isClean ? 0 : 1;
