// What a set of rules depends on, told without loading it: loading takes longer than everything else that is done with a known image.
import { createHash } from 'node:crypto';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { compiledRules, packagedRules, publicKeysFile } from './packaged-rules.ts';
import { findRc } from './rc-path.ts';
import { isRuleFile } from './rule-path.ts';
import type { RulesetOptions } from './ruleset.ts';
import { secretlintVersions } from './secretlint-versions.ts';

/**
 * 64 hexadecimal digits that change whenever `loadRuleset` with these options may give other rules. Undefined when that cannot be told:
 * a configuration of secretlint loads code, and a folder that cannot be read is for `loadRuleset` to complain of. Costs some
 * milliseconds.
 */
export async function rulesetDigestOf(options: RulesetOptions): Promise<string | undefined> {
  const { rulesDirectories = [], rcDirectory, respectInlineIgnores = false, enable = [], disable = [], added, grades = [] } = options;
  if (rcDirectory !== undefined && findRc(rcDirectory) !== undefined) return undefined;
  const hash = createHash('sha256').update(JSON.stringify([secretlintVersions(), respectInlineIgnores, enable, disable, added?.rules ?? [], grades]));
  try {
    hash.update(await readFile(publicKeysFile));
    for (const folder of [packagedRules, ...rulesDirectories]) {
      const files = await ruleFilesIn(folder);
      hash.update(JSON.stringify(files.map(({ name, digest }) => [name, digest])));
    }
  } catch {
    return undefined;
  }
  return hash.digest('hex');
}

interface FileDigest {
  readonly name: string;
  readonly digest: string;
}

/** At any depth, links followed: at least the files that `readRulesFolder` reads of a folder, or the one file that it is given. */
async function ruleFilesIn(folder: string): Promise<readonly FileDigest[]> {
  const found: FileDigest[] = [];
  const compiled = folder === packagedRules ? await readFile(compiledRules).catch(() => undefined) : undefined;
  if (compiled !== undefined) return [{ name: 'compiled', digest: createHash('sha256').update(compiled).digest('hex') }];
  const take = async (path: string, name: string): Promise<void> => {
    const digest = createHash('sha256').update(await readFile(path));
    found.push({ name, digest: digest.digest('hex') });
  };
  const visit = async (path: string, name: string, above: readonly string[]): Promise<void> => {
    const real = await realpath(path);
    // A link to a folder that it stands in.
    if (above.includes(real)) return;
    for (const child of (await readdir(path)).sort()) {
      const childPath = join(path, child);
      const childName = `${name}${child}`;
      const stats = await stat(childPath).catch(() => undefined);
      if (stats?.isDirectory()) await visit(childPath, `${childName}/`, [...above, real]);
      else if (stats !== undefined && isRuleFile(child)) await take(childPath, childName);
    }
  };
  if (isRuleFile(folder) && (await stat(folder)).isFile()) await take(folder, basename(folder));
  else await visit(folder, '', []);
  return found;
}
