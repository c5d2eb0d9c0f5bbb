// Runs the health check of a container again and again, and tells the status in a file that is replaced whole.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCheck } from './health-check.ts';
import { afterCheck, type Health, healthAtStart, parseHealth, pauseBeforeCheck } from './health-state.ts';
import type { Patterns } from './masked-bytes.ts';
import type { HealthConfig } from './tend-config.ts';

/** Node takes longer pauses for none at all. */
const longestTimer = 2 ** 31 - 1;

/** Until `signal`; a check that runs is then killed. Checks never overlap. A status that is in the file is taken up; never throws. */
export async function watchHealth({ check, file, command }: HealthConfig, patterns: Patterns, signal: AbortSignal): Promise<void> {
  let health = readHealth(file) ?? healthAtStart(new Date());
  writeHealth(file, health);
  try {
    for (;;) {
      await sleep(timerOf(pauseBeforeCheck(health, Date.now(), check)), undefined, { signal });
      const result = await runCheck({ command, timeout: timerOf(check.timeout), patterns, signal });
      if (signal.aborted) return;
      health = afterCheck(health, result, check);
      writeHealth(file, health);
    }
  } catch (cause) {
    if (!signal.aborted) throw cause;
  }
}

function timerOf(milliseconds: number): number {
  return Math.min(longestTimer, Math.max(1, milliseconds));
}

function readHealth(file: string): Health | undefined {
  try {
    return parseHealth(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** A status that cannot be written now is written with the next check. */
function writeHealth(file: string, health: Health): void {
  try {
    writeFileSync(`${file}.new`, `${JSON.stringify(health)}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  } catch {
    // The disk is full: the old status stays.
  }
}
