// Annotations of a descriptor, changed in its text.
import { field, type JsonNode } from '../../model/json.ts';
import { additions, type JsonEdit, removals, replaced } from '../../model/json-edit.ts';

/** The edits after which the descriptor has these annotations, and of the others those that are not `isGone`. None when it is so already. */
export function annotationEdits(
  descriptor: JsonNode,
  wanted: Readonly<Record<string, string>>,
  isGone: (key: string) => boolean,
): readonly JsonEdit[] {
  if (descriptor.kind !== 'object') return [];
  const annotations = field(descriptor, 'annotations');
  if (annotations === undefined) return Object.keys(wanted).length === 0 ? [] : additions(descriptor, { annotations: wanted });
  if (annotations.kind !== 'object') return Object.keys(wanted).length === 0 ? [] : [replaced(annotations, wanted)];
  const { entries } = annotations;
  const isRight = (index: number) => {
    const { key, value } = entries[index];
    return value.kind === 'string' && Object.hasOwn(wanted, key) && value.value === wanted[key];
  };
  const isLeaving = (index: number) => (isGone(entries[index].key) || Object.hasOwn(wanted, entries[index].key)) && !isRight(index);
  const missing = Object.fromEntries(Object.entries(wanted).filter(([key]) => !entries.some((entry, index) => entry.key === key && isRight(index))));
  if (entries.length > 0 && entries.every((_, index) => isLeaving(index))) return [replaced(annotations, wanted)];
  return [...removals(annotations, isLeaving), ...additions(annotations, missing)];
}
