// Scripts of a vault, for any POSIX shell. They find the vault by their own place, so it may be moved.
import { hasUnprintable, withoutUnprintable } from './unprintable.ts';

/** A script: what it says about itself, then its commands, which find the folder of the vault in `$vault`. */
export function scriptText(about: readonly string[], commands: readonly string[]): string {
  return [
    '#!/bin/sh',
    ...about.map((line) => (line === '' ? '#' : `# ${line}`)),
    'set -eu',
    'vault=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd -P)',
    ...commands,
    '',
  ].join('\n');
}

/** Ends a script that stands in an encrypted vault: what decrypt.sh makes is a folder without decrypt.sh. */
export const encryptedGuard: readonly string[] = [
  'if [ -e "$vault/decrypt.sh" ]; then',
  "  echo 'this vault is encrypted: run  sh decrypt.sh KEY_FILE  and then the script in the folder that it names' >&2",
  '  exit 1',
  'fi',
];

/** One word of a command line, whatever is in the text but a NUL. Costs a process when something in it would steer a terminal. */
export function shellQuoted(text: string): string {
  const body = text.replace(/\n+$/, '');
  if (!hasUnprintable(body.replaceAll('\n', ''))) return quoted(text);
  // Command substitution cuts line feeds off the end, so they follow it; a format that begins with a dash is taken for an option.
  const format = body.replace(/[\\%]/g, (character) => character.repeat(2)).replace(/^-/, '\\055');
  const end = text.slice(body.length);
  return `"$(printf ${quoted(withoutUnprintable(format, octalBytes))})"${end === '' ? '' : quoted(end)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function octalBytes(character: string): string {
  return [...Buffer.from(character)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}
