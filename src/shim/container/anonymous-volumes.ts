// The volumes of an image that nothing of the machine is mounted to: folders beside the container, gone with it.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';
import { resolveInRoot } from '../rooted.ts';
import { programPath } from '../runtime.ts';
import type { ConfigInput } from '../spec/runtime-config.ts';

/** Folders of the container on disk, which begin as what the image has there (docker does the same). */
export function anonymousVolumes(folder: string, rootfs: string, destinations: readonly string[]): ConfigInput['binds'] {
  return destinations.map((destination, index) => {
    const source = `${folder}/volumes/${index}`;
    mkdirSync(source, { recursive: true });
    // Whatever the mask of the user is.
    chmodSync(source, 0o755);
    const { path, stats } = resolveInRoot(rootfs, Buffer.from(destination, 'utf8').toString('latin1'), { follow: true });
    if (stats?.isDirectory()) {
      // No link can lead out: the path was resolved, nothing runs yet, and links inside are copied as links.
      const { status, stderr, error } = spawnSync('cp', ['-a', '--', '.', source], {
        cwd: path.toString('utf8'),
        encoding: 'utf8',
        env: { PATH: programPath, LC_ALL: 'C' },
      });
      const complaint = error?.message ?? stderr.trim();
      if (status !== 0) throw new UnbakeError('io', `volume ${printable(destination)} cannot be filled: ${printable(complaint).slice(-300)}`);
    }
    return { source, destination, isReadOnly: false, kind: 'volume' };
  });
}
