// Every string of a JSON document, keys included, with the pointer that the scan gives it and its place in the text. A key and its value
// have one pointer in a scan, and are two strings here.
import type { MetadataDocument } from '../../model/image.ts';
import type { JsonNode } from '../../model/json.ts';
import type { Span } from '../../model/span.ts';
import { memberPointer } from '../../scan/metadata-texts.ts';

export interface MetadataString {
  readonly pointer: string;
  readonly value: string;
  readonly span: Span;
  readonly isKey?: true;
  /** The array whose item it is, and which. */
  readonly item?: { readonly array: JsonNode; readonly index: number; readonly field: string };
}

export function metadataStrings({ name, root }: MetadataDocument): readonly MetadataString[] {
  const strings: MetadataString[] = [];
  const stack: { readonly node: JsonNode; readonly pointer: string; readonly field: string; readonly item?: MetadataString['item'] }[] = [
    { node: root, pointer: name === 'config' ? '' : name, field: '' },
  ];
  while (stack.length > 0) {
    const { node, pointer, field, item } = stack.pop()!;
    if (node.kind === 'string') strings.push({ pointer, value: node.value, span: node.span, ...(item === undefined ? {} : { item }) });
    else if (node.kind === 'array')
      node.items.forEach((child, index) => stack.push({ node: child, pointer: `${pointer}[${index}]`, field, item: { array: node, index, field } }));
    else if (node.kind === 'object') {
      for (const { key, keySpan, value } of node.entries) {
        const at = memberPointer(pointer, key);
        strings.push({ pointer: at, value: key, span: keySpan, isKey: true });
        stack.push({ node: value, pointer: at, field: key });
      }
    }
  }
  return strings;
}

/** The string of a document in which a pointer of the scan stands: what was unpacked from it stands in it. */
export function stringPointer(pointer: string): string {
  return pointer.replace(/!(?:json|base64).*$/s, '');
}
