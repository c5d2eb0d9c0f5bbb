// Health checks in docker's form: of an image's config, and of the --health-* flags that change them.
import { UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';
import type { Healthcheck, RunImage } from '../../model/run-image.ts';

/** What the flags say; what they do not say is the image's. */
export type HealthRequest = 'none' | Partial<Healthcheck>;

export interface HealthFlags {
  /** false: --no-healthcheck. */
  readonly healthcheck?: boolean;
  readonly healthCmd?: string;
  readonly healthInterval?: string;
  readonly healthTimeout?: string;
  readonly healthStartPeriod?: string;
  readonly healthStartInterval?: string;
  readonly healthRetries?: string;
}

/** What holds when neither image nor flags say: milliseconds, and failures in a row. */
export const healthDefaults: Omit<Healthcheck, 'test'> = { interval: 30_000, timeout: 30_000, startPeriod: 0, startInterval: 5_000, retries: 3 };

/** The longest that a timer can wait, some 24 days: longer is as good as never. */
export const longestWait = 2 ** 31 - 1;

/** undefined: the flags say nothing. 0 stands for the default, as with docker. Throws UnbakeError `usage`. */
export function parseHealthFlags(flags: HealthFlags): HealthRequest | undefined {
  const retries = flags.healthRetries === undefined ? 0 : Number(/^\d{1,6}$/.exec(flags.healthRetries)?.[0] ?? Number.NaN);
  if (Number.isNaN(retries)) {
    throw new UnbakeError('usage', `--health-retries ${printable(flags.healthRetries!)} is not a number`, {
      hint: 'give how many failures in a row make it unhealthy',
    });
  }
  const times = {
    interval: durationFlag('--health-interval', flags.healthInterval),
    timeout: durationFlag('--health-timeout', flags.healthTimeout),
    startPeriod: durationFlag('--health-start-period', flags.healthStartPeriod),
    startInterval: durationFlag('--health-start-interval', flags.healthStartInterval),
    retries,
  };
  const asked: Partial<Healthcheck> = {
    ...(flags.healthCmd ? { test: ['CMD-SHELL', flags.healthCmd] as const } : {}),
    ...Object.fromEntries(Object.entries(times).filter(([, value]) => value !== 0)),
  };
  const saysSomething = Object.keys(asked).length > 0;
  if (flags.healthcheck !== false) return saysSomething ? asked : undefined;
  if (saysSomething) throw new UnbakeError('usage', '--no-healthcheck and --health-* contradict each other', { hint: 'leave one out' });
  return 'none';
}

/** The check to run: the image's, with what the flags change; undefined when there is none. */
export function healthcheckOf(
  image: Pick<RunImage, 'healthcheck'>,
  request: { readonly healthcheck?: HealthRequest | undefined },
): Healthcheck | undefined {
  if (request.healthcheck === 'none') return undefined;
  const test = request.healthcheck?.test ?? image.healthcheck?.test;
  return test === undefined ? undefined : { ...healthDefaults, ...image.healthcheck, ...request.healthcheck, test };
}

const units: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `1m30s`, `500ms`, in milliseconds; 0 when absent or 0. At least a millisecond, as docker wants it. */
function durationFlag(flag: string, text: string | undefined): number {
  if (text === undefined || text === '0') return 0;
  const parts = [...text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g)];
  const milliseconds = parts.reduce((sum, [, number, unit]) => sum + Number(number) * units[unit!]!, 0);
  const isWhole = parts.length > 0 && parts.map(([part]) => part).join('') === text;
  if (!isWhole || (milliseconds > 0 && milliseconds < 1)) {
    throw new UnbakeError('usage', `${flag} ${printable(text)} is not a time of at least a millisecond`, { hint: 'write 30s, 1m30s or 500ms' });
  }
  return Math.min(Math.round(milliseconds), longestWait);
}
