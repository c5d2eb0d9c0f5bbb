// A rule for what the format of a file tells, such as a private key in a key store: it has no pattern, but names the find that it speaks for.
import type { RuleInfo } from '../model/rule.ts';
import { findKinds, formatOf, readFormat } from '../view/format/format.ts';
import { readFileExamples } from './examples.ts';
import { type FieldPlace, type Mapping, readString, refuseUnknown, wrongField } from './fields.ts';
import { readRuleInfo } from './rule-info.ts';

/** A whole file that the rule must tell of (or must not). */
export interface FileExample {
  readonly path: string;
  readonly bytes: Buffer;
}

export interface FormatRule {
  readonly info: RuleInfo;
  /** The kind of find, as `src/view/format` calls it. */
  readonly format: string;
  readonly examples: readonly FileExample[];
  readonly counterExamples: readonly FileExample[];
  /** The YAML file, for messages. */
  readonly file: string;
}

export const formatFieldNames = [
  'id', 'name', 'format', 'severity', 'confidence', 'description', 'advice', 'references', 'examples', 'counterExamples',
] as const; // prettier-ignore

/** Throws UnbakeError `usage` for a field that is wrong. */
export function parseFormatRule(mapping: Mapping, place: FieldPlace): FormatRule {
  refuseUnknown(mapping, formatFieldNames, place);
  const format = readString(mapping, 'format', place);
  if (!(findKinds as readonly string[]).includes(format)) throw wrongField(place, 'format', `must be one of ${findKinds.join(', ')}`);
  return {
    info: readRuleInfo(mapping, place, { advice: readString(mapping, 'advice', place), keywords: [] }),
    format,
    examples: readFileExamples(mapping, 'examples', 2, place),
    counterExamples: readFileExamples(mapping, 'counterExamples', 1, place),
    file: place.file,
  };
}

/** What `rules check` has to say of it, in sentences. */
export function* problemsOfFormatRule({ info, format, examples, counterExamples }: FormatRule): Generator<string> {
  for (const [index, example] of examples.entries()) if (!isTold(format, example)) yield `example ${index + 1} is not found`;
  for (const [index, example] of counterExamples.entries()) if (isTold(format, example)) yield `counter-example ${index + 1} is found`;
  if (!info.references.every((reference) => reference.startsWith('https://'))) yield 'every reference must be an https address';
  if (!/https:\/\//.test(info.advice)) yield 'the advice must name the page that tells how to revoke';
}

function isTold(format: string, { path, bytes }: FileExample): boolean {
  const kind = formatOf(bytes.subarray(0, 512), path);
  return kind !== undefined && readFormat(kind, bytes, path).finds.some((find) => find.kind === format);
}
