// Folders of rule files: the packaged one, and the user's.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import fastGlob from 'fast-glob';
import { isSystemError, UnbakeError } from '../model/error.ts';
import { parseRuleFile, type ParsedRuleFile } from './rule-file.ts';

export interface RuleFile extends ParsedRuleFile {
  readonly file: string;
  /** The bytes as text, for the hash of the set. */
  readonly source: string;
}

/** Every `.yml` and `.yaml` of the folder and of the folders in it, in the order of their names. */
export async function readRulesFolder(directory: string): Promise<readonly RuleFile[]> {
  let files: readonly string[];
  try {
    if (!(await stat(directory)).isDirectory()) throw new UnbakeError('usage', `${directory} is no folder of rules`);
    files = (await fastGlob('**/*.{yml,yaml}', { cwd: directory })).sort();
  } catch (cause) {
    if (cause instanceof UnbakeError) throw cause;
    if (isSystemError(cause, 'ENOENT', 'ENOTDIR')) throw new UnbakeError('usage', `there is no folder of rules at ${directory}`, { cause });
    throw new UnbakeError('io', `the folder of rules ${directory} cannot be read`, { cause });
  }
  return Promise.all(
    files.map(async (file) => {
      const source = await readFile(join(directory, file), 'utf8');
      return { file, source, ...parseRuleFile(source, file) };
    }),
  );
}
