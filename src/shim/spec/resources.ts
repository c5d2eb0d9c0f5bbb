// Limits on memory, processor and processes, with docker's flags, units and checks (runtime-spec, config-linux.md, "Control groups").
import { UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';
import type { OciResources } from './oci-config.ts';

/** What is not there is not limited. */
export interface Resources {
  /** Bytes. */
  readonly memory?: number;
  /** Bytes of memory and swap together; -1: as much swap as there is. */
  readonly memorySwap?: number;
  readonly memoryReservation?: number;
  readonly cpuShares?: number;
  /** Microseconds of processor time in each `cpuPeriod` microseconds. */
  readonly cpuQuota?: number;
  readonly cpuPeriod?: number;
  readonly pidsLimit?: number;
}

export interface ResourceFlags {
  readonly memory?: string;
  readonly memorySwap?: string;
  readonly memoryReservation?: string;
  readonly cpuShares?: string;
  readonly cpus?: string;
  readonly pidsLimit?: string;
}

const leastMemory = 6 * 2 ** 20;
const period = 100_000;

/**
 * `machineCpus`: how many the machine has; undefined: not known, and `--cpus` has no upper bound. A limit of 0 is none, as with docker. Memory without a swap limit
 * gets as much swap as memory. Throws UnbakeError `usage` that names the flag.
 */
export function parseResources(flags: ResourceFlags, machineCpus: number | undefined): Resources {
  const memory = bytesFlag('--memory', flags.memory);
  const memoryReservation = bytesFlag('--memory-reservation', flags.memoryReservation);
  const swap = flags.memorySwap?.trim() === '-1' ? -1 : bytesFlag('--memory-swap', flags.memorySwap);
  for (const [flag, value] of [
    ['--memory', memory],
    ['--memory-reservation', memoryReservation],
  ] as const) {
    if (value !== undefined && value < leastMemory)
      throw wrong(flag, `${value} bytes are too few`, 'the least is 6m: a container needs that much to start');
  }
  if (swap !== undefined && swap > 0) {
    if (memory === undefined) throw wrong('--memory-swap', 'it limits memory and swap together, and needs --memory', 'give --memory too');
    if (swap < memory) {
      throw wrong(
        '--memory-swap',
        'it limits memory and swap together, and cannot be less than --memory',
        'raise it, or give -1 for as much swap as there is',
      );
    }
  }
  if (memory !== undefined && memoryReservation !== undefined && memoryReservation > memory) {
    throw wrong('--memory-reservation', 'it cannot be more than --memory', 'lower it');
  }
  return {
    ...(memory === undefined ? {} : { memory, memorySwap: swap ?? 2 * memory }),
    ...(memoryReservation === undefined ? {} : { memoryReservation }),
    ...sharesOf(flags.cpuShares),
    ...quotaOf(flags.cpus, machineCpus),
    ...pidsOf(flags.pidsLimit),
  };
}

export function isLimited(resources: Resources): boolean {
  return Object.values(resources).some((value) => value !== undefined);
}

/** `canLimitSwap: false`: the kernel does not count swap, so only memory is limited, as docker does there. */
export function ociLimits(resources: Resources, canLimitSwap: boolean): Omit<OciResources, 'devices'> {
  const { memory, memorySwap, memoryReservation, cpuShares, cpuQuota, cpuPeriod, pidsLimit } = resources;
  const hasMemory = memory !== undefined || memoryReservation !== undefined;
  const hasCpu = cpuShares !== undefined || cpuQuota !== undefined;
  return {
    ...(hasMemory && {
      memory: {
        ...(memory !== undefined && { limit: memory }),
        ...(memoryReservation !== undefined && { reservation: memoryReservation }),
        ...(memorySwap !== undefined && canLimitSwap && { swap: memorySwap }),
      },
    }),
    ...(hasCpu && {
      cpu: {
        ...(cpuShares !== undefined && { shares: cpuShares }),
        ...(cpuQuota !== undefined && { quota: cpuQuota, period: cpuPeriod ?? period }),
      },
    }),
    ...(pidsLimit !== undefined && { pids: { limit: pidsLimit } }),
  };
}

function wrong(flag: string, why: string, hint: string): UnbakeError {
  return new UnbakeError('usage', `${flag}: ${why}`, { hint });
}

/** `200m`, `1.5G`, `64MiB`, `300 kb`, `1024`: powers of 1024. 0 gives undefined. */
function bytesFlag(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const match = /^(\d+(?:\.\d*)?|\.\d+) ?(?:b|([kmgtp])(?:i?b)?)?$/i.exec(text.trim());
  const power = match?.[2] === undefined ? 0 : 'kmgtp'.indexOf(match[2].toLowerCase()) + 1;
  const bytes = Math.trunc(Number(match?.[1]) * 1024 ** power);
  if (match === null || !Number.isSafeInteger(bytes)) {
    throw wrong(flag, `${printable(text)} is not an amount of memory`, 'write a number with b, k, m, g or t, such as 200m or 1.5g');
  }
  return bytes === 0 ? undefined : bytes;
}

function sharesOf(text: string | undefined): Pick<Resources, 'cpuShares'> {
  if (text === undefined || text === '0') return {};
  const shares = /^\d{1,7}$/.test(text) ? Number(text) : -1;
  if (shares < 2 || shares > 262_144) throw wrong('--cpu-shares', `${printable(text)} is not a weight`, 'give 2 to 262144; 1024 is the usual weight');
  return { cpuShares: shares };
}

function quotaOf(text: string | undefined, machineCpus: number | undefined): Pick<Resources, 'cpuQuota' | 'cpuPeriod'> {
  if (text === undefined) return {};
  const cpus = /^(?:\d+(?:\.\d*)?|\.\d+)$/.test(text) ? Number(text) : -1;
  if (cpus === 0) return {};
  const most = machineCpus ?? Number.MAX_SAFE_INTEGER / period;
  if (cpus < 0.01 || cpus > most) {
    throw wrong(
      '--cpus',
      `${printable(text)} is not a number of processors that can be had`,
      machineCpus === undefined ? 'give at least 0.01' : `give 0.01 to ${machineCpus}: this machine has ${machineCpus}`,
    );
  }
  return { cpuQuota: Math.round(cpus * period), cpuPeriod: period };
}

function pidsOf(text: string | undefined): Pick<Resources, 'pidsLimit'> {
  if (text === undefined || text === '-1' || text === '0') return {};
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw wrong('--pids-limit', `${printable(text)} is not a number of processes`, 'give a whole number, or -1 for no limit');
  return { pidsLimit: Number(text) };
}
