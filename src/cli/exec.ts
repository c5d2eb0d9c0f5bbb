// `unbake exec`: one more program in a running container; its exit code is ours.
import { homeAt } from '../shim/home.ts';
import { execInContainer } from '../shim/container/exec.ts';
import { findContainer } from '../shim/container/record.ts';
import { parseEnvFlags } from '../shim/spec/env-flags.ts';
import { workdirOf } from '../shim/spec/request.ts';
import { surroundings, type HomeFlags } from './home-flag.ts';
import { assertTerminal } from './terminal.ts';

export interface ExecFlags extends HomeFlags {
  readonly detach?: true;
  readonly interactive?: true;
  readonly tty?: true;
  readonly env?: readonly string[];
  readonly envFile?: readonly string[];
  readonly user?: string;
  readonly workdir?: string;
}

export async function runExec(reference: string, args: readonly string[], flags: ExecFlags): Promise<number> {
  if (flags.tty) assertTerminal();
  const workdir = workdirOf(flags.workdir);
  const container = await findContainer(await homeAt(flags.root), reference);
  const { exitCode, error } = await execInContainer(container, {
    args,
    env: await parseEnvFlags(flags.envFile ?? [], flags.env ?? [], surroundings()),
    isTty: flags.tty === true,
    isInteractive: flags.interactive === true,
    isDetached: flags.detach === true,
    ...(flags.user === undefined ? {} : { user: flags.user }),
    ...(workdir === undefined ? {} : { workdir }),
  });
  if (error !== undefined) process.stderr.write(`unbake: ${error}\n`);
  return exitCode;
}
