// Changes a JSON text where it is to be changed and nowhere else: order, spaces and spelling of everything else stay as they are.
import type { JsonNode } from './json.ts';
import type { Span } from './span.ts';

/** A range of the text, and the text that comes in its place. */
export interface JsonEdit {
  readonly span: Span;
  readonly text: string;
}

/** The edits may come in any order; of two that overlap the outer one is made. */
export function editedJson(bytes: Uint8Array, edits: readonly JsonEdit[]): Buffer {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const { span, text } of [...edits].sort((a, b) => a.span.start - b.span.start || b.span.end - a.span.end)) {
    if (span.start < at) continue;
    pieces.push(bytes.subarray(at, span.start), Buffer.from(text));
    at = span.end;
  }
  pieces.push(bytes.subarray(at));
  return Buffer.concat(pieces);
}

export function replaced(node: JsonNode, value: unknown): JsonEdit {
  return { span: node.span, text: JSON.stringify(value) };
}

/** Takes items of an array, or members of an object, out, each with a comma. `isGone` is asked for each index. */
export function removals(node: JsonNode, isGone: (index: number) => boolean): JsonEdit[] {
  if (node.kind !== 'array' && node.kind !== 'object') return [];
  const spans =
    node.kind === 'array'
      ? node.items.map(({ span }) => span)
      : node.entries.map(({ keySpan, value }) => ({ start: keySpan.start, end: value.span.end }));
  const kept = spans.filter((_, index) => !isGone(index));
  if (kept.length === spans.length) return [];
  // With the comma behind it; the last ones with the comma before them.
  const lastKept = spans.findLastIndex((_, index) => !isGone(index));
  return spans.flatMap((span, index): JsonEdit[] => {
    if (!isGone(index)) return [];
    if (lastKept < 0) return index === 0 ? [{ span: { start: node.span.start + 1, end: node.span.end - 1 }, text: '' }] : [];
    if (index < lastKept) return [{ span: { start: span.start, end: spans[index + 1].start }, text: '' }];
    return index === lastKept + 1 ? [{ span: { start: spans[lastKept].end, end: spans.at(-1)!.end }, text: '' }] : [];
  });
}

/** Puts members at the end of an object. */
export function additions(node: JsonNode & { readonly kind: 'object' }, members: Readonly<Record<string, unknown>>): JsonEdit[] {
  const text = Object.entries(members).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  if (text.length === 0) return [];
  const end = node.entries.at(-1)?.value.span.end ?? node.span.start + 1;
  return [{ span: { start: end, end }, text: `${node.entries.length > 0 ? ',' : ''}${text.join(',')}` }];
}
