// `unbake rules check`: proves a folder or file of rules, or all that a scan in this folder would load from YAML.
import { exitCodes } from '../judge/exit-code.ts';
import { counted } from '../model/counted.ts';
import { printable } from '../model/printable.ts';
import { checkRuleFiles, type RuleCheck } from '../rule/check-rules.ts';
import { packagedRules } from '../rule/packaged-rules.ts';
import { readRuleFiles } from '../rule/rule-sources.ts';
import { addedFile } from '../rule/ruleset.ts';
import { type ConfiguredRules, configured } from './configured.ts';
import type { ImageFlags } from './image-flags.ts';
import { writeStandardOutput } from './outputs.ts';

type Flags = Pick<ImageFlags, 'config'>;

/** Returns the exit code: 1 when a rule is wrong. Without a path: the rules that come with unbake, and those of the configuration. */
export async function checkRulesAt(path: string | undefined, given: Flags): Promise<number> {
  const results = path === undefined ? await checkAll(given) : [checkRuleFiles(await readRuleFiles(path))];
  const problems = results.flatMap((result) => result.problems);
  const total = (field: 'files' | 'rules' | 'imported') => results.reduce((sum, result) => sum + result[field], 0);
  const imported = total('imported');
  await writeStandardOutput([
    ...problems.map(
      ({ file, ruleId, problem }) => `${printable(file)}${ruleId === undefined ? '' : `, ${printable(ruleId)}`}: ${printable(problem)}\n`,
    ),
    ...(imported === 0 ? [] : [`${counted(imported, 'rule')} of an imported file: examples and advice are not asked for there\n`]),
    `${total('rules')} rules in ${total('files')} files: ${problems.length === 0 ? 'all right' : `${problems.length} problems`}\n`,
  ]);
  return problems.length === 0 ? exitCodes.clean : exitCodes.findings;
}

/** Each place by itself: a rule of the user's may have the id of one of ours. */
async function checkAll(given: Flags): Promise<readonly RuleCheck[]> {
  const { flags, notices } = await configured<Flags & ConfiguredRules & Pick<ImageFlags, 'rules'>>(given, process.cwd());
  for (const { place, detail } of notices) process.stderr.write(`unbake: ${printable(place)}: ${detail}\n`);
  const folders = await Promise.all([packagedRules, ...(flags.rules ?? [])].map(readRuleFiles));
  return [...folders, ...(flags.added === undefined ? [] : [[addedFile(flags.added)]])].map(checkRuleFiles);
}
