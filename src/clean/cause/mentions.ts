// Which files the command of a RUN names, and what it does to them. A shell's text is read roughly: one mention too many costs a
// mount that nobody reads.
import { resolved } from './image-path.ts';
import { expanded, unknown } from './variables-in-text.ts';

/** `removes` and `changes` cannot be done to a mounted secret. */
export type Deed = 'reads' | 'writes' | 'removes' | 'changes';

export interface Mention {
  /** As in image-path.ts. */
  readonly path: string;
  readonly deed: Deed;
  /** Of `removes`: `rm -f`, which does not mind that the file is not there. */
  readonly isForced: boolean;
}

const longestPath = 4096;
const removing = new Set(['rm', 'shred', 'unlink']);
const changing = new Set(['mv', 'chmod', 'chown', 'chgrp', 'touch', 'truncate']);
/** Words that may stand before the command. */
const leading = new Set(['sudo', 'exec', 'time', 'then', 'do', 'else', 'if', '!', '[', 'command', 'env']);
const pathForm = /(>>?\s*)?((?:\$\{[^}\s]{0,200}\}|[^\s`=,:@(){}<>[\]])+)/g;

/** Mentions in the text of a command that runs in `folder`. Linear in the text. */
export function mentionsIn(text: string, folder: string, escape: string, valueOf: (name: string) => string | undefined): Mention[] {
  const mentions: Mention[] = [];
  const joined = text.replaceAll(escape === '`' ? /`[ \t]*\r?\n/g : /\\[ \t]*\r?\n/g, ' ').replaceAll(/\\?["']/g, '');
  let directory = folder;
  for (const segment of joined.split(/&&|\|\||[;|\n&]/)) {
    let command = '';
    let isForced = false;
    for (const [, arrow, token] of segment.replace(/^[ \t]*(?:[A-Za-z_]\w*=\S*[ \t]+)+/, '').matchAll(pathForm)) {
      if (command === '') {
        if (!leading.has(token)) command = token;
        if (arrow === undefined) continue;
      }
      if (/^-\w*f|^--force$/.test(token)) isForced = true;
      if (token.startsWith('-') || token.length > longestPath) continue;
      const path = resolved(directory, placed(token, valueOf));
      if (command === 'cd') directory = path;
      else mentions.push({ path, deed: arrow === undefined ? deedOf(command) : 'writes', isForced });
    }
  }
  return mentions;
}

function placed(token: string, valueOf: (name: string) => string | undefined): string {
  return expanded(token, valueOf).replace(/^~[^/]*/, unknown);
}

function deedOf(command: string): Deed {
  if (removing.has(command)) return 'removes';
  if (changing.has(command)) return 'changes';
  return command === 'tee' ? 'writes' : 'reads';
}
