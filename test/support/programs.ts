// A root file system with a few programs of this machine and the libraries that they need: enough to look around in a container.
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { directory, file } from './raw-tar.ts';
import { tool } from './tool.ts';

/** Absolute paths of the programs, found in the PATH, and of all that they load. Needs ldd. */
function filesOf(programs: readonly string[]): readonly { readonly from: string; readonly to: string }[] {
  const found = programs.map((program) => ({ from: tool('sh', ['-c', `command -v ${program}`]), to: `bin/${program}` }));
  const libraries = found.flatMap(({ from }) => tool('ldd', [from]).match(/\/\S+/g) ?? []);
  return [...found, ...[...new Set(libraries)].map((library) => ({ from: library, to: library.slice(1) }))];
}

/** Entries of a layer with these programs in /bin. */
export function programEntries(...programs: readonly string[]): Buffer[] {
  const files = filesOf(programs);
  const folders = new Set<string>();
  for (const { to } of files) {
    const parts = dirname(to).split('/');
    for (let count = 1; count <= parts.length; count++) folders.add(`${parts.slice(0, count).join('/')}/`);
  }
  return [...[...folders].map((name) => directory(name)), ...files.map(({ from, to }) => file(to, readFileSync(from), { mode: 0o755 }))];
}

/** The same in a folder. */
export function writePrograms(folder: string, ...programs: readonly string[]): void {
  for (const { from, to } of filesOf(programs)) {
    mkdirSync(join(folder, dirname(to)), { recursive: true });
    copyFileSync(from, join(folder, to));
  }
}
