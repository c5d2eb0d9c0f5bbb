// What a body or a document holds besides its text, told by its first bytes: a container, a file of a known format, or something that
// cannot be read here.
import { type FormatKind, formatOf } from '../view/format/format.ts';
import { type NestedKind, nestedKindOf } from '../view/nested/nested.ts';
import { unreadableKindOf } from '../view/nested/unreadable.ts';

export type Content =
  /** `isSearched`: its own bytes were searched as those of a body before it was known to be one. */
  | { readonly kind: 'container'; readonly container: NestedKind; readonly isSearched?: true }
  | { readonly kind: 'format'; readonly format: FormatKind }
  | { readonly kind: 'unreadable'; readonly reason: 'unsupported' | 'encrypted'; readonly detail: string };

/** Undefined: its text is all there is. `head` is the first 512 bytes, or all when there are fewer; `name` the path. */
export function contentOf(head: Uint8Array, name: string): Content | undefined {
  const container = nestedKindOf(head);
  if (container !== undefined) return { kind: 'container', container };
  const format = formatOf(head, name);
  if (format !== undefined) return { kind: 'format', format };
  const unreadable = unreadableKindOf(head);
  return unreadable === undefined ? undefined : { kind: 'unreadable', reason: unreadable.reason, detail: unreadable.detail };
}
