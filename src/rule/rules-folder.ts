// Folders of rule files: the packaged one, and the user's. A single file is as good.
import { readCompiledRules } from './compiled-rules.ts';
import { compiledRules, packagedRules } from './packaged-rules.ts';
import type { RuleFile } from './rule-file.ts';

export type { RuleFile };

/**
 * Every `.yml` and `.yaml` of the folder and of the folders in it, in the order of their names; or the one such file that is named.
 * Compiled rules have no examples: `readRuleFiles` has. Throws UnbakeError `usage` when nothing is there; what is wrong in it is in its
 * `problems`.
 */
export async function readRulesFolder(path: string): Promise<readonly RuleFile[]> {
  const compiled = path === packagedRules ? await readCompiledRules(compiledRules) : undefined;
  // YAML takes longer to load than all that is compiled.
  return compiled ?? (await import('./rule-sources.ts')).readRuleFiles(path);
}
