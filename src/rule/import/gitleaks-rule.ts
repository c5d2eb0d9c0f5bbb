// One rule of gitleaks as one of ours.
import { UnbakeError } from '../../model/error.ts';
import type { Mapping } from '../fields.ts';
import { defaultReach, longestReach, shortestKeyword } from '../rule-file.ts';
import { allowancesFrom } from './gitleaks-allowlist.ts';
import { parseGoRegex } from './go-regex.ts';
import { toJsRegex } from './js-regex.ts';
import type { RegexNode } from './regex-tree.ts';
import { requiredLiterals, spanOf } from './required-literals.ts';

const knownFields = [
  'id', 'description', 'regex', 'path', 'secretGroup', 'entropy', 'keywords', 'tags', 'allowlist', 'allowlists', 'required', 'skipReport',
]; // prettier-ignore

/** Where a keyword need not stand in the match, it may stand so far away. */
const farReach = 8192;

/** The id in our form: lower-case words joined by hyphens. `index` names a rule without one. */
export function idFrom({ id }: Mapping, index: number): string {
  const words = typeof id === 'string' ? id.toLowerCase().match(/[a-z0-9]+/g) : null;
  return words?.join('-') ?? `rule-${index + 1}`;
}

/** Without severity and confidence, which gitleaks does not know. `allow`: what other parts of the file say of it. Throws for what cannot be imported. */
export function ruleFrom(table: Mapping, id: string, allow: readonly Mapping[], tell: (sentence: string) => void): Mapping {
  const { regex, path, description, secretGroup, entropy } = table;
  if (table['skipReport'] === true) throw unusable('it reports nothing itself, it is a part of another rule');
  if (typeof regex !== 'string' || regex === '') {
    throw unusable(typeof path === 'string' ? 'it asks for the names of files alone; rules here look at texts' : 'it has no regex');
  }
  const { tree, captures, asksForWholeText } = parseGoRegex(regex);
  const group = secretGroup === undefined ? 0 : Number(secretGroup);
  if (!Number.isInteger(group) || group < 0 || group > captures) throw unusable(`secretGroup ${String(secretGroup)} is no group of its regex`);
  if (asksForWholeText) tell('"^" and "\\A" in its regex stand for the start of a line, or of the part of a file that is looked at');
  const { keywords, reach } = keywordsFor(table['keywords'], tree, tell);
  if (id !== table['id']) tell(`its id was ${JSON.stringify(table['id'] ?? '')}`);
  if (table['required'] !== undefined) tell('it is found also where the rules that it requires find nothing');
  for (const field of Object.keys(table).filter((name) => !knownFields.includes(name))) tell(`the field "${field}" is not carried over`);

  const allowances = [...allowancesFrom(table, tell).map(({ allowance }) => allowance), ...allow];
  return {
    id,
    name: nameFrom(id),
    pattern: toJsRegex(tree, group),
    keywords,
    ...(reach === undefined ? {} : { reach }),
    description: typeof description === 'string' && description.trim() !== '' ? description.trim() : `What the rule ${id} of gitleaks finds.`,
    ...(typeof path === 'string' && path !== '' ? { paths: [`/${toJsRegex(parseGoRegex(path).tree)}/`] } : {}),
    ...(Number(entropy) > 0 ? { checks: [`entropy:${Number(entropy)}`] } : {}),
    ...(allowances.length === 0 ? {} : { allow: allowances }),
  };
}

function unusable(reason: string): UnbakeError {
  return new UnbakeError('usage', reason);
}

function nameFrom(id: string): string {
  const words = id.replaceAll('-', ' ');
  return words[0]!.toUpperCase() + words.slice(1);
}

/**
 * Our filter asks for a keyword of three characters near the match, gitleaks' for any keyword anywhere in the file. So the given ones are taken
 * when every match holds one of them, otherwise those that the regular expression itself asks for.
 */
function keywordsFor(given: unknown, tree: RegexNode, tell: (sentence: string) => void) {
  const named = Array.isArray(given) ? given.filter((item) => typeof item === 'string' && item !== '').map((item: string) => item.toLowerCase()) : [];
  const required = requiredLiterals(tree, 1);
  const usable = requiredLiterals(tree, shortestKeyword)[0];
  const areLongEnough = named.length > 0 && named.every((keyword) => keyword.length >= shortestKeyword);
  const standInMatch = required.some((texts) => texts.every((text) => named.some((keyword) => text.includes(keyword))));
  const span = Math.min(longestReach, spanOf(tree));
  const isFar = span > defaultReach.before;
  const reach = isFar ? { before: span, after: Math.max(span, defaultReach.after) } : undefined;
  if (areLongEnough && standInMatch) return { keywords: [...new Set(named)], reach };
  if (usable !== undefined) {
    if (areLongEnough)
      tell(`its keywords need not stand near a match; here ${usable.map((text) => JSON.stringify(text)).join(', ')} of its regex must`);
    return { keywords: usable, reach };
  }
  if (areLongEnough) {
    tell(`its keywords need not stand in a match: it is found up to ${farReach} characters away from one`);
    return { keywords: [...new Set(named)], reach: { before: Math.max(farReach, span), after: Math.max(farReach, span) } };
  }
  throw unusable(
    named.length === 0
      ? 'it has no keywords and no literal text of 3 characters that stands in every match: it would see every text of an image'
      : 'its keywords are shorter than 3 characters, and no literal text of 3 characters stands in every match',
  );
}
