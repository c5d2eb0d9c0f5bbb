// gitleaks' allowlists as the field `allow` of our rule files.
import { messageOf, UnbakeError } from '../../model/error.ts';
import { longestRun, mostMilliseconds } from '../adversary.ts';
import { isMapping, type Mapping } from '../fields.ts';
import { compilePattern } from '../pattern.ts';
import { parseGoRegex } from './go-regex.ts';
import { toJsRegex } from './js-regex.ts';

export interface ImportedAllowance {
  readonly allowance: Mapping;
  /** The rules that it is for, by gitleaks' ids; undefined for all. */
  readonly targetRules?: readonly string[];
}

/** What a regular expression of an allowlist is held against, and the list of ours that does the same. */
const listFor: Readonly<Record<string, 'patterns' | 'matches' | 'lines'>> = { secret: 'patterns', match: 'matches', line: 'lines' };

const knownFields = ['description', 'paths', 'regexes', 'regexTarget', 'stopwords', 'commits', 'condition', 'targetRules'];

/** Of `allowlist`, in its old form and in its new one, and of `allowlists`. One that cannot be carried over whole where all of it must hold is left out. */
export function allowancesFrom(table: Mapping, tell: (sentence: string) => void): readonly ImportedAllowance[] {
  const lists = [table['allowlist'] ?? [], table['allowlists'] ?? []].flat().filter(isMapping);
  return lists.flatMap((list) => allowanceFrom(list, tell) ?? []);
}

function allowanceFrom(list: Mapping, tell: (sentence: string) => void): ImportedAllowance | undefined {
  const lost: string[] = [];
  for (const field of Object.keys(list).filter((name) => !knownFields.includes(name))) lost.push(`the field "${field}"`);
  if (textsOf(list['commits']).length > 0) lost.push('commits, which an image does not have');
  const target = listFor[String(list['regexTarget'] || 'secret')];
  if (target === undefined) lost.push('an unknown regexTarget');

  const converted = (field: string, flags: string): string[] =>
    textsOf(list[field]).flatMap((regex) => {
      try {
        const source = toJsRegex(parseGoRegex(regex).tree);
        if (longestRun(compilePattern(source, flags), [], mostMilliseconds) > mostMilliseconds)
          throw new UnbakeError('usage', 'it would slow scans down');
        return [source];
      } catch (thrown) {
        lost.push(`one of its ${field}: ${messageOf(thrown)}`);
        return [];
      }
    });
  const paths = converted('paths', 'u').map((source) => `/${source}/`);
  const patterns = target === undefined ? [] : converted('regexes', 'mu');
  const words = textsOf(list['stopwords']);
  const needsAll = ['AND', '&&'].includes(String(list['condition']).toUpperCase());

  const isLost = needsAll && lost.length > 0;
  for (const what of lost) tell(`an allowlist${isLost ? ', left out as all of it must hold,' : ''} has ${what}: not carried over`);
  if (isLost || paths.length + patterns.length + words.length === 0) return undefined;
  const targetRules = textsOf(list['targetRules']);
  return {
    allowance: {
      ...(target === undefined || patterns.length === 0 ? {} : { [target]: patterns }),
      ...(paths.length === 0 ? {} : { paths }),
      ...(words.length === 0 ? {} : { words }),
      ...(needsAll ? { all: true } : {}),
    },
    ...(targetRules.length === 0 ? {} : { targetRules }),
  };
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string' && item !== '') : [];
}
