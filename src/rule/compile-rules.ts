// Rule files to the one file that the build writes.
import { parse } from 'yaml';
import type { CompiledFile, CompiledRule } from './compiled-rules.ts';
import type { RuleDefinition } from './definition.ts';
import type { Mapping } from './fields.ts';
import { digestOfSource, parseRuleDocument } from './rule-file.ts';
import { occurrencesOf } from './shape/occurrences.ts';
import { positionsOf } from './shape/positions.ts';
import type { RuleSource } from './rule-sources.ts';

/** Throws the problem when a file has one: what is compiled is known to be right. */
export function compileRules(sources: readonly RuleSource[]): string {
  return JSON.stringify(sources.map(compiledFile));
}

function compiledFile({ file, source }: RuleSource): CompiledFile {
  const document = parse(source) as Mapping;
  const { rules, problems } = parseRuleDocument(document, file);
  if (problems[0] !== undefined) throw problems[0];
  const mappings = (document['rules'] as readonly Mapping[]).map((mapping) => ({ ...(document['defaults'] as Mapping | undefined), ...mapping }));
  const isFormat = (mapping: Mapping) => mapping['format'] !== undefined;
  const ofPatterns = mappings.filter((mapping) => !isFormat(mapping));
  return {
    file,
    digest: digestOfSource(source),
    rules: rules.map((rule, index) => compiledRule(rule, ofPatterns[index]!, document)),
    formats: mappings.filter(isFormat),
  };
}

function compiledRule(rule: RuleDefinition, mapping: Mapping, document: Mapping): CompiledRule {
  const { info, reach, paths, checks, isGeneric, isImported } = rule;
  const allow = [document['allow'], mapping['allow']].flatMap((value) => value ?? []);
  const positions = positionsOf(rule.pattern);
  const occurrences = positions === undefined ? undefined : occurrencesOf(positions, info.keywords);
  return {
    info,
    pattern: String(mapping['pattern']).trim(),
    reach,
    paths,
    checks,
    isGeneric,
    isImported,
    ...(occurrences === undefined ? {} : { occurrences }),
    ...(allow.length === 0 ? {} : { allow }),
  };
}
