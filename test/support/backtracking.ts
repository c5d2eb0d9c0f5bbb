// Proves by `recheck` that a regular expression has no exponential backtracking. Its automaton knows neither lookarounds nor long counted
// repetitions, and the whole of a pattern takes it minutes; so it is given the loops of the simplified pattern, of which there are few.
import { check } from 'recheck';
import { type Exactness, simplified } from './over-approximation.ts';

export interface Repeating {
  /** Where it stands, for messages. */
  readonly place: string;
  readonly source: string;
  readonly flags: string;
}

/** The second is asked only of loops that the first cannot prove. */
const exactnesses: readonly Exactness[] = [
  { ranges: 3, counts: 8 },
  { ranges: 5, counts: 40 },
];

/** A character that a loop can go without, so that what repeats it must fail. */
const never = '\\u{10ffff}';

const verdicts = new Map<string, Promise<string | undefined>>();

/** One sentence for each expression in which something may backtrack without end, or for which that could not be told. */
export async function exponentialOnes(expressions: readonly Repeating[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const expression of expressions) {
    let problem: string | undefined;
    for (const exactness of exactnesses) {
      problem = await problemOf(expression, exactness);
      if (problem === undefined) break;
    }
    if (problem !== undefined) found.push(`${expression.place}: ${problem}`);
  }
  return found;
}

async function problemOf({ source, flags }: Repeating, exactness: Exactness): Promise<string | undefined> {
  for (const loop of simplified(source, exactness).loops) {
    // `m` would let each line begin the search anew; in `u` alone the character that ends it can be written.
    const relevant = [...new Set([...flags.replace(/[^is]/g, ''), 'u'])].join('');
    const key = `${relevant} ${loop}`;
    if (!verdicts.has(key)) verdicts.set(key, verdictOn(loop, relevant));
    const verdict = await verdicts.get(key);
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}

async function verdictOn(loop: string, flags: string): Promise<string | undefined> {
  const result = await check(`^${loop}${never}$`, flags, { checker: 'automaton', timeout: 20_000 });
  if (result.status === 'unknown') return `${loop} could not be checked (${result.error.kind})`;
  if (result.status === 'vulnerable' && result.complexity.type === 'exponential')
    return `${loop} backtracks without end over ${result.attack.pattern}`;
  return undefined;
}

/** The regular expressions that stand as literals in a source of JavaScript or TypeScript. */
export function literalsIn(code: string, place: string): readonly Repeating[] {
  const literals = code.matchAll(/(?<=[=(,:!&|?[{;>\s])\/(?![*/ ])((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+)\/([dgimsuy]*)(?=[\s.,;)\]}]|$)/gm);
  return [...literals]
    .filter(([, source, flags]) => isExpression(source!, flags!))
    .map(([, source, flags]) => ({ place, source: source!, flags: flags! }));
}

function isExpression(source: string, flags: string): boolean {
  try {
    return new RegExp(source, flags) instanceof RegExp;
  } catch {
    return false;
  }
}
