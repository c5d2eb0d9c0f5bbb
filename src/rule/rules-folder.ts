// Folders of rule files: the packaged one, and the user's.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isSystemError, UnbakeError } from '../model/error.ts';
import { parseRuleFile, type ParsedRuleFile } from './rule-file.ts';

/** Two levels above this file, whether it runs from `src/rule/` or from `dist/rule/`. */
export const packagedRules = fileURLToPath(new URL('../../rules/', import.meta.url));

export interface RuleFile extends ParsedRuleFile {
  readonly file: string;
  /** The bytes as text, for the hash of the set. */
  readonly source: string;
}

/** Every `.yml` and `.yaml` of the folder itself, in the order of their names. */
export async function readRulesFolder(directory: string): Promise<readonly RuleFile[]> {
  let names: readonly string[];
  try {
    names = await readdir(directory);
  } catch (cause) {
    if (isSystemError(cause, 'ENOENT', 'ENOTDIR')) throw new UnbakeError('usage', `there is no folder of rules at ${directory}`, { cause });
    throw new UnbakeError('io', `the folder of rules ${directory} cannot be read`, { cause });
  }
  const files = names.filter((name) => /\.ya?ml$/.test(name)).sort();
  return Promise.all(
    files.map(async (file) => {
      const source = await readFile(join(directory, file), 'utf8');
      return { file, source, ...parseRuleFile(source, file) };
    }),
  );
}
