// Takes temporary paths away when this process dies without a word, by SIGKILL too: a shell of its own session waits on a pipe that
// only we hold open. When the whole process group, container or machine dies at once nobody is left to do it.
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/** What lies on disk while something is staged; all absolute. */
export interface Belongings {
  /** A file or folder to be removed. */
  readonly temporary: string;
  /** While a folder is exchanged for another: where it belongs, and the name under which the earlier one waits. */
  readonly exchange?: { readonly target: string; readonly earlier: string };
}

export interface Janitor {
  /** Nothing is left to take away. */
  dismiss(): void;
}

// Both there and nothing temporary left: the exchange was made. Both there beside a temporary one: the target is a stranger's, and the
// earlier folder is the only copy of what stood there.
const script = `
trap '' HUP INT TERM QUIT
read -r word
[ "$word" = done ] && exit 0
temporary=$1 target=$2 earlier=$3
exists() { [ -e "$1" ] || [ -L "$1" ]; }
if [ -n "$earlier" ] && exists "$earlier"; then
  if ! exists "$target"; then mv -- "$earlier" "$target"
  elif ! exists "$temporary"; then rm -rf -- "$earlier"
  fi
fi
rm -rf -- "$temporary"
`;

/**
 * To be called before anything is made. It holds no file of ours but its end of the pipe, no terminal and no folder, and does not keep
 * the process alive. Without a shell there is no janitor, and a kill leaves the temporary files behind.
 */
export function hireJanitor({ temporary, exchange }: Belongings): Janitor {
  const nobody: Janitor = { dismiss: () => undefined };
  try {
    const child = spawn('sh', ['-c', script, 'unbake-janitor', temporary, exchange?.target ?? '', exchange?.earlier ?? ''], {
      cwd: '/',
      detached: true,
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    child.on('error', () => undefined);
    if (child.pid === undefined) return nobody;
    child.unref();
    const pipe = child.stdin as Socket;
    pipe.on('error', () => undefined);
    pipe.unref();
    return { dismiss: () => void (pipe.writable && pipe.end('done\n')) };
  } catch {
    return nobody;
  }
}
