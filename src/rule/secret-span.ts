// Where in a match the secret stands. The flag `d` would tell it of every match and make each three times as dear, and most matches are
// dropped for their values: the place is looked up, and only where that is not clear is the match made again.
import { type AST, RegExpParser, visitRegExpAST } from '@eslint-community/regexpp';

interface SecretGroups {
  readonly names: readonly string[];
  /** The flag `y` takes the match again, `d` tells places. */
  readonly placed: RegExp;
  /** One of them is in something that only looks: it may stand outside of the match. */
  readonly isLookedAt: boolean;
}

const known = new WeakMap<RegExp, SecretGroups>();

/** Start and end in `match.input` of the first group named `secret`, `secret2`, ... that took part, else of the whole match. */
export function secretSpan(match: RegExpExecArray, pattern: RegExp): readonly [start: number, end: number] {
  let groups = known.get(pattern);
  if (groups === undefined) known.set(pattern, (groups = secretGroupsOf(pattern)));
  const name = groups.names.find((each) => match.groups?.[each] !== undefined);
  if (name === undefined) return [match.index, match.index + match[0].length];
  const secret = match.groups![name]!;
  const first = match[0].indexOf(secret);
  if (!groups.isLookedAt && first === match[0].lastIndexOf(secret)) return [match.index + first, match.index + first + secret.length];
  groups.placed.lastIndex = match.index;
  return groups.placed.exec(match.input)!.indices!.groups![name]!;
}

function secretGroupsOf({ source, flags }: RegExp): SecretGroups {
  const names: string[] = [];
  let isLookedAt = false;
  const tree = new RegExpParser({ ecmaVersion: 2025 }).parsePattern(source, 0, source.length, { unicode: flags.includes('u') });
  visitRegExpAST(tree, {
    onCapturingGroupEnter(group) {
      if (group.name?.startsWith('secret') !== true) return;
      names.push(group.name);
      for (let part: AST.Node | null = group.parent; part !== null; part = part.parent) isLookedAt ||= part.type === 'Assertion';
    },
  });
  return { names, placed: new RegExp(source, `${flags.replace('g', '')}dy`), isLookedAt };
}
