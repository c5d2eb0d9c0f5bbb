// Fills the private file system of a container, once it is mounted: who the user is, what stands in /etc, the vault, the volumes, and the
// configurations of the OCI runtime and of the tending process. It is memory, seen by the container's processes alone, and gone with them:
// values of the environment and of the vault are on no disk.
import { chmodSync, chownSync, existsSync, lutimesSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { messageOf, UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';
import type { Notice } from '../../model/report.ts';
import type { Healthcheck, RunImage } from '../../model/run-image.ts';
import { canLimitSwap, capabilityBound, machineArchitecture, processorCount } from '../machine.ts';
import { resolveInRoot } from '../rooted.ts';
import { findProgram, programPath } from '../runtime.ts';
import { hostnameFile, hostsFile, resolvConf } from '../spec/etc-files.ts';
import { healthcheckOf } from '../spec/health.ts';
import type { RunRequest } from '../spec/request.ts';
import { type ConfigInput, execProcess, runtimeConfig } from '../spec/runtime-config.ts';
import { volumeDestinations } from '../spec/volumes.ts';
import type { TendConfig } from '../tend/tend-config.ts';
import type { OpenedVault } from '../vault/open-vault.ts';
import { anonymousVolumes } from './anonymous-volumes.ts';
import type { BoundPort } from './bind-ports.ts';
import { cgroupVersion } from './cgroup.ts';
import { privatePath } from './enter.ts';
import type { KeptContainer } from './record.ts';
import { firstSocketDescriptor } from './supervisor.ts';
import { userIn } from './user-in.ts';

export interface Preparation {
  readonly image: RunImage;
  readonly request: RunRequest;
  readonly vault?: OpenedVault;
  /** What must not get into the log. */
  readonly masked: readonly Buffer[];
  readonly ports: readonly BoundPort[];
  readonly isAttached: boolean;
}

type Bind = ConfigInput['binds'][number];

/** `pid`: the supervisor. Gives what the user should know. */
export async function prepare(container: KeptContainer, pid: number, preparation: Preparation): Promise<readonly Notice[]> {
  const { folder, record } = container;
  const { image, request, vault } = preparation;
  const inside = (...names: readonly string[]) => `${folder}/private/${names.join('/')}`;
  const outside = (...names: readonly string[]) => privatePath(pid, folder, ...names);
  const rootfs = outside('rootfs');
  const user = userIn(rootfs, request.user ?? image.user);
  const hostname = request.hostname ?? record.id.slice(0, 12);

  makeMtab(rootfs);

  const notices: Notice[] = image.oddities.map((detail) => ({ place: `image ${record.image}`, detail }));
  const binds: Bind[] = [
    ...etcFiles(outside, inside, hostname, request),
    ...request.volumes
      .filter(({ source }) => source !== '')
      .map(({ source, destination, isReadOnly }) => ({ source, destination, isReadOnly, kind: 'volume' as const })),
    ...anonymousVolumes(folder, rootfs, volumeDestinations(image, request)),
    ...(await vaultFiles(outside, inside, vault, record.isRootless)),
  ];
  // In a user namespace of its own root has all of them.
  const bound = record.isRootless ? undefined : capabilityBound();
  const config = runtimeConfig({
    image,
    request,
    user,
    id: record.id,
    hostname,
    rootPath: inside('rootfs'),
    architecture: machineArchitecture(),
    isRootless: record.isRootless,
    cgroupVersion: cgroupVersion(),
    canLimitSwap: canLimitSwap(cgroupVersion()),
    cpuCount: processorCount(),
    ...(bound === undefined ? {} : { capabilityLimit: bound }),
    cgroupsPath: record.cgroup === '' ? undefined : record.cgroup,
    binds,
    vaultEnv: vault?.variables.map(({ name, value }) => `${name}=${value}`) ?? [],
  });
  const write = (name: string, value: object) => writeFileSync(outside(name), JSON.stringify(value), { mode: 0o600 });
  write('config.json', request.network === 'bridge' ? withOutbound(config) : config);

  const healthcheck = healthcheckOf(image, request);
  const sockets = request.network === 'host' ? [] : preparation.ports;
  const tend: TendConfig = {
    name: container.name,
    logFile: `${folder}/log.json`,
    stdoutFd: 7,
    stderrFd: request.isTty ? undefined : 8,
    lifeFd: 6,
    attach: preparation.isAttached ? { stdoutFd: 1, stderrFd: request.isTty ? undefined : 2 } : { stdoutFd: undefined, stderrFd: undefined },
    listeners: sockets.map(({ protocol, containerPort, hostAddress }, index) => ({
      fd: firstSocketDescriptor + index,
      protocol,
      family: hostAddress.includes(':') ? 'IPv6' : 'IPv4',
      containerPort,
    })),
    masked: preparation.masked.map((value) => value.toString('base64')),
    ...(healthcheck === undefined ? {} : { health: healthOf(healthcheck) }),
  };
  write('tend.json', tend);
  if (sockets.length > 0) writeFileSync(outside('tend-inside'), '');
  return notices;

  function healthOf(check: Healthcheck): NonNullable<TendConfig['health']> {
    const args = check.test[0] === 'CMD' ? check.test.slice(1) : [...(image.shell.length === 0 ? ['/bin/sh', '-c'] : image.shell), check.test[1]];
    write('health-process.json', execProcess(config, { args, env: [], isTty: false }));
    return {
      check,
      file: `${folder}/health.json`,
      command: [record.runtime, '--root', inside('runtime'), 'exec', '--process', inside('health-process.json'), record.id],
    };
  }
}

type PathOf = (...names: readonly string[]) => string;

function etcFiles(outside: PathOf, inside: PathOf, hostname: string, { network }: RunRequest): readonly Bind[] {
  mkdirSync(outside('etc'), { mode: 0o755 });
  const files = {
    hosts: hostsFile(hostname, network, network === 'host' ? hostText('/etc/hosts') : ''),
    hostname: hostnameFile(hostname),
    'resolv.conf': resolvConf(network, network === 'none' ? '' : hostText('/etc/resolv.conf')),
  };
  return Object.entries(files).map(([name, text]) => {
    writeFileSync(outside('etc', name), text);
    chmodSync(outside('etc', name), 0o644);
    return { source: inside('etc', name), destination: `/etc/${name}`, isReadOnly: false, kind: 'etc' };
  });
}

/** Programs that ask for mounted file systems look there, those in Java for one; docker makes it too. */
function makeMtab(rootfs: string): void {
  const etc = resolveInRoot(rootfs, 'etc', { follow: true });
  const mtab = resolveInRoot(rootfs, 'etc/mtab', { follow: false });
  if (etc.stats?.isDirectory() && mtab.stats === undefined) symlinkSync('/proc/mounts', mtab.path);
}

function hostText(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** Copies in memory, with the owner and mode that the files had in the image: a bind mount shows those of its source. */
async function vaultFiles(outside: PathOf, inside: PathOf, vault: OpenedVault | undefined, isRootless: boolean): Promise<readonly Bind[]> {
  const mounted = vault?.files.filter(({ target }) => target !== undefined) ?? [];
  if (mounted.length > 0) mkdirSync(outside('vault'), { mode: 0o711 });
  const binds: Bind[] = [];
  for (const [index, { target, mode, uid, gid, mtime, read }] of mounted.entries()) {
    const copy = outside('vault', String(index));
    try {
      writeFileSync(copy, await read(), { mode: 0o600 });
      if (!isRootless) chownSync(copy, uid, gid);
      chmodSync(copy, mode & 0o7777);
      lutimesSync(copy, mtime, mtime);
    } catch (cause) {
      if (cause instanceof UnbakeError) throw cause;
      throw new UnbakeError('io', `${printable(target!)} of the vault cannot be put into memory: ${messageOf(cause)}`, { cause });
    }
    binds.push({ source: inside('vault', String(index)), destination: target!, isReadOnly: true, kind: 'vault' });
  }
  return binds;
}

/** Has the runtime connect the network namespace before the program starts (runtime-spec, config.md, "POSIX-platform Hooks"). */
function withOutbound<T extends object>(config: T): T {
  const program = findProgram('slirp4netns');
  if (program === undefined) {
    throw new UnbakeError('runtime', '--network bridge needs slirp4netns, which was not found', {
      hint: 'apt-get install slirp4netns, or use --network host or none',
    });
  }
  const script = fileURLToPath(new URL('outbound.sh', import.meta.url));
  return {
    ...config,
    hooks: { prestart: [{ path: '/bin/sh', args: ['sh', script, program], env: [`PATH=${programPath}`, 'LC_ALL=C'], timeout: 20 }] },
  };
}
