// `unbake stop`, `unbake rm`: several containers, each as far as it goes, all errors told.
import type { Home } from '../shim/home.ts';
import { homeAt } from '../shim/home.ts';
import { findContainer, type KeptContainer } from '../shim/container/record.ts';
import { removeContainer, stopContainer } from '../shim/container/stop.ts';
import { failWith } from './fail.ts';
import type { HomeFlags } from './home-flag.ts';

export interface StopFlags extends HomeFlags {
  /** Seconds. */
  readonly time?: number;
}

export interface RmFlags extends HomeFlags {
  readonly force?: true;
}

export function stopAll(references: readonly string[], flags: StopFlags): Promise<number> {
  return forEach(references, flags, (container) => stopContainer(container, flags.time));
}

export function removeAll(references: readonly string[], flags: RmFlags): Promise<number> {
  return forEach(references, flags, (container, home) => removeContainer(home, container, { isForced: flags.force === true }));
}

/** All at once, for each may take its time. Prints what each container was called by, in that order; returns the exit code of the last that failed. */
async function forEach(
  references: readonly string[],
  flags: HomeFlags,
  act: (container: KeptContainer, home: Home) => Promise<unknown>,
): Promise<number> {
  const home = await homeAt(flags.root);
  const outcomes = [...new Set(references)].map(async (reference): Promise<{ readonly reference: string; readonly thrown?: unknown }> => {
    try {
      await act(await findContainer(home, reference), home);
      return { reference };
    } catch (thrown) {
      return { reference, thrown };
    }
  });
  let exitCode = 0;
  for (const outcome of outcomes) {
    const { reference, thrown } = await outcome;
    if (thrown === undefined) process.stdout.write(`${reference}\n`);
    else exitCode = failWith(thrown);
  }
  return exitCode;
}
