// Proves a folder of rules: `unbake rules check` and a test run it. A rule that does not find its own examples, or that hostile
// text can slow down, is a bug that nobody would notice in a scan.
import { basename } from 'node:path';
import type { UnbakeError } from '../model/error.ts';
import { longestRun, mostMilliseconds } from './adversary.ts';
import type { Example, RuleDefinition } from './definition.ts';
import { problemsOfFormatRule } from './format-rule.ts';
import { pathMatcher } from './path-matcher.ts';
import type { RuleFile } from './rule-file.ts';
import { readRuleFiles } from './rule-sources.ts';
import { sightingsOf } from './sighting.ts';

export interface RuleProblem {
  readonly file: string;
  /** Undefined when the file itself is wrong. */
  readonly ruleId?: string;
  /** One sentence. */
  readonly problem: string;
}

export interface RuleCheck {
  readonly files: number;
  readonly rules: number;
  /** How many of them were imported: these need no examples, and without any nothing proves them. */
  readonly imported: number;
  readonly problems: readonly RuleProblem[];
}

/** Of a folder or a file. Throws UnbakeError `usage` only when it is not there; everything wrong in it is a problem of the result. */
export async function checkRules(path: string): Promise<RuleCheck> {
  return checkRuleFiles(await readRuleFiles(path));
}

/** Files whose ids are unique among each other. */
export function checkRuleFiles(files: readonly RuleFile[]): RuleCheck {
  const rules = files.flatMap((file) => file.rules);
  const formats = files.flatMap((file) => file.formats);
  const problems: RuleProblem[] = files.flatMap(({ file, problems: found }) => found.map((problem) => problemOfFile(file, problem)));
  const seen = new Map<string, string>();
  for (const rule of [...rules, ...formats]) {
    const { file } = rule;
    const ruleId = rule.info.id;
    const other = seen.get(ruleId);
    if (other !== undefined) problems.push({ file, ruleId, problem: `the id is taken by a rule in ${other}` });
    seen.set(ruleId, file);
    const found = 'format' in rule ? problemsOfFormatRule(rule) : problemsOf(rule);
    for (const problem of found) problems.push({ file, ruleId, problem });
  }
  return { files: files.length, rules: rules.length + formats.length, imported: rules.filter(({ isImported }) => isImported).length, problems };
}

function problemOfFile(file: string, { message }: UnbakeError): RuleProblem {
  return { file: basename(file), problem: message };
}

function* problemsOf(rule: RuleDefinition): Generator<string> {
  for (const [index, example] of rule.examples.entries()) {
    if (!isFoundIn(rule, example)) yield `example ${index + 1} is not found`;
    if (!hasKeyword(rule.info.keywords, example.text))
      yield `example ${index + 1} holds none of the keywords, so the filter would not let the rule see it`;
    else if (!isWithinReach(rule, example)) yield `example ${index + 1} goes further from its keyword than "reach" lets it`;
  }
  for (const [index, example] of rule.counterExamples.entries()) {
    if (isFoundIn(rule, example)) yield `counter-example ${index + 1} is found`;
  }
  if (!rule.info.references.every((reference) => reference.startsWith('https://'))) yield 'every reference must be an https address';
  if (!rule.isImported && !/https:\/\//.test(rule.info.advice)) yield 'the advice must name the page that tells how to revoke';
  const slowest = longestRun(rule.pattern, rule.examples.length === 0 ? beginningsOf(rule) : rule.examples.map(({ text }) => text), mostMilliseconds);
  if (slowest > mostMilliseconds) yield `the pattern takes ${slowest} ms over text made from its own examples, more than ${mostMilliseconds}`;
}

/** What a match may begin like, for a rule that has no examples. */
function beginningsOf({ info }: RuleDefinition): readonly string[] {
  return ['a', '0', 'aA0-'].map((filler) => info.keywords[0]! + filler.repeat(20));
}

function isFoundIn(rule: RuleDefinition, { text, path }: Example): boolean {
  return pathMatcher(rule.paths)(path) && sightingsOf(rule, text, path).length > 0;
}

/** As the filter matches: a keyword in lower case in any case, one with a capital exactly. */
export function hasKeyword(keywords: readonly string[], text: string): boolean {
  return keywords.some((keyword) => positionsOf(keyword, text).length > 0);
}

function positionsOf(keyword: string, text: string): readonly number[] {
  const searched = /[A-Z]/.test(keyword) ? text : text.toLowerCase();
  const positions: number[] = [];
  for (let at = searched.indexOf(keyword); at !== -1; at = searched.indexOf(keyword, at + 1)) positions.push(at);
  return positions;
}

/** Some keyword's window must hold a whole sighting of the example. */
function isWithinReach(rule: RuleDefinition, { text, path }: Example): boolean {
  const positions = rule.info.keywords.flatMap((keyword) => positionsOf(keyword, text));
  return positions.some((at) => {
    const window = text.slice(Math.max(0, at - rule.reach.before), at + rule.reach.after);
    return sightingsOf(rule, window, path).length > 0;
  });
}
