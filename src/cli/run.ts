// `unbake run`: an image to a running container. Scanned first; what it prints is ours, what it returns too.
import { UnbakeError } from '../model/error.ts';
import { parseLimits } from '../model/limits.ts';
import { printable } from '../model/printable.ts';
import type { Notice } from '../model/report.ts';
import { assertPortsFree } from '../shim/container/bind-ports.ts';
import type { StartedContainer } from '../shim/container/start.ts';
import { killContainer, signalContainer } from '../shim/container/stop.ts';
import { homeAt } from '../shim/home.ts';
import { findRuntime } from '../shim/runtime.ts';
import { parseRunRequest } from '../shim/spec/request.ts';
import { surroundings } from './home-flag.ts';
import { type RunFlags, Starting } from './starting.ts';
import { assertTerminal } from './terminal.ts';

/** Returns the exit code of the container, or 0 for one that is left running. */
export async function runRun(reference: string, args: readonly string[], flags: RunFlags, version: string): Promise<number> {
  assertStreams(flags);
  // Whatever may be wrong with the flags and the machine is looked at before the image is.
  const request = await parseRunRequest(flags, args, surroundings());
  const limits = parseLimits(flags.limit ?? []);
  const runtime = findRuntime(flags.runtime);
  const home = await homeAt(flags.root);
  await assertPortsFree(request.ports);

  const started = await new Starting(reference, flags, version, { request, limits, runtime, home }).run();
  tell(started.notices);
  if (!flags.detach) return attended(started);
  process.stdout.write(`${started.container.record.id}\n`);
  started.leave();
  return 0;
}

function assertStreams({ detach, tty }: RunFlags): void {
  if (tty && detach) {
    throw new UnbakeError('usage', '-t gives the container the terminal of this command, which -d leaves', {
      hint: 'leave one of them out; unbake exec -it opens a terminal later',
    });
  }
  if (tty) assertTerminal();
}

const endings: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGTERM', 'SIGQUIT']);

/** Signals that come to us go to the container; the third one that should end it does. */
async function attended(started: StartedContainer): Promise<number> {
  const { container } = started;
  let pleas = 0;
  const forward = (signal: NodeJS.Signals) => {
    if (endings.has(signal)) pleas++;
    const sent = pleas < 3 ? signalContainer(container, signal) : killContainer(container);
    sent.catch((thrown: unknown) => process.stderr.write(`unbake: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`));
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;
  for (const signal of signals) process.on(signal, forward);
  try {
    const { exitCode, isOutOfMemory, error } = await started.ended();
    if (isOutOfMemory) {
      const logs = container.record.isRemovedAfter ? '' : `; unbake logs ${container.name} has its last words`;
      process.stderr.write(
        `unbake: container ${container.name} ran out of memory, and the kernel killed a process of it: --memory gives it more${logs}\n`,
      );
    }
    if (error !== undefined) process.stderr.write(`unbake: container ${container.name}: ${error}\n`);
    return exitCode;
  } finally {
    for (const signal of signals) process.removeListener(signal, forward);
  }
}

function tell(notices: readonly Notice[]): void {
  for (const { place, detail } of notices) process.stderr.write(`unbake: ${printable(place)}: ${printable(detail)}\n`);
}
