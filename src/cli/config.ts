// What `unbake.config.*` says: which rules, how they are graded, and what counts. Data only; every wrong field is named with its place.
import { UnbakeError } from '../model/error.ts';
import { defaultLimits } from '../model/limits.ts';
import { printable } from '../model/printable.ts';
import { confidences, severities, type Severity } from '../model/severity.ts';
import type { Grade } from '../rule/grading.ts';

export interface Config {
  /** As the file writes them: relative to it. */
  readonly folders: readonly string[];
  readonly enable?: readonly string[];
  readonly disable?: readonly string[];
  readonly grades: readonly Grade[];
  /** Rules as a rule file has them; they are parsed where rules are loaded. */
  readonly added: readonly unknown[];
  readonly failOn?: Severity;
  readonly severity?: Severity;
  readonly failOnIncomplete?: boolean;
  /** As `--limit` takes them. */
  readonly limits: readonly string[];
}

type Mapping = Readonly<Record<string, unknown>>;
type Read<Value> = (value: unknown, place: string) => Value;

/** `file` is how errors call it. An empty document says nothing. Throws UnbakeError `usage`. */
export function parseConfig(document: unknown, file: string): Config {
  const wrong = (place: string, expected: string): UnbakeError =>
    new UnbakeError('usage', printable(place === '' ? `${file} ${expected}` : `${file}: field "${place}" ${expected}`), {
      hint: 'docs/configuration.md describes the fields; --no-config leaves the file out.',
    });

  const mapping = (value: unknown, place: string, known?: readonly string[]): Mapping => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(place, 'must be a mapping');
    const unknown = known === undefined ? undefined : Object.keys(value).find((field) => !known.includes(field));
    if (unknown !== undefined) throw wrong(within(place, unknown), `is unknown; known are ${known!.join(', ')}`);
    return value as Mapping;
  };
  const texts: Read<readonly string[]> = (value, place) => {
    if (Array.isArray(value) && value.every((item) => typeof item === 'string' && item.trim() !== '')) return value as string[];
    throw wrong(place, 'must be a list of texts');
  };
  const truth: Read<boolean> = (value, place) => {
    if (typeof value === 'boolean') return value;
    throw wrong(place, 'must be true or false');
  };
  const oneOf =
    <Word extends string>(words: readonly Word[]): Read<Word> =>
    (value, place) => {
      const word = words.find((known) => known === value);
      if (word !== undefined) return word;
      throw wrong(place, `must be one of ${words.join(', ')}`);
    };
  const grade = ([rules, value]: [string, unknown]): Grade => {
    const place = within('rules.grade', rules);
    const fields = mapping(value, place, ['severity', 'confidence']);
    if (Object.keys(fields).length === 0) throw wrong(place, 'must hold severity, confidence or both');
    return {
      rules,
      ...given(fields, 'severity', oneOf(severities), place),
      ...given(fields, 'confidence', oneOf(confidences), place),
    };
  };
  const limit = ([name, value]: [string, unknown]): string => {
    if (/^\d+[kMG]?$/.test(String(value)) && ['string', 'number'].includes(typeof value)) return `${name}=${String(value)}`;
    throw wrong(within('limits', name), 'must be a whole number, or one with k, M or G behind it');
  };

  const top = mapping(document ?? {}, '', ['rules', 'failOn', 'severity', 'failOnIncomplete', 'limits']);
  const rules = mapping(top['rules'] ?? {}, 'rules', ['folders', 'enable', 'disable', 'grade', 'add']);
  const added = rules['add'] ?? [];
  if (!Array.isArray(added)) throw wrong('rules.add', 'must be a list of rules');
  return {
    folders: texts(rules['folders'] ?? [], 'rules.folders'),
    ...given(rules, 'enable', texts, 'rules'),
    ...given(rules, 'disable', texts, 'rules'),
    grades: Object.entries(mapping(rules['grade'] ?? {}, 'rules.grade')).map(grade),
    added,
    ...given(top, 'failOn', oneOf(severities), ''),
    ...given(top, 'severity', oneOf(severities), ''),
    ...given(top, 'failOnIncomplete', truth, ''),
    limits: Object.entries(mapping(top['limits'] ?? {}, 'limits', Object.keys(defaultLimits))).map(limit),
  };
}

/** The field under its own name, when it is there. */
function given<Name extends string, Value>(fields: Mapping, name: Name, read: Read<Value>, place: string): { readonly [Key in Name]?: Value } {
  const value = fields[name];
  return value === undefined ? {} : ({ [name]: read(value, within(place, name)) } as { readonly [Key in Name]?: Value });
}

function within(place: string, name: string): string {
  return place === '' ? name : `${place}.${name}`;
}
