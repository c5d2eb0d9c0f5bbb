// The instruction that a history entry tells of, in the forms that builders write it: `COPY . . # buildkit`,
// `/bin/sh -c #(nop) COPY file:3a… in /app/`, `RUN |1 TOKEN=… /bin/sh -c npm ci # buildkit`, `/bin/sh -c npm ci`.
import { printable } from '../../model/printable.ts';
import type { Instruction } from './dockerfile.ts';

export interface Told {
  /** In upper case. */
  readonly keyword: string;
  /** What follows it and its flags, white space made single. */
  readonly rest: string;
}

export function instructionTold(createdBy: string): Told {
  const text = createdBy.trim().replace(/\s*# buildkit$/, '');
  const marked = /^\S*sh -c #\(nop\)\s+/.exec(text);
  const plain = marked === null ? text : text.slice(marked[0].length);
  const keyword = /^[A-Za-z]+(?=\s|$)/.exec(plain)?.[0].toUpperCase() ?? '';
  if (marked === null && (keyword === '' || keyword === 'RUN')) return { keyword: 'RUN', rest: single(commandIn(plain.replace(/^RUN\s+/i, ''))) };
  return { keyword, rest: withoutFlags(plain.slice(keyword.length)) };
}

/** Compares with an instruction of a Dockerfile, whose secrets `mask` hides as they are hidden in the history. */
export function tells({ keyword, rest }: Told, instruction: Instruction, mask: (text: string) => string): boolean {
  return (
    instruction.keyword === keyword &&
    !instruction.isTrigger &&
    rest !== '' &&
    single(mask(printable(joined(instruction.body)))) === single(printable(rest))
  );
}

/** Without the build arguments and the shell that builders put before a command. */
function commandIn(text: string): string {
  if (!/^[|/]/.test(text)) return text;
  const shell = text.indexOf(' -c ');
  return shell === -1 ? text : text.slice(shell + ' -c '.length);
}

function withoutFlags(text: string): string {
  return single(text).replace(/^(?:--\S+ )+/, '');
}

function joined(body: string): string {
  return body.replaceAll(/[\\`][ \t]*\r?\n/g, ' ');
}

/** White space that was escaped to be printable is white space. */
function single(text: string): string {
  return text.replaceAll(/(?:\s|\\[nrt])+/g, ' ').trim();
}
