// A `.gitleaks.toml` to a rule file of ours. What cannot be carried over is told, and nothing is made up but severity and advice.
import { messageOf, UnbakeError } from '../../model/error.ts';
import { parse } from 'smol-toml';
import { checkRuleFiles } from '../check-rules.ts';
import { isMapping, type Mapping } from '../fields.ts';
import { parseRuleDocument } from '../rule-file.ts';
import { allowancesFrom } from './gitleaks-allowlist.ts';
import { idFrom, ruleFrom } from './gitleaks-rule.ts';

/** What was not, or not wholly, carried over. `about`: a rule's id, or empty for the whole file. */
export interface Told {
  readonly about: string;
  readonly sentence: string;
}

export interface ImportedFile {
  /** A rule file, as `parseRuleDocument` takes it. */
  readonly document: { readonly imported: true; readonly defaults: Mapping; readonly allow?: readonly Mapping[]; readonly rules: readonly Mapping[] };
  readonly told: readonly Told[];
}

/** An imported rule says nothing of these; a reader of the file changes them in one place. */
const defaults = { severity: 'medium', confidence: 'medium' } as const;

const knownFields = ['title', 'description', 'minVersion', 'extend', 'rules', 'allowlist', 'allowlists'];

/** `file` is how errors call it. Throws UnbakeError `usage` for what is no TOML, or has no list of rules. */
export function importGitleaks(toml: string, file: string): ImportedFile {
  const top = tableOf(toml, file);
  const list = top['rules'];
  if (!Array.isArray(list) || !list.every(isMapping)) throw new UnbakeError('usage', `${file} has no [[rules]]`);
  const told: Told[] = [];
  const tell = (about: string, sentence: string): void => void told.push({ about, sentence });
  tellOfTop(top, list, (sentence) => tell('', sentence));

  const { allow, targeted } = globalAllowances(top, list, (sentence) => tell('', sentence));
  const rules: Mapping[] = [];
  for (const [index, table] of list.entries()) {
    const id = idFrom(table, index);
    if (rules.some((rule) => rule['id'] === id)) {
      tell(id, 'not imported: another rule has this id already');
      continue;
    }
    try {
      const rule = ruleFrom(table, id, targeted.get(String(table['id'])) ?? [], (sentence) => tell(id, sentence));
      assertSound(rule, file);
      rules.push(rule);
    } catch (thrown) {
      tell(id, `not imported: ${messageOf(thrown)}`);
    }
  }
  return { document: { imported: true, defaults, ...(allow.length === 0 ? {} : { allow }), rules }, told };
}

function tableOf(toml: string, file: string): Mapping {
  try {
    return parse(toml, { maxDepth: 50, integersAsBigInt: 'asNeeded' });
  } catch (cause) {
    throw new UnbakeError('usage', `${file} is not valid TOML: ${messageOf(cause).split('\n')[0]}`, { cause });
  }
}

function tellOfTop(top: Mapping, rules: readonly Mapping[], tell: (sentence: string) => void): void {
  const extend = isMapping(top['extend']) ? top['extend'] : {};
  if (extend['useDefault'] === true) tell('extend.useDefault is not followed: the rules that come with gitleaks are not in the file');
  if (extend['path'] !== undefined || extend['url'] !== undefined) tell('extend.path and extend.url are not followed: import that file too');
  if (extend['disabledRules'] !== undefined) tell('extend.disabledRules is not followed: say --disable, or rules.disable in unbake.config.yml');
  for (const field of Object.keys(top).filter((name) => !knownFields.includes(name))) tell(`the field "${field}" is not carried over`);
  const tagged = rules.filter((rule) => Array.isArray(rule['tags']) && rule['tags'].length > 0).length;
  if (tagged > 0) tell(`the tags of ${tagged} of its rules are not carried over`);
}

/** Those for every rule of the file, and those for the rules that they name. */
function globalAllowances(top: Mapping, rules: readonly Mapping[], tell: (sentence: string) => void) {
  const allow: Mapping[] = [];
  const targeted = new Map<string, readonly Mapping[]>();
  for (const { targetRules, allowance } of allowancesFrom(top, tell)) {
    if (targetRules === undefined) allow.push(allowance);
    for (const id of targetRules ?? []) {
      if (!rules.some((rule) => rule['id'] === id)) tell(`an allowlist is for the rule "${id}", which the file does not have`);
      targeted.set(id, [...(targeted.get(id) ?? []), allowance]);
    }
  }
  return { allow, targeted };
}

/** Throws when the rule would be refused by whoever reads the file, or would make scans slow. */
function assertSound(rule: Mapping, file: string): void {
  const parsed = parseRuleDocument({ imported: true, defaults, rules: [rule] }, file);
  const [problem] = parsed.problems;
  if (problem !== undefined) throw problem;
  const [slow] = checkRuleFiles([{ file, digest: '', ...parsed }]).problems;
  if (slow !== undefined) throw new UnbakeError('usage', slow.problem);
}
