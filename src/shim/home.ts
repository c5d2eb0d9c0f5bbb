// Where the shim keeps what outlives a command: images, unpacked layers and containers, below one folder that is the user's alone.
import { homedir } from 'node:os';
import { mkdir, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { isSystemError, messageOf, UnbakeError } from '../model/error.ts';
import { printable } from '../model/printable.ts';

export interface Home {
  /** Absolute path of the folder. */
  readonly root: string;
  /** An OCI image layout: `images.ts` is its keeper. */
  readonly images: string;
  /** One folder a diffId, `sha256/HEX`, with the unpacked tree. */
  readonly layers: string;
  /** One folder a container, called like it. */
  readonly containers: string;
  /** The user is not root: no devices, no owners, no cgroup. */
  readonly isRootless: boolean;
}

/**
 * `root`: what the user gave; else /var/lib/unbake for root, and $XDG_DATA_HOME/unbake or ~/.local/share/unbake for others. Makes the
 * folders, mode 0700. No path in it leads through a link: one would lead out of a container's own view of it. Throws UnbakeError `io`.
 */
export async function homeAt(root: string | undefined): Promise<Home> {
  const isRootless = process.getuid?.() !== 0;
  const base = root === undefined ? defaultRoot(isRootless) : resolve(root);
  try {
    await makeFolder(base);
    const real = await realpath(base);
    const home = { root: real, images: join(real, 'images'), layers: join(real, 'layers'), containers: join(real, 'containers'), isRootless };
    for (const folder of [home.images, home.layers, home.containers]) await makeFolder(folder);
    for (const folder of [home.root, home.images, home.layers, home.containers]) await assertOurs(folder);
    return home;
  } catch (cause) {
    if (cause instanceof UnbakeError) throw cause;
    throw new UnbakeError('io', `${printable(base)}, where images and containers are kept, cannot be made: ${messageOf(cause)}`, {
      hint: 'name another folder with --root DIR or UNBAKE_ROOT',
      cause,
    });
  }
}

/** Whoever can write there says what is executed. */
async function assertOurs(folder: string): Promise<void> {
  const { uid, mode } = await stat(folder);
  if (uid === process.geteuid?.() && (mode & 0o022) === 0) return;
  throw new UnbakeError('io', `${printable(folder)} belongs to another user, or others may write to it: nothing there can be trusted`, {
    hint: 'name a folder of your own with --root DIR or UNBAKE_ROOT',
  });
}

/** With its parents. Node's own way to that never ends below /proc, where nothing can be made though the parent is there. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 }).catch(async (thrown: unknown) => {
      if (!isSystemError(thrown, 'ENOENT') || dirname(path) === path) throw thrown;
      await makeFolder(dirname(path));
      await mkdir(path, { mode: 0o700 });
    });
  } catch (thrown) {
    if (!isSystemError(thrown, 'EEXIST') || !(await stat(path)).isDirectory()) throw thrown;
  }
}

function defaultRoot(isRootless: boolean): string {
  if (!isRootless) return '/var/lib/unbake';
  const data = process.env['XDG_DATA_HOME'];
  return data !== undefined && isAbsolute(data) ? join(data, 'unbake') : join(homedir(), '.local/share/unbake');
}
