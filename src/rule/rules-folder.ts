// Folders of rule files: the packaged one, and the user's. A single file is as good.
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import fastGlob from 'fast-glob';
import { isSystemError, UnbakeError } from '../model/error.ts';
import { isRuleFile } from './rule-path.ts';
import { readCompiledRules } from './compiled-rules.ts';
import { compiledRules, packagedRules } from './packaged-rules.ts';
import { parseRuleFile, type RuleFile } from './rule-file.ts';

export type { RuleFile };

/** Every `.yml` and `.yaml` of the folder and of the folders in it, in the order of their names; or the one such file that is named. */
export async function readRulesFolder(path: string): Promise<readonly RuleFile[]> {
  return (path === packagedRules ? await readCompiledRules(compiledRules) : undefined) ?? readSources(path);
}

async function readSources(path: string): Promise<readonly RuleFile[]> {
  let directory = path;
  let files: readonly string[];
  try {
    const stats = await stat(path);
    if (stats.isFile() && isRuleFile(path)) directory = dirname(path);
    else if (!stats.isDirectory()) throw new UnbakeError('usage', `${path} is no folder of rules, and no .yml or .yaml file`);
    files = stats.isFile() ? [basename(path)] : (await fastGlob('**/*.{yml,yaml}', { cwd: directory })).sort();
  } catch (cause) {
    if (cause instanceof UnbakeError) throw cause;
    if (isSystemError(cause, 'ENOENT', 'ENOTDIR')) throw new UnbakeError('usage', `there is no folder of rules at ${path}`, { cause });
    throw new UnbakeError('io', `the folder of rules ${path} cannot be read`, { cause });
  }
  return Promise.all(
    files.map(async (file) => {
      const source = await readFile(join(directory, file), 'utf8');
      return { file, source, ...parseRuleFile(source, file) };
    }),
  );
}
