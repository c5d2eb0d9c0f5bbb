// One parsed rule file to rules. Every wrong field is named, and one wrong rule does not hide the others.
import { createHash } from 'node:crypto';
import type { Reach } from '../model/rule.ts';
import { messageOf, UnbakeError } from '../model/error.ts';
import { type Allowance, readAllowances } from './allowance.ts';
import { checks } from './check/checks.ts';
import type { CheckCall, RuleDefinition } from './definition.ts';
import { readExamples } from './examples.ts';
import {
  type FieldPlace, isMapping, type Mapping, readBoolean, readCount, readString, readStrings, refuseUnknown, wrongField,
} from './fields.ts'; // prettier-ignore
import { type FormatRule, parseFormatRule } from './format-rule.ts';
import { readPaths, readPattern } from './pattern.ts';
import { readRuleInfo } from './rule-info.ts';

/** Without `reach` a match begins at most this far before its keyword and ends at most this far behind it. */
export const defaultReach: Reach = { before: 256, after: 1024 };

export const longestReach = 65_536;
export const shortestKeyword = 3;
export const idForm = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** For imported rules, which say nothing of it. */
export const plainAdvice = 'Revoke or rotate it at its issuer, and build the image without it.';

export const fieldNames = [
  'id', 'name', 'pattern', 'keywords', 'severity', 'confidence', 'description', 'advice', 'references',
  'paths', 'reach', 'checks', 'allow', 'generic', 'examples', 'counterExamples',
] as const; // prettier-ignore

export interface ParsedRuleFile {
  readonly rules: readonly RuleDefinition[];
  /** Those for what formats of files tell. */
  readonly formats: readonly FormatRule[];
  /** All of code `usage`. */
  readonly problems: readonly UnbakeError[];
}

export interface RuleFile extends ParsedRuleFile {
  readonly file: string;
  /** Of the text, for the hash of the set: see `digestOfSource`. */
  readonly digest: string;
}

/** What holds for every rule of a file. */
interface FileTerms {
  readonly file: string;
  readonly defaults: Mapping;
  readonly allow: readonly Allowance[];
  readonly isImported: boolean;
}

/** The SHA-256 of a rule file's text in hexadecimal. */
export function digestOfSource(source: string): string {
  return createHash('sha256').update(source).digest('hex');
}

/** `file` is how errors call it. Fields in `defaults` hold for every rule of the file that does not have them itself. */
export function parseRuleDocument(document: unknown, file: string): ParsedRuleFile {
  const list = isMapping(document) ? document['rules'] : undefined;
  if (!isMapping(document) || !Array.isArray(list)) {
    return { rules: [], formats: [], problems: [new UnbakeError('usage', `${file} must be a mapping with a list "rules"`)] };
  }
  const rules: RuleDefinition[] = [];
  const formats: FormatRule[] = [];
  const problems: UnbakeError[] = [];
  const guard = (work: () => void) => {
    try {
      work();
    } catch (thrown) {
      problems.push(thrown instanceof UnbakeError ? thrown : new UnbakeError('usage', `${file}: ${messageOf(thrown)}`, { cause: thrown }));
    }
  };
  const top: FieldPlace = { file, ruleId: '(top of the file)' };
  let terms: FileTerms = { file, defaults: isMapping(document['defaults']) ? document['defaults'] : {}, allow: [], isImported: false };
  guard(() => refuseUnknown(document, ['rules', 'defaults', 'allow', 'imported'], top));
  guard(() => (terms = { ...terms, isImported: readBoolean(document, 'imported', top) }));
  guard(() => (terms = { ...terms, allow: readAllowances(document, top) }));
  list.forEach((item: unknown, index) => {
    guard(() => {
      if (!isMapping(item)) throw wrongField({ file, ruleId: `number ${index + 1}` }, 'rules', 'must hold mappings');
      const mapping = { ...terms.defaults, ...item };
      const place = placeOf(mapping, file, index);
      if (mapping['format'] === undefined) rules.push(parseRule(mapping, terms, place));
      else formats.push(parseFormatRule(mapping, place));
    });
  });
  return { rules, formats, problems };
}

function placeOf(mapping: Mapping, file: string, index: number): FieldPlace {
  const place = { file, ruleId: readString(mapping, 'id', { file, ruleId: `number ${index + 1}` }) };
  if (!idForm.test(place.ruleId)) throw wrongField(place, 'id', 'must be lower-case words joined by hyphens');
  return place;
}

function parseRule(mapping: Mapping, { allow, isImported }: FileTerms, place: FieldPlace): RuleDefinition {
  const { file } = place;
  refuseUnknown(mapping, fieldNames, place);
  const examples = readExamples(mapping, 'examples', isImported ? 0 : 2, place);
  const counterExamples = readExamples(mapping, 'counterExamples', isImported ? 0 : 1, place);
  return {
    info: readRuleInfo(mapping, place, {
      advice: isImported && mapping['advice'] === undefined ? plainAdvice : readString(mapping, 'advice', place),
      keywords: readKeywords(mapping, place),
    }),
    pattern: readPattern(mapping, place),
    reach: readReach(mapping, place),
    paths: readPaths(mapping, 'paths', place),
    checks: readChecks(mapping, place),
    allow: [...allow, ...readAllowances(mapping, place)],
    isGeneric: readBoolean(mapping, 'generic', place),
    isImported,
    examples,
    counterExamples,
    file,
  };
}

function readKeywords(mapping: Mapping, place: FieldPlace): readonly string[] {
  const keywords = readStrings(mapping, 'keywords', place);
  if (keywords.length === 0) throw wrongField(place, 'keywords', 'must name at least one literal text that stands in every match');
  if (keywords.some((keyword) => keyword.length < shortestKeyword))
    throw wrongField(place, 'keywords', `must be of ${shortestKeyword} characters or more`);
  return keywords;
}

function readReach(mapping: Mapping, place: FieldPlace): Reach {
  const value = mapping['reach'];
  if (value === undefined) return defaultReach;
  if (!isMapping(value)) throw wrongField(place, 'reach', 'must be a mapping with "before" and "after"');
  refuseUnknown(value, ['before', 'after'], place);
  return { before: readCount(value, 'before', longestReach, place), after: readCount(value, 'after', longestReach, place) };
}

function readChecks(mapping: Mapping, place: FieldPlace): readonly CheckCall[] {
  return readStrings(mapping, 'checks', place).map((text) => {
    const call = parseCheck(text);
    if (!checks.has(call.name))
      throw wrongField(place, 'checks', `names the unknown check "${call.name}"; known are ${[...checks.keys()].join(', ')}`);
    return call;
  });
}

/** `entropy:3.5` is the check `entropy` with the argument `3.5`. */
export function parseCheck(text: string): CheckCall {
  const colon = text.indexOf(':');
  return colon === -1 ? { name: text, argument: '' } : { name: text.slice(0, colon), argument: text.slice(colon + 1) };
}
