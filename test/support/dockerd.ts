// A docker daemon of the tests' own: its data, socket and processes are below one folder, without a network, and gone at the end.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { needs, skip, tool } from './tool.ts';

export interface Dockerd {
  /** For the daemon's files and those of the tests. */
  readonly folder: string;
  /** With it any program's `docker` speaks to this daemon. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs a command of docker to its end and gives what it printed. */
  docker(...args: readonly string[]): string;
  stop(): Promise<void>;
}

/** To be called in a `before` hook, and `stop` in the `after` hook. Skips what follows where there is no docker. */
export async function startDockerd(context: Mocha.Context): Promise<Dockerd> {
  needs(context, 'docker', 'dockerd', 'umount');
  if (process.getuid!() !== 0) skip(context, 'dockerd needs root');
  const folder = mkdtempSync(join(tmpdir(), 'unbake-docker-'));
  const env = { DOCKER_HOST: `unix://${folder}/docker.sock`, DOCKER_BUILDKIT: '0', DOCKER_CONFIG: join(folder, 'config') };
  let daemon: ChildProcess | undefined;
  const stop = async () => {
    if (daemon !== undefined && daemon.exitCode === null) {
      const stopped = once(daemon, 'exit');
      daemon.kill('SIGTERM');
      await Promise.race([stopped, sleep(20_000, undefined, { ref: false })]);
    }
    for (const line of readFileSync('/proc/mounts', 'utf8').split('\n').toReversed()) {
      const mounted = line.split(' ')[1] ?? '';
      if (mounted.startsWith(`${folder}/`)) spawnSync('umount', ['-l', mounted]);
    }
    rmSync(folder, { recursive: true, force: true });
  };
  for (const driver of ['overlay2', 'vfs']) {
    if ((daemon = await started(folder, driver, env))) return { folder, env, stop, docker: (...args) => tool('docker', args, { env }) };
  }
  const log = readFileSync(join(folder, 'log'), 'utf8').slice(-2000);
  await stop();
  return assert.fail(`dockerd does not start: ${log}`);
}

async function started(folder: string, driver: string, env: Dockerd['env']): Promise<ChildProcess | undefined> {
  const log = openSync(join(folder, 'log'), 'w');
  const places = [`--data-root=${folder}/data-${driver}`, `--exec-root=${folder}/exec`, `--pidfile=${folder}/pid-${driver}`];
  const network = ['--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-forward=false'];
  const child = spawn('dockerd', [...places, ...network, `--host=${env['DOCKER_HOST']}`, `--storage-driver=${driver}`], {
    stdio: ['ignore', log, log],
  });
  for (let tries = 0; tries < 300 && child.exitCode === null; tries++) {
    if (existsSync(join(folder, 'docker.sock')) && spawnSync('docker', ['version'], { env: { ...process.env, ...env } }).status === 0) return child;
    await sleep(100);
  }
  child.kill('SIGKILL');
  return undefined;
}
