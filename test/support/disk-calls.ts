// Stands between a program and the disk: is told of each call that changes something there, before it is made, and may throw or kill
// instead of letting it through. So a test can fail at the first call, the second, the third, until there is none left.
import fs, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

type Callable = (...args: unknown[]) => Promise<unknown>;

const changing = ['chmod', 'chown', 'copyFile', 'link', 'mkdir', 'open', 'rename', 'rm', 'unlink'] as const;

/** Returns what takes the hook away again. A hook that throws fails the call, as the system would. */
export async function watchDisk(hook: (name: string) => void): Promise<() => void> {
  const undo: (() => void)[] = [];
  const watch = (owner: Record<string, Callable>, name: string) => {
    const original = owner[name]!;
    owner[name] = async function (this: unknown, ...args) {
      hook(name);
      return original.apply(this, args);
    };
    undo.push(() => (owner[name] = original));
  };
  const handle: FileHandle = await fs.open('/dev/null');
  const prototype = Object.getPrototypeOf(handle) as Record<string, Callable>;
  await handle.close();
  for (const name of changing) watch(fs as unknown as Record<string, Callable>, name);
  for (const name of ['write', 'sync']) watch(prototype, name);
  syncBuiltinESMExports();
  return () => {
    for (const restore of undo) restore();
    syncBuiltinESMExports();
  };
}

/** What the system throws. */
export function systemError(code: string, words: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${words}, write`), { code });
}
