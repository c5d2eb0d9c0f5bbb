// A regular expression as a tree, in the terms of Go's RE2: what is read of it, written in JavaScript, and searched for keywords.

/** Code points from ... to; or an escape that both languages know, such as `\d` or `\p{L}`. */
export type ClassItem = { readonly from: number; readonly to: number } | { readonly escape: string };

/** One character out of a class. A literal is a class of one. */
export interface Characters {
  readonly kind: 'characters';
  readonly items: readonly ClassItem[];
  readonly isNegated: boolean;
  readonly ignoresCase: boolean;
}

export type RegexNode =
  | Characters
  | { readonly kind: 'assertion'; readonly source: string }
  | { readonly kind: 'sequence'; readonly items: readonly RegexNode[] }
  | { readonly kind: 'alternation'; readonly branches: readonly RegexNode[] }
  /** `capture`: the number of the group, from 1; undefined when it captures nothing. */
  | { readonly kind: 'group'; readonly capture?: number; readonly inner: RegexNode }
  | { readonly kind: 'repeat'; readonly inner: RegexNode; readonly least: number; readonly most: number; readonly isLazy: boolean };

/** Every node, parents first. */
export function* nodesOf(node: RegexNode): Generator<RegexNode> {
  yield node;
  switch (node.kind) {
    case 'characters':
    case 'assertion':
      return;
    case 'sequence':
      for (const item of node.items) yield* nodesOf(item);
      return;
    case 'alternation':
      for (const branch of node.branches) yield* nodesOf(branch);
      return;
    case 'group':
    case 'repeat':
      yield* nodesOf(node.inner);
  }
}
