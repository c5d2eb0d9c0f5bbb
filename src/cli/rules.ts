// `unbake rules list` and `unbake rules check`.
import { exitCodes } from '../judge/exit-code.ts';
import { printable } from '../model/printable.ts';
import { checkRules } from '../rule/check-rules.ts';
import { packagedRules } from '../rule/packaged-rules.ts';
import { loadRuleset } from '../rule/ruleset.ts';
import { writeStandardOutput } from './outputs.ts';

export interface RulesFlags {
  readonly format: 'text' | 'json';
  readonly rules?: readonly string[];
  readonly rc: boolean;
}

export async function listRules({ format, rules: folders, rc }: RulesFlags): Promise<void> {
  const { rules } = await loadRuleset({
    ...(folders === undefined ? {} : { rulesDirectories: folders }),
    ...(rc ? { rcDirectory: process.cwd() } : {}),
  });
  const sorted = [...rules].sort((a, b) => (a.id < b.id ? -1 : 1));
  const widest = Math.max(0, ...sorted.map((rule) => rule.id.length));
  await writeStandardOutput(
    format === 'json'
      ? [JSON.stringify(sorted, undefined, 2), '\n']
      : sorted.map(({ id, severity, origin, name }) => `${id.padEnd(widest)}  ${severity.padEnd(8)}  ${origin.padEnd(10)}  ${printable(name)}\n`),
  );
}

/** Returns the exit code: 1 when a rule is wrong. */
export async function checkFolder(folder: string | undefined): Promise<number> {
  const { files, rules, problems } = await checkRules(folder ?? packagedRules);
  await writeStandardOutput([
    ...problems.map(
      ({ file, ruleId, problem }) => `${printable(file)}${ruleId === undefined ? '' : `, ${printable(ruleId)}`}: ${printable(problem)}\n`,
    ),
    `${rules} rules in ${files} files: ${problems.length === 0 ? 'all right' : `${problems.length} problems`}\n`,
  ]);
  return problems.length === 0 ? exitCodes.clean : exitCodes.findings;
}
