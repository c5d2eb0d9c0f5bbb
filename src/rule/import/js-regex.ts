// Writes a regular expression in JavaScript, flag `u`, as rule files have it. Node 22 knows no flags for a part of an expression, so where case
// is ignored in a part only, both cases are written out.
import type { Characters, ClassItem, RegexNode } from './regex-tree.ts';
import { nodesOf } from './regex-tree.ts';

/** `secretGroup`: the number of the group that is the secret; 0: the first one that took part. All other groups capture nothing. */
export function toJsRegex(tree: RegexNode, secretGroup?: number): string {
  const mattering = [...nodesOf(tree)].filter((node) => node.kind === 'characters').filter(hasCase);
  const ignoresCase = mattering.length > 0 && mattering.every((characters) => characters.ignoresCase);
  const write = (node: RegexNode): string => {
    switch (node.kind) {
      case 'characters':
        return charactersSource(node, node.ignoresCase && !ignoresCase);
      case 'assertion':
        return node.source;
      case 'sequence':
        return node.items.map((item) => (item.kind === 'alternation' ? `(?:${write(item)})` : write(item))).join('');
      case 'alternation':
        return node.branches.map(write).join('|');
      case 'group':
        return `(${prefixOf(node.capture, secretGroup)}${write(node.inner)})`;
      case 'repeat':
        return `${isAtom(node.inner) ? write(node.inner) : `(?:${write(node.inner)})`}${quantifier(node.least, node.most)}${node.isLazy ? '?' : ''}`;
    }
  };
  return `${ignoresCase ? '(?i)' : ''}${write(tree)}`;
}

function prefixOf(capture: number | undefined, secretGroup: number | undefined): string {
  if (capture === undefined || secretGroup === undefined || (secretGroup !== 0 && secretGroup !== capture)) return '?:';
  return secretGroup !== 0 || capture === 1 ? '?<secret>' : `?<secret${capture}>`;
}

function isAtom({ kind }: RegexNode): boolean {
  return kind === 'characters' || kind === 'group';
}

function quantifier(least: number, most: number): string {
  if (most === Infinity) return least === 0 ? '*' : least === 1 ? '+' : `{${least},}`;
  if (least === 0 && most === 1) return '?';
  return least === most ? `{${least}}` : `{${least},${most}}`;
}

function hasCase({ items }: Characters): boolean {
  return items.some((item) => 'from' in item && swapped(item).length > 0);
}

/** As JavaScript writes it; with `bothCases`, the other case of each character too. */
export function charactersSource({ items: own, isNegated }: Characters, bothCases = false): string {
  const items = bothCases ? own.flatMap((item) => ('from' in item ? [item, ...swapped(item)] : [item])) : own;
  const [only] = items;
  if (items.length === 0) return isNegated ? '[^]' : '[]';
  if (items.length === 1 && !isNegated && only !== undefined) {
    if ('escape' in only) return only.escape;
    if (only.from === only.to) return signSource(only.from, /[\^$\\.*+?()[\]{}|]/);
  }
  return `[${isNegated ? '^' : ''}${items.map(itemSource).join('')}]`;
}

function itemSource(item: ClassItem): string {
  if ('escape' in item) return item.escape;
  const [from, to] = [signSource(item.from, /[\\\][^-]/), signSource(item.to, /[\\\][^-]/)];
  if (item.from === item.to) return from;
  return item.to === item.from + 1 ? from + to : `${from}-${to}`;
}

function signSource(code: number, special: RegExp): string {
  const named = { 0x09: '\\t', 0x0a: '\\n', 0x0b: '\\v', 0x0c: '\\f', 0x0d: '\\r' }[code];
  if (named !== undefined) return named;
  if (code < 0x20 || (code >= 0x7f && code <= 0xa0)) return `\\x${code.toString(16).padStart(2, '0')}`;
  const sign = String.fromCodePoint(code);
  if (code > 0x7f && !/[\p{L}\p{N}]/u.test(sign)) return `\\u{${code.toString(16)}}`;
  return special.test(sign) ? `\\${sign}` : sign;
}

/** The same letters in the other case: ASCII ranges, and single letters of other alphabets. */
function swapped(item: ClassItem): readonly ClassItem[] {
  if (!('from' in item)) return [];
  if (item.from === item.to && item.from > 0x7f) {
    const sign = String.fromCodePoint(item.from);
    const other = [sign.toLowerCase(), sign.toUpperCase()].find((text) => text !== sign && [...text].length === 1);
    return other === undefined ? [] : [{ from: other.codePointAt(0)!, to: other.codePointAt(0)! }];
  }
  const part = (first: number, last: number, by: number): readonly ClassItem[] => {
    const [from, to] = [Math.max(item.from, first), Math.min(item.to, last)];
    return from <= to ? [{ from: from + by, to: to + by }] : [];
  };
  return [...part(0x41, 0x5a, 0x20), ...part(0x61, 0x7a, -0x20)];
}
