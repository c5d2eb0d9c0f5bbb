// `npm run bench:run [-- --rounds N]`: from the command to the first byte that a published port gives, beside the OCI runtime alone with the
// same root file system on the network of the machine, in the same round. Needs root, runc and busybox; runs what `npm run build` made.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { archive, docker25Archive } from '../test/support/forms.ts';
import { webApp } from '../test/support/web-app.ts';
import { machine, spread } from './measure.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '10' } } });
const rounds = Number(values.rounds);
const port = 18_080;
const folder = mkdtempSync(join(tmpdir(), 'unbake-bench-'));
const program = new URL('../bin/unbake', import.meta.url).pathname;
const env = { ...process.env, UNBAKE_ROOT: join(folder, 'root'), UNBAKE_CACHE_DIR: join(folder, 'cache') };
const kinds = ['first', 'again', 'unscanned', 'runtime'] as const;
const titles = {
  first: 'copied, scanned and unpacked first',
  again: 'layers unpacked, verdict of the scan known',
  unscanned: 'the same with --no-scan',
  runtime: 'runc alone',
};

try {
  const image = join(folder, 'clean.tar');
  writeFileSync(join(folder, 'leaky.tar'), archive(docker25Archive(webApp())));
  unbake('clean', join(folder, 'leaky.tar'), '-o', image, '-q');
  const seconds: Record<(typeof kinds)[number], number[]> = { first: [], again: [], unscanned: [], runtime: [] };
  for (let round = 0; round < rounds; round++) {
    rmSync(env.UNBAKE_ROOT, { recursive: true, force: true });
    rmSync(env.UNBAKE_CACHE_DIR, { recursive: true, force: true });
    seconds.first.push(await started(image));
    seconds.again.push(await started(image));
    seconds.unscanned.push(await started(image, '--no-scan'));
    seconds.runtime.push(await bare());
    process.stderr.write(`round ${round + 1} of ${rounds}\n`);
  }
  process.stdout.write(`${machine()}. Medians of ${rounds} rounds [ranges].\n\n| start | first byte after, s | to runc alone |\n|---|---|---|\n`);
  for (const kind of kinds) {
    const ratios = seconds[kind].map((figure, round) => figure / seconds.runtime[round]);
    process.stdout.write(`| ${titles[kind]} | ${spread(seconds[kind], 2)} | ${kind === 'runtime' ? '1.0' : spread(ratios, 1)} |\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function started(image: string, ...flags: readonly string[]): Promise<number> {
  const from = performance.now();
  unbake('run', '-d', '-q', '--name', 'bench', '-p', `${port}:8080`, ...flags, image);
  await firstByte(port);
  const seconds = (performance.now() - from) / 1000;
  unbake('rm', '-f', 'bench');
  return seconds;
}

async function bare(): Promise<number> {
  const bundle = mkdtempSync(join(folder, 'bundle-'));
  const rootfs = join(bundle, 'rootfs');
  mkdirSync(rootfs);
  const layers = join(env.UNBAKE_ROOT, 'layers/sha256');
  for (const name of readdirSync(layers)) call('cp', '-a', `${join(layers, name, 'tree')}/.`, rootfs);
  call('runc', 'spec', '--bundle', bundle);
  const config = JSON.parse(call('cat', join(bundle, 'config.json'))) as { process: object; linux: { namespaces: { type: string }[] } };
  config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'network');
  const args = ['httpd', '-f', '-p', String(port), '-h', '/srv'];
  writeFileSync(
    join(bundle, 'config.json'),
    JSON.stringify({ ...config, process: { ...config.process, args, env: ['PATH=/bin'], terminal: false } }),
  );
  const from = performance.now();
  spawnSync('runc', ['run', '--detach', '--bundle', bundle, 'unbake-bench'], { stdio: 'ignore' });
  await firstByte(port);
  const seconds = (performance.now() - from) / 1000;
  call('runc', 'delete', '--force', 'unbake-bench');
  return seconds;
}

async function firstByte(from: number): Promise<void> {
  for (;;) {
    const isThere = await new Promise<boolean>((resolve) => {
      const request = get({ host: '127.0.0.1', port: from, path: '/', agent: false }, (response) => {
        response.once('data', () => resolve(true)).resume();
      });
      request.on('error', () => resolve(false));
    });
    if (isThere) return;
    await sleep(2);
  }
}

function unbake(...args: readonly string[]): string {
  return call(program, ...args);
}

function call(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { env, encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  return stdout;
}
