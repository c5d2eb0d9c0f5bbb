// The words of one instruction, read as BuildKit reads them: a line continuation joins lines, comments and empty lines between
// joined lines do not count, quotes and escapes keep white space in a word. Each word knows where it stands in the text.

/** A half-open range of characters of the Dockerfile. */
export interface Piece {
  readonly start: number;
  readonly end: number;
}

/** `text` is as written, quotes and escapes included, line continuations left out. */
export interface Word extends Piece {
  readonly text: string;
}

/** The words between two offsets, up to the first line end that is not continued. Linear in what is read. */
export function* wordsOf(text: string, start: number, end: number, escape: string): Generator<Word> {
  let word = '';
  let from = start;
  let to = start;
  let quote = '';
  for (let at = start; at < end;) {
    const continued = behindContinuation(text, at, end, escape);
    if (continued !== at) {
      at = continued;
      continue;
    }
    const character = text[at];
    if (character === '\n') break;
    if (quote === '' && /\s/.test(character)) {
      if (word !== '') yield { text: word, start: from, end: to };
      word = '';
      at++;
      continue;
    }
    const isEscape = character === escape && quote !== "'" && at + 1 < end && text[at + 1] !== '\n';
    if (word === '') from = at;
    to = at + (isEscape ? 2 : 1);
    word += text.slice(at, to);
    at = to;
    if (isEscape) continue;
    if (character === quote) quote = '';
    else if (quote === '' && (character === '"' || character === "'")) quote = character;
  }
  if (word !== '') yield { text: word.trimEnd(), start: from, end: to };
}

/** Where the text goes on when the escape character at `at` continues the line; `at` itself when it does not. */
export function behindContinuation(text: string, at: number, end: number, escape: string): number {
  if (text[at] !== escape) return at;
  const lineEnd = /[ \t]*\r?\n/y;
  lineEnd.lastIndex = at + 1;
  if (!lineEnd.test(text) || lineEnd.lastIndex > end) return at;
  const passedOver = /[ \t]*(?:#[^\n]*)?\r?\n/y;
  let behind = lineEnd.lastIndex;
  for (passedOver.lastIndex = behind; passedOver.test(text) && passedOver.lastIndex <= end;) behind = passedOver.lastIndex;
  return behind;
}

/** The value that a word stands for: without quotes and escapes. */
export function unquoted(text: string, escape: string): string {
  let value = '';
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === escape && quote !== "'" && at + 1 < text.length) value += text[++at];
    else if (character === quote) quote = '';
    else if (quote === '' && (character === '"' || character === "'")) quote = character;
    else value += character;
  }
  return value;
}

/** Behind the end of the line that `at` stands in. */
export function lineEndAt(text: string, at: number): number {
  const lineFeed = text.indexOf('\n', at);
  return lineFeed === -1 ? text.length : lineFeed + 1;
}
