// What the flags of `run` ask for: every flag parsed and checked once, here, before anything is made.
import { posix } from 'node:path';
import { UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';
import { parseCapabilities } from './capabilities.ts';
import { type EnvSurroundings, parseEnvFlags } from './env-flags.ts';
import { type HealthFlags, type HealthRequest, parseHealthFlags } from './health.ts';
import { parsePorts, type PortRequest } from './ports.ts';
import { parseResources, type ResourceFlags, type Resources } from './resources.ts';
import { parseSecurityOptions } from './security-options.ts';
import { parseSignal } from './signals.ts';
import { parseVolumes, type VolumeMount } from './volumes.ts';

export type { VolumeMount } from './volumes.ts';

export type Network = 'none' | 'host' | 'bridge';

export interface RunRequest {
  readonly args: readonly string[];
  /** '' takes the image's entrypoint and command away. */
  readonly entrypoint?: string;
  /** `NAME=value`, env files first, then --env; NAME alone takes that variable away. A later one wins. */
  readonly env: readonly string[];
  /** Absolute. */
  readonly workdir?: string;
  /** `user[:group]`, for `resolveUser`. */
  readonly user?: string;
  readonly hostname?: string;
  readonly volumes: readonly VolumeMount[];
  readonly resources: Resources;
  readonly isReadOnly: boolean;
  /** `CAP_NAME` or `ALL`. */
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly network: Network;
  readonly isInteractive: boolean;
  readonly isTty: boolean;
  /** `SIGNAME` or a number. */
  readonly stopSignal?: string;
  /** Seconds; -1: wait for ever. */
  readonly stopTimeout?: number;
  readonly noNewPrivileges: boolean;
  readonly seccomp: 'default' | 'unconfined';
  readonly ports: readonly PortRequest[];
  /** For `healthcheckOf`. */
  readonly healthcheck?: HealthRequest;
}

/** As commander gives them: the names of docker's flags in camelCase. */
export interface RunFlags extends ResourceFlags, HealthFlags {
  readonly publish?: readonly string[];
  readonly env?: readonly string[];
  readonly envFile?: readonly string[];
  readonly volume?: readonly string[];
  readonly workdir?: string;
  readonly user?: string;
  readonly entrypoint?: string;
  readonly hostname?: string;
  readonly readOnly?: boolean;
  readonly capAdd?: readonly string[];
  readonly capDrop?: readonly string[];
  readonly network?: string;
  readonly interactive?: boolean;
  readonly tty?: boolean;
  readonly stopSignal?: string;
  readonly stopTimeout?: string;
  readonly securityOpt?: readonly string[];
}

export interface RunSurroundings extends EnvSurroundings {
  /** Relative sources of volumes are below it. */
  readonly cwd: string;
  /** Whether there is a file or folder; left out: not looked at. */
  readonly isThere?: (path: string) => boolean;
  /** How many processors the machine has, for --cpus. */
  readonly cpuCount?: number;
}

/** `args`: what stands behind the image. Throws UnbakeError `usage` that names the flag; it never quotes the value of a variable. */
export async function parseRunRequest(flags: RunFlags, args: readonly string[], surroundings: RunSurroundings): Promise<RunRequest> {
  const { entrypoint } = flags;
  // As with docker an empty flag says nothing: `--user "$UNSET"` must not become root.
  const user = flags.user === '' ? undefined : flags.user;
  const network = networkOf(flags.network);
  const ports = parsePorts(flags.publish ?? []);
  if (network === 'host' && ports.length > 0) {
    throw new UnbakeError('usage', '--publish has no meaning with --network host: the container has the ports of the machine', {
      hint: 'leave one out',
    });
  }
  const healthcheck = parseHealthFlags(flags);
  const workdir = workdirOf(flags.workdir);
  const hostname = hostnameOf(flags.hostname);
  const stopSignal = stopSignalFlag(flags.stopSignal);
  const stopTimeout = stopTimeoutFlag(flags.stopTimeout);
  return {
    args,
    ...(entrypoint !== undefined && { entrypoint }),
    env: await parseEnvFlags(flags.envFile ?? [], flags.env ?? [], surroundings),
    ...(workdir !== undefined && { workdir }),
    ...(user !== undefined && { user }),
    ...(hostname !== undefined && { hostname }),
    volumes: parseVolumes(flags.volume ?? [], surroundings.cwd, surroundings.isThere),
    resources: parseResources(flags, surroundings.cpuCount),
    isReadOnly: flags.readOnly === true,
    capAdd: parseCapabilities('--cap-add', flags.capAdd ?? []),
    capDrop: parseCapabilities('--cap-drop', flags.capDrop ?? []),
    network,
    isInteractive: flags.interactive === true,
    isTty: flags.tty === true,
    ...(stopSignal !== undefined && { stopSignal }),
    ...(stopTimeout !== undefined && { stopTimeout }),
    ...parseSecurityOptions(flags.securityOpt ?? []),
    ports,
    ...(healthcheck !== undefined && { healthcheck }),
  };
}

function networkOf(text: string | undefined): Network {
  if (text === undefined) return 'none';
  if (text === 'none' || text === 'host' || text === 'bridge') return text;
  throw new UnbakeError('usage', `--network ${printable(text)} is not known`, { hint: 'give none (the default), bridge or host' });
}

/** Absolute and normal; undefined: the flag says nothing, as an empty one does with docker. */
export function workdirOf(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  if (text.startsWith('/')) return posix.normalize(text).replace(/(?<=.)\/$/, '');
  throw new UnbakeError('usage', `--workdir ${printable(text)} is not an absolute path`, { hint: 'begin it with /' });
}

/** Labels of letters, digits, `-` and `_` with points between them, at most the 63 characters that the kernel and DNS take. */
function hostnameOf(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  const isName = text.length <= 63 && text.split('.').every((label) => /^[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?$/i.test(label));
  if (isName) return text;
  throw new UnbakeError('usage', `--hostname ${printable(text)} is not a host name`, { hint: 'use at most 63 letters, digits, hyphens and points' });
}

function stopSignalFlag(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  const signal = parseSignal(text);
  if (signal !== undefined) return signal;
  throw new UnbakeError('usage', `--stop-signal ${printable(text)} is not a signal`, {
    hint: 'give a name such as SIGTERM, or a number from 1 to 64',
  });
}

function stopTimeoutFlag(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^(?:-1|\d{1,7})$/.test(text)) return Number(text);
  throw new UnbakeError('usage', `--stop-timeout ${printable(text)} is not a number of seconds`, {
    hint: 'give whole seconds, or -1 to wait for ever',
  });
}
