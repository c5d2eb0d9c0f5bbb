// The parser directives at the top of a Dockerfile (`# escape=`, `# syntax=`), and the one that secret mounts need.
import { lineEndAt, type Piece } from './words.ts';

export interface Directive {
  /** In lower case. */
  readonly name: string;
  readonly value: string;
  /** Where the value stands. */
  readonly piece: Piece;
}

const directiveForm = /^[ \t]*#[ \t]*(escape|syntax|check)[ \t]*=[ \t]*(\S(?:[^\r\n]*\S)?)[ \t]*\r?(?:\n|$)/i;

/** Reads lines for as long as they are directives: any other line, an empty one too, ends them. */
export function directivesOf(text: string): Directive[] {
  const directives: Directive[] = [];
  for (let at = topOf(text); ;) {
    const line = text.slice(at, lineEndAt(text, at));
    const found = directiveForm.exec(line);
    if (found === null) return directives;
    const start = at + line.indexOf(found[2], line.indexOf('=') + 1);
    directives.push({ name: found[1].toLowerCase(), value: found[2], piece: { start, end: start + found[2].length } });
    at += line.length;
  }
}

/** True for a line that would be taken for a directive if it stood at the top. */
export function isDirectiveLike(line: string): boolean {
  return directiveForm.test(line);
}

/** Where a directive may be put: behind a byte-order mark and a `#!` line. */
export function topOf(text: string): number {
  const start = text.startsWith('\ufeff') ? 1 : 0;
  return text.startsWith('#!', start) ? lineEndAt(text, start) : start;
}
