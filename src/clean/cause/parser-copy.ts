// dockerfile-ast tells where instructions begin and end. In a few places it reads other than BuildKit does, so it is given a copy of
// the text, of the same length, in which those places are blank: every offset is the same in both.
import { behindContinuation } from './words.ts';

/**
 * Made blank are an escaped escape character at the end of a line (it continues nothing), `<<` that begins no here-document (inside quotes
 * or a word), the number in `3<<EOF` (it hides one), and a carriage return that ends no line. Linear.
 */
export function parserCopyOf(text: string, escape: string): string {
  const lines = text.replaceAll(/\r(?!\n)/g, ' ');
  const copy = [...blankRanges(lines, escape)].reduce(
    (made, { start, end }) => ({ text: made.text + lines.slice(made.end, start) + ' '.repeat(end - start), end }),
    { text: '', end: 0 },
  );
  return copy.text + lines.slice(copy.end);
}

function* blankRanges(text: string, escape: string): Generator<{ readonly start: number; readonly end: number }> {
  const escapedEscape = /(.)\1[ \t]*\r?\n/y;
  const comment = /[ \t]*#[^\r\n]*/y;
  const hereDocument = /(?<=\s)(\d*)<<-?[^<\s]+(?=\s|$)/y;
  let quote = '';
  let isLineStart = true;
  for (let at = 0; at < text.length;) {
    const character = text[at];
    comment.lastIndex = escapedEscape.lastIndex = hereDocument.lastIndex = at;
    const continued = behindContinuation(text, at, text.length, escape);
    if (isLineStart && comment.test(text)) at = comment.lastIndex;
    else if (continued !== at) at = continued;
    else if (character === escape && escapedEscape.test(text)) yield { start: at, end: (at += 2) };
    else if (character === escape && quote !== "'" && text[at + 1] !== '\n') at += 2;
    else {
      const number = quote === '' ? hereDocument.exec(text)?.[1] : undefined;
      if (number !== undefined) {
        if (number !== '') yield { start: at, end: at + number.length };
        at += number.length + 2;
      } else if (text.startsWith('<<', at)) yield { start: at, end: (at += 2) };
      else {
        if (character === quote) quote = '';
        else if (quote === '' && (character === '"' || character === "'")) quote = character;
        at++;
      }
    }
    isLineStart = text[at - 1] === '\n';
    if (isLineStart && continued !== at) quote = '';
  }
}
