// Why a container never ran, in one sentence and docker's number: 126 for what cannot be executed, 127 for what is not there, else 125.
import type { Exit } from '../../model/container.ts';
import { printable } from '../../model/printable.ts';

/** `log`: lines of JSON, as OCI runtimes write them with --log-format json. Undefined: nothing in it tells of a failure. */
export function startFailure(log: string): Pick<Exit, 'exitCode' | 'error'> | undefined {
  const message = log
    .split('\n')
    .flatMap((line) => errorIn(line))
    .pop();
  if (message === undefined) return undefined;
  // The one hook that we give (outbound.sh).
  const complaint = /error running hook.*stderr: ([^\n]*)/.exec(message)?.[1];
  if (complaint !== undefined) return { exitCode: 125, error: printable(`slirp4netns cannot set up --network bridge: ${complaint}`) };
  return {
    exitCode: exitCodeOf(message),
    error: printable(message.replace(/^runc run failed: /, '').replace(/^unable to start container process: /, '')),
  };
}

const remedies: readonly (readonly [RegExp, string])[] = [
  [/cgroups in hybrid mode/i, 'crun takes no hybrid cgroups: use --runtime runc on this machine'],
  [
    /cgroup/i,
    'the runtime needs to write below /sys/fs/cgroup: run on the machine itself or in a privileged container; grep cgroup /proc/mounts tells',
  ],
  [/not a directory.*(?:mount|rootfs)|mount.*not a directory/i, '-v takes a file onto a file and a folder onto a folder'],
  [/executable file .*not found|^exec: .*no such file/i, 'name a program of the image, behind the image or with --entrypoint'],
  [/exec.*permission denied/i, 'it needs a mode that lets the user of the container execute it: see --user and --entrypoint'],
  [/exec format error/i, 'it is no program for this machine, or a script without #! in its first line'],
];

/** What to do about it, where that is known. */
export function remedyFor(why: string): string | undefined {
  return remedies.find(([pattern]) => pattern.test(why))?.[1];
}

function errorIn(line: string): readonly string[] {
  try {
    const { level, msg } = JSON.parse(line) as { level?: unknown; msg?: unknown };
    return (level === 'error' || level === 'fatal') && typeof msg === 'string' ? [msg] : [];
  } catch {
    return [];
  }
}

function exitCodeOf(message: string): 125 | 126 | 127 {
  // The program itself, and not a mount or a folder of the shim.
  if (!/\bexec\b|executable|open executable/.test(message)) return 125;
  if (/not found|no such file or directory/i.test(message)) return 127;
  if (/permission denied|is a directory|exec format error|not a directory/i.test(message)) return 126;
  return 125;
}
