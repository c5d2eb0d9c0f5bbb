// Where a folder has its configuration of secretlint, told without loading it.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const rcNames = ['.secretlintrc', '.secretlintrc.json', '.secretlintrc.yaml', '.secretlintrc.yml', '.secretlintrc.js', '.secretlintrc.cjs'];

/** Absolute; undefined when this folder has none. Folders above it are not looked at. */
export function findRc(directory: string): string | undefined {
  const named = rcNames.map((name) => join(directory, name)).find((path) => existsSync(path));
  if (named !== undefined) return resolve(named);
  const manifest = resolve(directory, 'package.json');
  try {
    const value: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
    return typeof value === 'object' && value !== null && 'secretlint' in value ? manifest : undefined;
  } catch {
    // No package.json, or one that npm itself would refuse: there is no configuration in it.
    return undefined;
  }
}
