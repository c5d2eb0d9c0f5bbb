// Where the shim keeps what outlives a command: images, unpacked layers and containers, below one folder that is the user's alone.
import { homedir } from 'node:os';
import { mkdir } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { messageOf, UnbakeError } from '../model/error.ts';
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
  /** The user is not root: no devices, no owners, no cgroup that was not delegated. */
  readonly isRootless: boolean;
}

/**
 * `root`: what the user gave; else /var/lib/unbake for root, and $XDG_DATA_HOME/unbake or ~/.local/share/unbake for others. Makes the
 * folders, mode 0700. Throws UnbakeError `io`.
 */
export async function homeAt(root: string | undefined): Promise<Home> {
  const isRootless = process.getuid?.() !== 0;
  const base = root === undefined ? defaultRoot(isRootless) : resolve(root);
  const home = { root: base, images: join(base, 'images'), layers: join(base, 'layers'), containers: join(base, 'containers'), isRootless };
  try {
    for (const folder of [home.root, home.images, home.layers, home.containers]) await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new UnbakeError('io', `${printable(base)}, where images and containers are kept, cannot be made: ${messageOf(cause)}`, {
      hint: 'name another folder with --root DIR or UNBAKE_ROOT',
      cause,
    });
  }
  return home;
}

function defaultRoot(isRootless: boolean): string {
  if (!isRootless) return '/var/lib/unbake';
  const data = process.env['XDG_DATA_HOME'];
  return data !== undefined && isAbsolute(data) ? join(data, 'unbake') : join(homedir(), '.local/share/unbake');
}
