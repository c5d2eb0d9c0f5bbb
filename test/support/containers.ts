// `unbake run` and its like with a state folder of their own, and a look at what they leave on the machine.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Outcome, run, type RunOptions } from './cli.ts';
import type { Scratch } from './scratch.ts';
import { needs, skip } from './tool.ts';
import { webAppArchive } from './web-app.ts';

/** To be called in a `before` hook of tests that start containers as root. */
export function needsContainers(context: Mocha.Context, ...programs: readonly string[]): void {
  needs(context, 'runc', 'busybox', 'unshare', 'nsenter', ...programs);
  if (process.getuid!() !== 0) skip(context, 'needs root');
}

export class Machine {
  /** Its own --root and cache of scans: nothing of other tests, nothing of the user. */
  readonly root: string;
  readonly #env: Readonly<Record<string, string>>;

  constructor(folder: string) {
    this.root = join(folder, 'root');
    this.#env = { UNBAKE_ROOT: this.root, UNBAKE_CACHE_DIR: join(folder, 'cache') };
  }

  unbake(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    return run(args, { ...options, env: { ...this.#env, ...options.env } });
  }

  /** Standard output, trimmed; fails on any exit code but 0. */
  async output(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.unbake(args, options);
    assert.equal(code, 0, `unbake ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  }

  /** Ends and removes all containers, for an `afterEach` hook: also those of a test that failed. */
  async removeAll(): Promise<void> {
    const ids = (await this.output(['ps', '-a', '-q', '--no-trunc'])).split('\n').filter((id) => id !== '');
    if (ids.length > 0) await this.unbake(['rm', '-f', ...ids]);
  }

  /** No process, mount, cgroup or folder of any container is there. What ends by itself is given a moment. */
  async assertNothingLeft(): Promise<void> {
    let left = this.left();
    for (let tries = 0; tries < 100 && left.length > 0; tries++) {
      await sleep(50);
      left = this.left();
    }
    assert.deepEqual(left, []);
  }

  left(): readonly string[] {
    const containers = join(this.root, 'containers');
    return [
      ...(existsSync(containers) ? readdirSync(containers).map((name) => `folder ${name}`) : []),
      ...processesAbout(containers),
      ...readFileSync('/proc/self/mountinfo', 'utf8')
        .split('\n')
        .filter((line) => line.includes(this.root))
        .map((line) => `mount ${line}`),
      ...cgroupsOfUnbake()
        .filter((folder) => isLeftBy(this.root, folder))
        .map((folder) => `cgroup ${folder}`),
    ];
  }
}

function processesAbout(text: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return command.includes(text) ? [`process ${pid} ${command}`] : [];
      } catch {
        return [];
      }
    });
}

/** One that is empty, or in which a process sees files of ours: others may run containers at the same time. */
function isLeftBy(root: string, cgroup: string): boolean {
  try {
    const pids = readFileSync(join(cgroup, 'cgroup.procs'), 'utf8')
      .split('\n')
      .filter((pid) => pid !== '');
    return pids.length === 0 || pids.some((pid) => readFileSync(`/proc/${pid}/mountinfo`, 'utf8').includes(root));
  } catch {
    return existsSync(cgroup);
  }
}

/** Folders of cgroups of all containers on this machine, whoever started them. */
export function cgroupsOfUnbake(): readonly string[] {
  const mountPoint = '/sys/fs/cgroup';
  if (!existsSync(mountPoint)) return [];
  const below = (folder: string) => (existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('unbake-')) : []);
  return [mountPoint, ...readdirSync(mountPoint).map((name) => join(mountPoint, name))].flatMap((folder) => {
    try {
      return below(folder).map((name) => join(folder, name));
    } catch {
      return [];
    }
  });
}

/** A port that was free a moment ago on both loopback addresses. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Looks again and again, up to ten seconds, until it is so. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline;) {
    if (await isSo()) return;
    await sleep(20);
  }
  assert.fail(`ten seconds, and still not: ${what}`);
}

/** What the kernel was told of a container's limits, in the files of cgroup v1 or v2; a file that is not there is left out. */
export function cgroupFiles(id: string, ...names: readonly string[]): Record<string, string> {
  const folders = [`/sys/fs/cgroup/unbake-${id}`, ...['memory', 'cpu', 'pids'].map((controller) => `/sys/fs/cgroup/${controller}/unbake-${id}`)];
  return Object.fromEntries(
    names.flatMap((name) => {
      const file = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
      return file === undefined ? [] : [[name, readFileSync(file, 'utf8').trim()]];
    }),
  );
}

/**
 * To be called inside `describe`: a machine that has the web server as `web:1`, from the archive `image`, whose containers go after each test, and of which nothing is left
 * after the last.
 */
export function machineWithWebApp(files: Scratch): { readonly machine: Machine; readonly image: () => string } {
  const machine = new Machine(files.folder);
  let image = '';
  before(async function () {
    needsContainers(this);
    image = webAppArchive(files);
    await machine.output(['load', image]);
  });
  afterEach(() => machine.removeAll());
  after(() => machine.assertNothingLeft());
  return { machine, image: () => image };
}
