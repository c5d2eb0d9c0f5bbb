// What a container's health checks say about it, by docker's rules. Pure: the time is given.
import type { Healthcheck } from '../../model/run-image.ts';

export interface CheckResult {
  /** ISO dates. */
  readonly start: string;
  readonly end: string;
  /** 0 is healthy; -1 when the check could not be run or took too long. */
  readonly exitCode: number;
  readonly output: string;
}

export interface Health {
  readonly status: 'starting' | 'healthy' | 'unhealthy';
  /** Failures that counted since the last success. */
  readonly failingStreak: number;
  /** The last five, oldest first. */
  readonly log: readonly CheckResult[];
  /** When the container was tended first, an ISO date: the start period counts from here. */
  readonly started: string;
}

const mostResults = 5;

export function healthAtStart(now: Date): Health {
  return { status: 'starting', failingStreak: 0, log: [], started: now.toISOString() };
}

/**
 * A success makes healthy; `retries` failures in a row make unhealthy. Failures of checks that began in the start period do not count, unless
 * there was a success before.
 */
export function afterCheck(health: Health, result: CheckResult, check: Healthcheck): Health {
  const log = [...health.log, result].slice(-mostResults);
  if (result.exitCode === 0) return { ...health, status: 'healthy', failingStreak: 0, log };
  if (isInStartPeriod(health, Date.parse(result.start), check)) return { ...health, log };
  const failingStreak = health.failingStreak + 1;
  return { ...health, status: failingStreak >= Math.max(1, check.retries) ? 'unhealthy' : health.status, failingStreak, log };
}

/** Milliseconds from the end of one check, or from the start, to the next check. */
export function pauseBeforeCheck(health: Health, now: number, check: Healthcheck): number {
  return isInStartPeriod(health, now, check) ? check.startInterval : check.interval;
}

function isInStartPeriod(health: Health, now: number, check: Healthcheck): boolean {
  return health.status === 'starting' && now - Date.parse(health.started) < check.startPeriod;
}

/** What `JSON.stringify` made of a Health; undefined for anything else. */
export function parseHealth(text: string): Health | undefined {
  try {
    const { status, failingStreak, log, started } = JSON.parse(text) as Partial<Health>;
    if (status !== 'starting' && status !== 'healthy' && status !== 'unhealthy') return undefined;
    if (typeof failingStreak !== 'number' || !Array.isArray(log) || typeof started !== 'string') return undefined;
    return { status, failingStreak, log, started };
  } catch {
    return undefined;
  }
}
