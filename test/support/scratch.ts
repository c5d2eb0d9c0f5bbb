// A folder for the files of one test file, gone when its tests are done.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Scratch {
  readonly folder: string;
  /** Writes the bytes to a new file and gives its path. */
  file(bytes: Buffer, name?: string): string;
  /** The path of a new, empty folder. */
  newFolder(): string;
}

// Mocha leaves out the hooks of suites that have no test to run.
const folders = new Set<string>();
process.once('exit', () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** To be called inside `describe`: the folder lives until the last test of it is done, or was not chosen to run. */
export function scratch(): Scratch {
  const folder = mkdtempSync(join(tmpdir(), 'unbake-test-'));
  let count = 0;
  folders.add(folder);
  after(() => rmSync(folder, { recursive: true, force: true }));
  return {
    folder,
    file(bytes, name = `${count++}.tar`) {
      const path = join(folder, name);
      writeFileSync(path, bytes);
      return path;
    },
    newFolder: () => mkdtempSync(join(folder, 'folder-')),
  };
}
