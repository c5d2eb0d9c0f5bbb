// The names of a table's columns, from the statement that made it: tolerant, since a name that is not known costs little.

export interface TableShape {
  /** In the order of the record. */
  readonly columns: readonly string[];
  readonly hasRowid: boolean;
}

const longestStatement = 65_536;
/** SQLite's own limit. */
const mostColumns = 2000;
const closing: Readonly<Record<string, string>> = { '"': '"', "'": "'", '`': '`', '[': ']' };
const constraint = /^(?:constraint|primary|unique|check|foreign)$/i;

/** `CREATE TABLE name (...)`: of a virtual table, or what cannot be read, there are no names. */
export function tableShapeOf(statement: string): TableShape {
  const words = [...wordsOf(statement.slice(0, longestStatement))];
  const open = words.indexOf('(');
  if (open < 0 || !/^create$/i.test(words[0]) || words.slice(0, open).some((word) => /^virtual$/i.test(word))) return { columns: [], hasRowid: true };
  const { parts, tail } = partsOf(words.slice(open));
  const definitions = parts.filter(([first]) => first !== undefined && !constraint.test(first));
  // A computed column that is not stored is not in the record.
  const stored = definitions.filter((part) => !part.some((word) => /^generated$/i.test(word)) || part.some((word) => /^stored$/i.test(word)));
  const columns = stored.slice(0, mostColumns).map(([first]) => unquoted(first));
  if (!/\bwithout rowid\b/i.test(tail.join(' '))) return { columns, hasRowid: true };
  const known = new Set(columns);
  const keys = new Set(primaryKeyOf(parts).filter((name) => known.has(name)));
  return { columns: [...keys, ...columns.filter((name) => !keys.has(name))], hasRowid: false };
}

/** The parts between the commas of the outermost parentheses, and the words behind these. */
function partsOf(words: readonly string[]): { readonly parts: readonly (readonly string[])[]; readonly tail: readonly string[] } {
  const parts: string[][] = [[]];
  let depth = 0;
  for (const [i, word] of words.entries()) {
    if (word === ')') depth--;
    if (depth === 0 && i > 0) return { parts, tail: words.slice(i + 1) };
    if (word === ',' && depth === 1) parts.push([]);
    else if (depth > 0) parts.at(-1)!.push(word);
    if (word === '(') depth++;
  }
  return { parts, tail: [] };
}

/** Of a table WITHOUT ROWID these columns stand first in a record (sqlite.org/fileformat2.html, section 2.4). */
function primaryKeyOf(parts: readonly (readonly string[])[]): string[] {
  for (const part of parts) {
    const at = part.findIndex((word, i) => /^primary$/i.test(word) && /^key$/i.test(part[i + 1] ?? ''));
    if (at < 0) continue;
    if (at > 0 && !constraint.test(part[0])) return [unquoted(part[0])];
    return part
      .slice(at + 2)
      .filter((word) => !/^[(),]$|^(?:asc|desc|collate)$/i.test(word))
      .map(unquoted);
  }
  return [];
}

/** Words, quoted names and marks; comments are left out. */
function* wordsOf(statement: string): Generator<string> {
  const word = /[^\s(),"'`[]+/y;
  for (let at = 0; at < statement.length;) {
    const character = statement[at];
    const close = closing[character];
    let end = at + 1;
    if (close !== undefined) {
      // A closing mark twice is the mark itself.
      for (end = statement.indexOf(close, end); end >= 0 && close !== ']' && statement[end + 1] === close;) end = statement.indexOf(close, end + 2);
      end = end < 0 ? statement.length : end + 1;
      yield statement.slice(at, end);
    } else if (statement.startsWith('--', at)) end = endOr(statement.indexOf('\n', at), statement);
    else if (statement.startsWith('/*', at)) end = endOr(statement.indexOf('*/', at), statement) + 1;
    else if (/[(),]/.test(character)) yield character;
    else if (!/\s/.test(character)) {
      word.lastIndex = at;
      const [text] = word.exec(statement)!;
      yield text;
      end = at + text.length;
    }
    at = end;
  }
}

function endOr(index: number, statement: string): number {
  return index < 0 ? statement.length : index + 1;
}

function unquoted(word: string): string {
  const close = closing[word[0]];
  return close === undefined ? word : word.slice(1, word.endsWith(close) && word.length > 1 ? -1 : undefined).replaceAll(close + close, close);
}
