// From an image's config and the flags of `run` to what an OCI runtime is told (runtime-spec 1.0.2; image-spec, conversion.md), safe by default as docker is.
import { UnbakeError } from '../../model/error.ts';
import type { RunImage } from '../../model/run-image.ts';
import { annotationsOf } from './annotations.ts';
import { capabilitiesAfter } from './capabilities.ts';
import { commandOf, workingDirOf } from './command.ts';
import { environmentOf, hasVariable, overlaid } from './environment.ts';
import { type Bind, maskedPaths, mountsOf, readonlyPaths } from './mounts.ts';
import type { OciCapabilities, OciDevice, OciNamespace, OciProcess, OciResources, RuntimeConfig } from './oci-config.ts';
import type { RunRequest } from './request.ts';
import { isLimited, ociLimits } from './resources.ts';
import { seccompProfile } from './seccomp.ts';
import type { ContainerUser } from './user.ts';

export { commandOf, stopSignalOf } from './command.ts';
export { environmentOf } from './environment.ts';
export { healthcheckOf } from './health.ts';
export type { RuntimeConfig } from './oci-config.ts';
export { volumeDestinations } from './volumes.ts';

export interface ConfigInput {
  readonly image: RunImage;
  readonly request: RunRequest;
  readonly user: ContainerUser;
  readonly id: string;
  readonly hostname: string;
  readonly rootPath: string;
  /** Of the machine, in Go's spelling. */
  readonly architecture: string;
  readonly isRootless: boolean;
  readonly cgroupVersion: 1 | 2;
  /** undefined: there is no cgroup to be had, and limits are refused. */
  readonly cgroupsPath: string | undefined;
  /** After the standard mounts, in this order, but what lies in a folder after what is mounted on that folder. */
  readonly binds: readonly Bind[];
  /** `NAME=value`, over the image's and under the request's. */
  readonly vaultEnv: readonly string[];
  /** What this machine can give (`capabilitiesInMask` of CapBnd); undefined: all. */
  readonly capabilityLimit?: readonly string[];
  /** Processors whose thermal counters are hidden. */
  readonly cpuCount?: number;
  /** false: the kernel does not count swap, and is not asked to limit it. */
  readonly canLimitSwap?: boolean;
}

/** Marks that HOME is the user's from /etc/passwd, so that another user of `exec` gets another one. */
const homeAnnotation = 'dev.unbake.home-of-user';

/**
 * A plain JSON object. Throws UnbakeError `usage` when there is no command, `unsupported` for a user that a rootless container cannot have, limits without a cgroup,
 * and capabilities that the machine cannot give.
 */
export function runtimeConfig(input: ConfigInput): RuntimeConfig {
  const { image, request, user, hostname, isRootless, cgroupsPath } = input;
  if (isRootless) refuseOtherUsers(user);
  if (cgroupsPath === undefined && isLimited(request.resources)) {
    throw new UnbakeError('unsupported', 'limits on memory, processors and processes need a cgroup, which takes root', {
      hint: 'run as root, or leave the limits out',
    });
  }
  const isOwnNetwork = request.network !== 'host';
  const capabilities = capabilitiesAfter(request.capAdd, request.capDrop, input.capabilityLimit);
  const env = environmentOf({ hostname, isTty: request.isTty, image: image.env, vault: input.vaultEnv, request: request.env });
  const hasHome = hasVariable(env, 'HOME');
  const namespaces: readonly OciNamespace[] = [
    'mount',
    'uts',
    'pid',
    'ipc',
    ...(isOwnNetwork ? (['network'] as const) : []),
    ...(input.cgroupVersion === 2 ? (['cgroup'] as const) : []),
  ];
  const resources: OciResources = {
    ...(isRootless ? {} : { devices }),
    ...ociLimits(request.resources, input.canLimitSwap ?? true),
  };
  return {
    ociVersion: '1.0.2',
    process: {
      ...(request.isTty && { terminal: true }),
      user: ociUser(user, isRootless),
      args: commandOf(image, request),
      env: hasHome ? env : [...env, `HOME=${user.home}`],
      cwd: workingDirOf(image, request),
      capabilities: capabilitiesFor(user.uid, capabilities),
      noNewPrivileges: request.noNewPrivileges,
    },
    root: { path: input.rootPath, ...(request.isReadOnly && { readonly: true }) },
    hostname,
    mounts: mountsOf({ binds: input.binds, network: request.network, isRootless, isReadOnly: request.isReadOnly }),
    annotations: { ...annotationsOf(image), ...(hasHome ? {} : { [homeAnnotation]: 'true' }) },
    linux: {
      namespaces: namespaces.map((type) => ({ type })),
      ...(cgroupsPath !== undefined && { cgroupsPath }),
      ...(isOwnNetwork && { sysctl: sysctls(isRootless) }),
      ...(Object.keys(resources).length > 0 && { resources }),
      ...(request.seccomp === 'default' && { seccomp: seccompProfile(capabilities, input.architecture) }),
      maskedPaths: maskedPaths(input.cpuCount ?? 0),
      readonlyPaths,
    },
  };
}

export interface ExecRequest {
  readonly args: readonly string[];
  /** `NAME=value`, over those of the container; NAME alone takes the variable away. */
  readonly env: readonly string[];
  readonly user?: ContainerUser;
  /** Absolute. */
  readonly workdir?: string;
  readonly isTty: boolean;
}

/** The `process` object for the runtime's `exec`: what the container's first process has, but for what is asked otherwise; never more rights than its bounding set. */
export function execProcess(base: RuntimeConfig, options: ExecRequest): OciProcess {
  const { args, user, workdir, isTty } = options;
  if (args.length === 0) throw new UnbakeError('usage', 'exec: no command specified', { hint: 'give one behind the container' });
  const isRootless = base.process.user.additionalGids === undefined;
  if (isRootless && user !== undefined) refuseOtherUsers(user);
  const home = user !== undefined && base.annotations[homeAnnotation] !== undefined ? [`HOME=${user.home}`] : [];
  const env = overlaid(isTty ? ['TERM=xterm'] : [], [...base.process.env, ...home, ...options.env]);
  const { terminal: _, ...kept } = base.process;
  return {
    ...kept,
    ...(isTty && { terminal: true }),
    ...(user !== undefined && { user: ociUser(user, isRootless), capabilities: capabilitiesFor(user.uid, base.process.capabilities.bounding) }),
    args,
    env,
    cwd: workdir ?? base.process.cwd,
  };
}

function refuseOtherUsers({ uid, gid }: ContainerUser): void {
  if (uid === 0 && gid === 0) return;
  throw new UnbakeError(
    'unsupported',
    `the container is to run as user ${uid} with group ${gid}: without root there is only root in it, who is you`,
    {
      hint: 'give --user 0:0 if the program may run so, or run unbake as root',
    },
  );
}

/** A rootless container cannot set groups: the kernel forbids it where one group alone is mapped. */
function ociUser({ uid, gid, additionalGids }: ContainerUser, isRootless: boolean): OciProcess['user'] {
  return { uid, gid, ...(isRootless ? {} : { additionalGids }) };
}

function capabilitiesFor(uid: number, bounding: readonly string[]): OciCapabilities {
  return uid === 0 ? { bounding, effective: bounding, permitted: bounding } : { bounding };
}

/** docker's: every user may take low ports and ping. In a namespace with one group the range of groups is refused by the kernel. */
function sysctls(isRootless: boolean): Readonly<Record<string, string>> {
  return { 'net.ipv4.ip_unprivileged_port_start': '0', ...(isRootless ? {} : { 'net.ipv4.ping_group_range': '0 2147483647' }) };
}

/** null, zero, random, urandom, tty and console (devices.txt of the kernel); the runtime adds what it makes itself. */
const devices: readonly OciDevice[] = [
  { allow: false, access: 'rwm' },
  ...[
    [1, 3],
    [1, 5],
    [1, 8],
    [1, 9],
    [5, 0],
    [5, 1],
  ].map(([major, minor]): OciDevice => ({ allow: true, type: 'c', major: major!, minor: minor!, access: 'rwm' })),
];
