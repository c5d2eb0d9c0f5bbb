// The examples and counter-examples of a rule, as its file writes them.
import type { Example } from './definition.ts';
import { type FieldPlace, isMapping, type Mapping, readString, refuseUnknown, wrongField } from './fields.ts';

/** Stands in the middle of every example secret, so that no scanner finds one in a rule file; removed here. */
export const breakMark = '<|>';

/** Throws UnbakeError `usage` when there are fewer than `atLeast`. With 0 the list may be missing. */
export function readExamples(mapping: Mapping, field: 'examples' | 'counterExamples', atLeast: number, place: FieldPlace): readonly Example[] {
  const value = mapping[field] ?? (atLeast === 0 ? [] : undefined);
  if (!Array.isArray(value) || value.length < atLeast) throw wrongField(place, field, `must be a list of ${atLeast} or more`);
  return value.map((item: unknown) => {
    if (typeof item === 'string') return { path: 'example.txt', text: item.replaceAll(breakMark, '') };
    if (!isMapping(item)) throw wrongField(place, field, 'must hold texts, or mappings with "path" and "text"');
    refuseUnknown(item, ['path', 'text'], place);
    return { path: readString(item, 'path', place), text: readString(item, 'text', place).replaceAll(breakMark, '') };
  });
}

/** The same for whole files: mappings with `path` and `base64`. */
export function readFileExamples(
  mapping: Mapping,
  field: 'examples' | 'counterExamples',
  atLeast: number,
  place: FieldPlace,
): readonly { readonly path: string; readonly bytes: Buffer }[] {
  const value = mapping[field];
  if (!Array.isArray(value) || value.length < atLeast) throw wrongField(place, field, `must be a list of ${atLeast} or more`);
  return value.map((item: unknown) => {
    if (!isMapping(item)) throw wrongField(place, field, 'must hold mappings with "path" and "base64"');
    refuseUnknown(item, ['path', 'base64'], place);
    return { path: readString(item, 'path', place), bytes: Buffer.from(readString(item, 'base64', place).replaceAll(breakMark, ''), 'base64') };
  });
}
