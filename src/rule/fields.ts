// Reads the fields of one YAML mapping, and says in the user's words which field of which rule of which file is wrong.
import { UnbakeError } from '../model/error.ts';

export type Mapping = Readonly<Record<string, unknown>>;

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Where a field stands, for the sentence of an error. */
export interface FieldPlace {
  readonly file: string;
  readonly ruleId: string;
}

export function wrongField(place: FieldPlace, field: string, expected: string): UnbakeError {
  return new UnbakeError('usage', `rule ${place.ruleId} in ${place.file}: field "${field}" ${expected}`, {
    hint: 'The fields of a rule are described in docs/rules-format.md; `unbake rules check DIRECTORY` lists every problem.',
  });
}

/** Throws for the first field that is not among the known ones. */
export function refuseUnknown(mapping: Mapping, known: readonly string[], place: FieldPlace): void {
  const unknown = Object.keys(mapping).find((field) => !known.includes(field));
  if (unknown !== undefined) throw wrongField(place, unknown, `is unknown; known are ${known.join(', ')}`);
}

export function readString(mapping: Mapping, field: string, place: FieldPlace): string {
  const value = mapping[field];
  if (typeof value === 'string' && value.trim() !== '') return value.trim();
  throw wrongField(place, field, value === undefined ? 'is missing' : 'must be a text that is not empty');
}

/** A missing list is empty. */
export function readStrings(mapping: Mapping, field: string, place: FieldPlace): readonly string[] {
  const value = mapping[field] ?? [];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '')) return value as string[];
  throw wrongField(place, field, 'must be a list of texts');
}

export function readWord<Word extends string>(mapping: Mapping, field: string, words: readonly Word[], place: FieldPlace): Word {
  const value = mapping[field];
  const word = words.find((known) => known === value);
  if (word !== undefined) return word;
  throw wrongField(place, field, `must be one of ${words.join(', ')}`);
}

export function readBoolean(mapping: Mapping, field: string, place: FieldPlace): boolean {
  const value = mapping[field] ?? false;
  if (typeof value === 'boolean') return value;
  throw wrongField(place, field, 'must be true or false');
}

export function readCount(mapping: Mapping, field: string, most: number, place: FieldPlace): number {
  const value = mapping[field];
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most) return value as number;
  throw wrongField(place, field, `must be a whole number from 0 to ${most}`);
}
