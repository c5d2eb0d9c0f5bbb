// What must stand in every match of a regular expression: literal texts, one of which is always there, and how far a match may go.
import { charactersSource } from './js-regex.ts';
import { nodesOf, type RegexNode } from './regex-tree.ts';

const mostTexts = 64;
const longestText = 40;

/** Lower-case alternatives: `exact` are all texts that the node can be, each of `needed` a set of which one stands in every match. */
interface Facts {
  readonly exact?: readonly string[];
  readonly needed: readonly (readonly string[])[];
}

/** Sets of literal texts in lower case; one text of each stands in every match. The best one for a filter first. */
export function requiredLiterals(tree: RegexNode, shortest: number): readonly (readonly string[])[] {
  return setsOf(factsOf(tree))
    .filter((texts) => texts.every((text) => text.trim().length >= shortest))
    .sort((a, b) => shortestOf(b) - shortestOf(a) || a.length - b.length);
}

function setsOf({ exact, needed }: Facts): readonly (readonly string[])[] {
  return exact === undefined ? needed : [exact, ...needed];
}

function shortestOf(texts: readonly string[]): number {
  return Math.min(...texts.map((text) => text.length));
}

function factsOf(node: RegexNode): Facts {
  switch (node.kind) {
    case 'characters':
      return { ...exactly(signsOf(node)), needed: [] };
    case 'assertion':
      return { exact: [''], needed: [] };
    case 'group':
      return factsOf(node.inner);
    case 'sequence':
      return sequenceFacts(node.items.map(factsOf));
    case 'alternation':
      return alternationFacts(node.branches.map(factsOf));
    case 'repeat':
      return repeatFacts(factsOf(node.inner), node.least, node.most);
  }
}

function signsOf(node: RegexNode & { readonly kind: 'characters' }): readonly string[] | undefined {
  const signs = new Set<string>();
  for (const item of node.items) {
    if (node.isNegated || 'escape' in item || item.from < 0x20 || item.to > 0x7e || item.to - item.from > 4) return undefined;
    for (let code = item.from; code <= item.to; code++) signs.add(String.fromCodePoint(code).toLowerCase());
  }
  return signs.size > 0 && signs.size <= 4 ? [...signs] : undefined;
}

function exactly(texts: readonly string[] | undefined): { readonly exact?: readonly string[] } {
  return texts === undefined ? {} : { exact: texts };
}

/** Runs of exact items are put together as long as there are few enough of them. */
function sequenceFacts(items: readonly Facts[]): Facts {
  const needed: (readonly string[])[] = [];
  let run: readonly string[] = [''];
  let isExact = true;
  for (const item of items) {
    const longer = item.exact === undefined ? undefined : product(run, item.exact);
    if (longer !== undefined) {
      run = longer;
      continue;
    }
    isExact = false;
    needed.push(run, ...item.needed);
    run = item.exact ?? [''];
  }
  return isExact ? { exact: run, needed } : { needed: [...needed, run].filter(isTelling) };
}

function alternationFacts(branches: readonly Facts[]): Facts {
  const exacts = branches.flatMap(({ exact }) => exact ?? []);
  const isExact = branches.every(({ exact }) => exact !== undefined) && exacts.length <= mostTexts;
  const best = branches.map((branch) => setsOf(branch).toSorted((a, b) => shortestOf(b) - shortestOf(a))[0]);
  const together = best.every((set) => set !== undefined) ? [...new Set(best.flat() as string[])] : [];
  return { ...exactly(isExact ? [...new Set(exacts)] : undefined), needed: [together].filter(isTelling) };
}

function repeatFacts(inner: Facts, least: number, most: number): Facts {
  if (least === 0) return most === 1 && inner.exact !== undefined ? { exact: [...new Set(['', ...inner.exact])], needed: [] } : { needed: [] };
  let exact: readonly string[] | undefined = least === most && least <= longestText ? [''] : undefined;
  for (let count = 0; exact !== undefined && count < least; count++) exact = inner.exact === undefined ? undefined : product(exact, inner.exact);
  return { ...exactly(exact), needed: setsOf(inner).filter(isTelling) };
}

function isTelling(texts: readonly string[]): boolean {
  return texts.length > 0 && texts.length <= mostTexts && texts.every((text) => text !== '');
}

function product(heads: readonly string[], tails: readonly string[]): readonly string[] | undefined {
  if (heads.length * tails.length > mostTexts) return undefined;
  const texts = [...new Set(heads.flatMap((head) => tails.map((tail) => head + tail)))];
  return texts.some((text) => text.length > longestText) ? undefined : texts;
}

/** How long a match may reasonably be, in characters: what may go on for ever is taken for a line, or for a block of lines. */
export function spanOf(node: RegexNode): number {
  switch (node.kind) {
    case 'characters':
      return 1;
    case 'assertion':
      return 0;
    case 'group':
      return spanOf(node.inner);
    case 'sequence':
      return node.items.reduce((sum, item) => sum + spanOf(item), 0);
    case 'alternation':
      return Math.max(...node.branches.map(spanOf));
    case 'repeat': {
      const endless = holds(node.inner, '\n') && holds(node.inner, 'a') ? 8192 : holds(node.inner, 'a') ? 512 : 64;
      return node.most === Infinity ? node.least * spanOf(node.inner) + endless : node.most * spanOf(node.inner);
    }
  }
}

function holds(node: RegexNode, sign: string): boolean {
  return [...nodesOf(node)].some((each) => each.kind === 'characters' && new RegExp(charactersSource(each), 'u').test(sign));
}
