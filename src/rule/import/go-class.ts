// The classes of characters that Go's regular expressions know by a name: `[:alnum:]`, `\d`, `\pL`.
import type { ClassItem } from './regex-tree.ts';

const highest = 0x10ffff;

const posixRanges: Readonly<Record<string, string>> = {
  alnum: '09AZaz', alpha: 'AZaz', ascii: '\0\x7f', blank: '\t\t  ', cntrl: '\0\x1f\x7f\x7f', digit: '09', graph: '!~', lower: 'az',
  print: ' ~', punct: '!/:@[`{~', space: '\t\r  ', upper: 'AZ', word: '09AZaz__', xdigit: '09AFaf',
}; // prettier-ignore

/** `name` without its colons; undefined for a name that Go does not know. */
export function posixClass(name: string): readonly ClassItem[] | undefined {
  const isNegated = name.startsWith('^');
  const bounds = Object.hasOwn(posixRanges, isNegated ? name.slice(1) : name) ? posixRanges[isNegated ? name.slice(1) : name]! : undefined;
  if (bounds === undefined) return undefined;
  const ranges = [...bounds]
    .map((sign) => sign.codePointAt(0)!)
    .flatMap((from, index, all) => (index % 2 === 0 ? [{ from, to: all[index + 1]! }] : []));
  return isNegated ? complement(ranges) : ranges;
}

/** `name` as in `\p{name}`, with a `^` before it for the others. Undefined when JavaScript does not know it. */
export function unicodeClass(name: string, isNegated: boolean): ClassItem | undefined {
  const isTurned = name.startsWith('^');
  const bare = isTurned ? name.slice(1) : name;
  const letter = isNegated === isTurned ? 'p' : 'P';
  if (bare === 'Any' || !/^[A-Za-z_]+$/.test(bare)) return bare === 'Any' && letter === 'p' ? { from: 0, to: highest } : undefined;
  return [`\\${letter}{${bare}}`, `\\${letter}{Script=${bare}}`].filter(isKnown).map((escape) => ({ escape }))[0];
}

function isKnown(escape: string): boolean {
  try {
    return new RegExp(escape, 'u').source !== '';
  } catch {
    return false;
  }
}

/** Of ranges in ascending order that do not touch. */
function complement(ranges: readonly { readonly from: number; readonly to: number }[]): readonly ClassItem[] {
  const starts = [0, ...ranges.map(({ to }) => to + 1)];
  const ends = [...ranges.map(({ from }) => from - 1), highest];
  return starts.map((from, index) => ({ from, to: ends[index]! })).filter(({ from, to }) => from <= to);
}
