// A Dockerfile as plain data: which instruction stands where, word by word, so that it can be edited in place and never written anew.
import { DockerfileParser } from 'dockerfile-ast';
import { UnbakeError } from '../../model/error.ts';
import { printable } from '../../model/printable.ts';
import { type Directive, directivesOf } from './directives.ts';
import { parserCopyOf } from './parser-copy.ts';
import { type Piece, unquoted, type Word, wordsOf } from './words.ts';

export interface Instruction extends Piece {
  /** In upper case; of `ONBUILD RUN ...` it is RUN, and `isTrigger` is true. */
  readonly keyword: string;
  readonly isTrigger: boolean;
  /** Counts from 1. */
  readonly line: number;
  /** Index into `stages`; -1 before the first FROM. */
  readonly stage: number;
  /** Behind the keyword, where a flag may be put. */
  readonly keywordEnd: number;
  readonly flags: readonly Word[];
  /** What follows the flags, here-documents included, as written. */
  readonly body: string;
  /** The words of the body; of the JSON form its strings, unquoted. Of RUN and other commands none. */
  readonly words: readonly Word[];
  readonly isJson: boolean;
}

export interface Stage {
  /** In lower case. */
  readonly name: string | undefined;
  /** What FROM names, as written. */
  readonly base: string;
  /** The earlier stage that it is built on. */
  readonly parent: number | undefined;
  readonly line: number;
}

export interface Dockerfile {
  readonly text: string;
  readonly escape: string;
  readonly directives: readonly Directive[];
  readonly instructions: readonly Instruction[];
  readonly stages: readonly Stage[];
}

/** Larger ones are no Dockerfiles: BuildKit itself takes no line above 64 KiB. */
const longestText = 2 ** 20;
const mostStages = 250;
const mostInstructions = 5_000;
const known = new Set(
  'ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR'.split(' '),
);
const withHereDocuments = new Set(['ADD', 'COPY', 'RUN']);
const withWords = new Set(['ADD', 'ARG', 'COPY', 'ENV', 'FROM', 'USER', 'WORKDIR']);

/** Throws UnbakeError `usage` for what is no Dockerfile. `name` is for messages. */
export function readDockerfile(text: string, name: string): Dockerfile {
  const refuse = (why: string) =>
    new UnbakeError('usage', `${printable(name)} ${why}`, { hint: 'Give the Dockerfile that the image was built from, in UTF-8.' });
  if (text.length > longestText) throw refuse(`has ${text.length} characters, more than any Dockerfile`);
  if (/[\0\ufffd]/.test(text)) throw refuse('holds bytes that are no text');
  const directives = directivesOf(text);
  const escape = directives.find((directive) => directive.name === 'escape')?.value === '`' ? '`' : '\\';

  const instructions: Instruction[] = [];
  const stages: Stage[] = [];
  for (const { piece, keywordEnd, line } of found(text, escape, refuse)) {
    const isFirst = stages.length === 0;
    const instruction = readInstruction(text, escape, piece, keywordEnd, line, stages.length - 1);
    if (isOpen(text, escape, instruction)) throw refuse(`has a here-document that does not end, in line ${line}`);
    if (!known.has(instruction.keyword)) throw refuse(`has no instruction of Dockerfiles in line ${line}`);
    if (instruction.keyword === 'FROM' && !instruction.isTrigger) {
      stages.push(stageOf(instruction, stages));
      instructions.push({ ...instruction, stage: stages.length - 1 });
    } else if (isFirst && instruction.keyword !== 'ARG') throw refuse(`has an instruction before the first FROM, in line ${line}`);
    else instructions.push(instruction);
    if (stages.length > mostStages || instructions.length > mostInstructions)
      throw refuse(`has more than ${mostStages} stages or ${mostInstructions} instructions`);
  }
  if (stages.length === 0) throw refuse('has no FROM');
  return { text, escape, directives, instructions, stages };
}

interface Found {
  readonly piece: Piece;
  readonly keywordEnd: number;
  readonly line: number;
}

function found(text: string, escape: string, refuse: (why: string) => UnbakeError): Found[] {
  const lineStarts = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
  const offset = ({ line, character }: { line: number; character: number }) => lineStarts[line] + character;
  try {
    return DockerfileParser.parse(parserCopyOf(text, escape))
      .getInstructions()
      .map((instruction) => {
        const { start, end } = instruction.getRange();
        return {
          piece: { start: offset(start), end: offset(end) },
          keywordEnd: offset(instruction.getInstructionRange().end),
          line: start.line + 1,
        };
      });
  } catch {
    throw refuse('cannot be read as a Dockerfile');
  }
}

function readInstruction(text: string, escape: string, piece: Piece, written: number, line: number, stage: number): Instruction {
  const first = text.slice(piece.start, written).toUpperCase();
  const trigger = first === 'ONBUILD' ? wordsOf(text, written, piece.end, escape).next().value : undefined;
  const keyword = trigger?.text.toUpperCase() ?? keywordOf(first, escape);
  const keywordEnd = trigger?.end ?? written;

  const flags: Word[] = [];
  for (const word of wordsOf(text, keywordEnd, piece.end, escape)) {
    if (!word.text.startsWith('--')) break;
    flags.push(word);
  }
  const bodyStart = flags.at(-1)?.end ?? keywordEnd;
  const spoken = withWords.has(keyword) ? [...wordsOf(text, bodyStart, piece.end, escape)] : [];
  const mayBeJson = (keyword === 'COPY' || keyword === 'ADD') && spoken[0]?.text.startsWith('[');
  const strings = mayBeJson ? jsonStrings(text, bodyStart, piece.end) : undefined;
  const words = strings ?? spoken;
  const body = text.slice(bodyStart, piece.end);
  return { ...piece, keyword, isTrigger: trigger !== undefined, line, stage, keywordEnd, flags, body, words, isJson: strings !== undefined };
}

/** The parser takes the rest of the file for a here-document whose end is missing. */
function isOpen(text: string, escape: string, { keyword, keywordEnd, end }: Instruction): boolean {
  if (!withHereDocuments.has(keyword) || text.slice(end).trim() !== '') return false;
  let name: string | undefined;
  for (const word of wordsOf(text, keywordEnd, end, escape)) name = /^\d*<<-?([^<]+)$/.exec(word.text)?.[1] ?? name;
  if (name === undefined) return false;
  const lastLine = text.slice(text.lastIndexOf('\n', end - 1) + 1, end);
  return lastLine.replace(/^\t+/, '').trimEnd() !== unquoted(name, escape);
}

/** A keyword may be broken by a line continuation. */
function keywordOf(written: string, escape: string): string {
  return written.replaceAll(escape, '').replace(/\s/g, '');
}

/** The strings of `["a", "b"]`, each with the place of its quotes; undefined for any other form. */
function jsonStrings(text: string, start: number, end: number): Word[] | undefined {
  const body = text.slice(start, end);
  if (!body.trimEnd().endsWith(']')) return undefined;
  const strings: Word[] = [];
  for (const { 0: literal, index } of body.matchAll(/"(?:[^"\\\n]|\\[^\n])*"/g)) {
    try {
      strings.push({ text: String(JSON.parse(literal)), start: start + index, end: start + index + literal.length });
    } catch {
      return undefined;
    }
  }
  return strings;
}

function stageOf({ words, line }: Instruction, earlier: readonly Stage[]): Stage {
  const base = words[0]?.text ?? '';
  const name = /^as$/i.test(words[1]?.text ?? '') ? words[2]?.text.toLowerCase() : undefined;
  const parent = earlier.findLastIndex((stage) => stage.name === base.toLowerCase());
  return { name, base, parent: parent === -1 ? undefined : parent, line };
}

/** Of a word: `unquoted` with the escape character of this file; strings of the JSON form are so already. */
export function valueOf(dockerfile: Dockerfile, instruction: Instruction, word: Word): string {
  return instruction.isJson ? word.text : unquoted(word.text, dockerfile.escape);
}
