// `unbake logs`: the output of a container, each stream to its own.
import { UnbakeError } from '../model/error.ts';
import { printable } from '../model/printable.ts';
import { homeAt } from '../shim/home.ts';
import { findContainer } from '../shim/container/record.ts';
import { isAttended } from '../shim/container/attended.ts';
import { logRecords } from '../shim/logs.ts';
import type { HomeFlags } from './home-flag.ts';
import { interruptible } from './interrupt.ts';

export interface LogsFlags extends HomeFlags {
  readonly follow?: true;
  readonly timestamps?: true;
  readonly tail?: number;
  readonly since?: string;
  readonly until?: string;
}

export async function printLogs(reference: string, flags: LogsFlags): Promise<void> {
  const container = await findContainer(await homeAt(flags.root), reference);
  const since = timeOf('--since', flags.since);
  const until = timeOf('--until', flags.until);
  await interruptible(async (signal) => {
    const records = logRecords(`${container.folder}/log.json`, {
      follow: flags.follow === true,
      isOver: async () => !(await isAttended(container)),
      signal,
      // A negative number is all of them, as for docker.
      ...(flags.tail === undefined || flags.tail < 0 ? {} : { tail: flags.tail }),
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
    });
    for await (const { stream, time, bytes } of records) {
      const target = stream === 'stdout' ? process.stdout : process.stderr;
      if (target.destroyed || target.errored) return;
      const isTaken = target.write(flags.timestamps ? Buffer.concat([Buffer.from(`${time} `), bytes]) : bytes);
      if (!isTaken) await new Promise((resolve) => target.once('drain', resolve).once('close', resolve));
    }
  });
}

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** A date, or a time before now such as `90s` or `1h30m`. */
function timeOf(flag: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const parts = /^(?:\d+[smhd])+$/.test(text) ? text.match(/\d+[smhd]/g)! : [];
  const seconds = parts.reduce((sum, part) => sum + Number.parseInt(part, 10) * units[part.at(-1)!], 0);
  const time = parts.length > 0 ? new Date(Date.now() - seconds * 1000) : new Date(text);
  if (!Number.isNaN(time.getTime())) return time;
  throw new UnbakeError('usage', `${flag} ${printable(text)} is no time`, {
    hint: 'write 2026-01-02T03:04:05Z, or 10m, 2h, 1d for a time before now',
  });
}
