// `unbake rules list`: the rules of a scan with these flags in this folder.
import { printable } from '../model/printable.ts';
import type { RuleInfo } from '../model/rule.ts';
import { packagedRules } from '../rule/packaged-rules.ts';
import { readRulesFolder } from '../rule/rules-folder.ts';
import { loadRuleset } from '../rule/ruleset.ts';
import { configured } from './configured.ts';
import type { ImageFlags } from './image-flags.ts';
import { writeStandardOutput } from './outputs.ts';
import { rulesetOptionsOf } from './policy.ts';
import { ruleTable } from './rule-table.ts';

export interface RulesFlags extends Pick<ImageFlags, 'rules' | 'enable' | 'disable' | 'config' | 'rc'> {
  readonly format: 'text' | 'json' | 'markdown';
}

export async function listRules(given: RulesFlags): Promise<void> {
  const { flags, notices } = await configured(given, process.cwd());
  for (const { place, detail } of notices) process.stderr.write(`unbake: ${printable(place)}: ${detail}\n`);
  const { rules } = await loadRuleset(rulesetOptionsOf(flags));
  const sorted = [...rules].sort((a, b) => (a.id < b.id ? -1 : 1));
  await writeStandardOutput(await textsOf(sorted, given.format));
}

async function textsOf(rules: readonly RuleInfo[], format: RulesFlags['format']): Promise<Iterable<string>> {
  switch (format) {
    case 'json':
      return [JSON.stringify(rules, undefined, 2), '\n'];
    case 'markdown':
      return ruleTable(rules, await packagedFiles());
    case 'text': {
      const widest = Math.max(0, ...rules.map((rule) => rule.id.length));
      return rules.map(({ id, severity, origin, name }) => `${id.padEnd(widest)}  ${severity.padEnd(8)}  ${origin.padEnd(10)}  ${printable(name)}\n`);
    }
  }
}

/** The file of each rule that comes with unbake. */
async function packagedFiles(): Promise<ReadonlyMap<string, string>> {
  const files = await readRulesFolder(packagedRules);
  return new Map(files.flatMap(({ file, rules, formats }) => [...rules, ...formats].map(({ info }) => [info.id, file] as const)));
}
