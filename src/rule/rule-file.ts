// One YAML rule file to rules. Every wrong field is named, and one wrong rule does not hide the others.
import { parse } from 'yaml';
import type { Reach } from '../model/rule.ts';
import { messageOf, UnbakeError } from '../model/error.ts';
import { confidences, severities } from '../model/severity.ts';
import { checks } from './check/checks.ts';
import type { CheckCall, Example, RuleDefinition } from './definition.ts';
import { type FieldPlace, isMapping, type Mapping, readBoolean, readCount, readString, readStrings, readWord, wrongField } from './fields.ts';
import { expandShorthands } from './shorthand.ts';

/** Stands in the middle of every example secret, so that no scanner finds one in a rule file; removed here. */
export const breakMark = '<|>';

/** Without `reach` a match begins at most this far before its keyword and ends at most this far behind it. */
export const defaultReach: Reach = { before: 256, after: 1024 };

const longestReach = 65_536;
const shortestKeyword = 3;
const idForm = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

export const fieldNames = [
  'id', 'name', 'pattern', 'keywords', 'severity', 'confidence', 'description', 'advice', 'references',
  'paths', 'reach', 'checks', 'generic', 'examples', 'counterExamples',
] as const; // prettier-ignore

export interface ParsedRuleFile {
  readonly rules: readonly RuleDefinition[];
  /** All of code `usage`. */
  readonly problems: readonly UnbakeError[];
}

/** `file` is how errors call it. Fields in `defaults` hold for every rule of the file that does not have them itself. */
export function parseRuleFile(yaml: string, file: string): ParsedRuleFile {
  let document: unknown;
  try {
    document = parse(yaml);
  } catch (cause) {
    return { rules: [], problems: [new UnbakeError('usage', `${file} is not valid YAML: ${messageOf(cause)}`, { cause })] };
  }
  const list = isMapping(document) ? document['rules'] : undefined;
  if (!isMapping(document) || !Array.isArray(list)) {
    return { rules: [], problems: [new UnbakeError('usage', `${file} must be a mapping with a list "rules"`)] };
  }
  const rules: RuleDefinition[] = [];
  const problems: UnbakeError[] = [];
  const guard = (work: () => void) => {
    try {
      work();
    } catch (thrown) {
      problems.push(thrown instanceof UnbakeError ? thrown : new UnbakeError('usage', `${file}: ${messageOf(thrown)}`, { cause: thrown }));
    }
  };
  guard(() => refuseUnknown(document, ['rules', 'defaults'], { file, ruleId: '(top of the file)' }));
  const defaults = isMapping(document['defaults']) ? document['defaults'] : {};
  list.forEach((item: unknown, index) => {
    guard(() => {
      if (!isMapping(item)) throw wrongField({ file, ruleId: `number ${index + 1}` }, 'rules', 'must hold mappings');
      rules.push(parseRule({ ...defaults, ...item }, file, index));
    });
  });
  return { rules, problems };
}

function parseRule(mapping: Mapping, file: string, index: number): RuleDefinition {
  const id = readString(mapping, 'id', { file, ruleId: `number ${index + 1}` });
  const place: FieldPlace = { file, ruleId: id };
  if (!idForm.test(id)) throw wrongField(place, 'id', 'must be lower-case words joined by hyphens');
  refuseUnknown(mapping, fieldNames, place);
  const keywords = readStrings(mapping, 'keywords', place);
  if (keywords.length === 0) throw wrongField(place, 'keywords', 'must name at least one literal text that stands in every match');
  if (keywords.some((keyword) => keyword.length < shortestKeyword))
    throw wrongField(place, 'keywords', `must be of ${shortestKeyword} characters or more`);
  const examples = readExamples(mapping, 'examples', 2, place);
  const counterExamples = readExamples(mapping, 'counterExamples', 1, place);
  return {
    info: {
      id,
      name: readString(mapping, 'name', place),
      severity: readWord(mapping, 'severity', severities, place),
      confidence: readWord(mapping, 'confidence', confidences, place),
      description: readString(mapping, 'description', place),
      advice: readString(mapping, 'advice', place),
      references: readStrings(mapping, 'references', place),
      origin: 'builtin',
      keywords,
    },
    pattern: readPattern(mapping, place),
    reach: readReach(mapping, place),
    paths: readStrings(mapping, 'paths', place),
    checks: readChecks(mapping, place),
    isGeneric: readBoolean(mapping, 'generic', place),
    examples,
    counterExamples,
    file,
  };
}

function refuseUnknown(mapping: Mapping, known: readonly string[], place: FieldPlace): void {
  const unknown = Object.keys(mapping).find((field) => !known.includes(field));
  if (unknown !== undefined) throw wrongField(place, unknown, `is unknown; known are ${known.join(', ')}`);
}

/** Flags are fixed, so that a pattern means the same wherever it is read; `(?i)` in front makes it ignore case. */
function readPattern(mapping: Mapping, place: FieldPlace): RegExp {
  const source = readString(mapping, 'pattern', place);
  const ignoresCase = source.startsWith('(?i)');
  try {
    const pattern = new RegExp(expandShorthands(ignoresCase ? source.slice(4) : source), ignoresCase ? 'dgimu' : 'dgmu');
    if (pattern.exec('') !== null) throw new Error('it matches the empty text');
    return pattern;
  } catch (cause) {
    throw wrongField(place, 'pattern', `is not a usable regular expression: ${messageOf(cause)}`);
  }
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

function readExamples(mapping: Mapping, field: string, atLeast: number, place: FieldPlace): readonly Example[] {
  const value = mapping[field];
  if (!Array.isArray(value) || value.length < atLeast) throw wrongField(place, field, `must be a list of ${atLeast} or more`);
  return value.map((item: unknown) => {
    if (typeof item === 'string') return { path: 'example.txt', text: item.replaceAll(breakMark, '') };
    if (!isMapping(item)) throw wrongField(place, field, 'must hold texts, or mappings with "path" and "text"');
    refuseUnknown(item, ['path', 'text'], place);
    return { path: readString(item, 'path', place), text: readString(item, 'text', place).replaceAll(breakMark, '') };
  });
}
